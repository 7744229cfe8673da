/** A double of AWS: an HTTP server that speaks the wire protocols to unmodified SDK clients. */
export type { FaultKind } from './faults.ts'
export { settle } from './lifecycle.ts'
export { refusedAssumption, roleAllows } from './policy.ts'
export { type AwsDouble, type AwsDoubleOptions, startAwsDouble } from './server.ts'
