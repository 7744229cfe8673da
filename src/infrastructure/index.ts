/** Creates, describes, pauses and removes what Redshift needs in AWS. */
export type { InfrastructureSettings } from '../aws-client/settings.ts'
export { createInfrastructure, parseTtl } from './create.ts'
export { describeInfrastructure, type InfrastructureStatus } from './describe.ts'
export { destroyInfrastructure, parseFinalSnapshot, renderReceipt } from './destroy.ts'
export { verifyNoGivenHost } from './given-warehouse.ts'
export { changePause, planPause, verifyPausable } from './pause-resume.ts'
export { planCreation, planDestruction, renderPlan } from './plan.ts'
export { type AwsTask, type InfrastructureEffects, inAws, withAws } from './with-aws.ts'
