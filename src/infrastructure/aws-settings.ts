import type { InfrastructureSettings, SourcePrefix } from '../aws-client/settings.ts'
import type { Config } from '../config.ts'
import { refusal } from '../errors.ts'
import { givenHost } from './given-warehouse.ts'

/** True if the config names an existing warehouse, which is used but never created or removed. */
export function usesGivenHost({ values }: Pick<Config, 'values'>): boolean {
  return (values.CLUSTER?.HOST ?? '') !== ''
}

/** @throws UserError (exit code 2) if the config names an existing warehouse: we neither create nor remove it. */
export function verifyNoGivenHost(config: Pick<Config, 'values'>): void {
  if (!usesGivenHost(config)) return
  throw refusal(
    `HOST in [CLUSTER] names ${givenHost(config).host}: that warehouse is used as it is and never created or removed.`,
    'Remove HOST from the config to use a warehouse that create-infrastructure creates.',
  )
}

/** The infrastructure that the config asks for. */
export function infrastructureSettings(config: Config): InfrastructureSettings {
  const { DWH = {}, IAM_ROLE = {}, NETWORK = {}, S3 = {}, SERVERLESS = {} } = config.values
  const number = (text: string | undefined) => Number(text)
  return {
    engine: config.engine === 'redshift-serverless' ? 'redshift-serverless' : 'redshift',
    region: config.region,
    identifier: DWH.DWH_CLUSTER_IDENTIFIER ?? '',
    roleName: DWH.DWH_IAM_ROLE_NAME || undefined,
    roleArn: IAM_ROLE.ARN || undefined,
    database: DWH.DWH_DB ?? '',
    user: DWH.DWH_DB_USER ?? '',
    port: number(DWH.DWH_PORT),
    sources: Object.values(config.sources).flatMap((location): SourcePrefix[] =>
      location.kind === 's3' ? [location] : [],
    ),
    kmsKey: S3.KMS_KEY || undefined,
    vpcId: NETWORK.VPC_ID,
    subnetIds: NETWORK.SUBNET_IDS?.split(/\s*,\s*/),
    cluster: {
      type: DWH.DWH_CLUSTER_TYPE === 'multi-node' ? 'multi-node' : 'single-node',
      nodes: number(DWH.DWH_NUM_NODES),
      nodeType: DWH.DWH_NODE_TYPE ?? '',
    },
    serverless: {
      baseCapacity: number(SERVERLESS.BASE_RPU),
      maxCapacity: number(SERVERLESS.MAX_RPU),
      dailyLimit: number(SERVERLESS.DAILY_RPU_HOURS),
    },
  }
}
