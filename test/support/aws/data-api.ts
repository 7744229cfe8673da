import type { DataApi } from '../redshift/data-api.ts'
import { AwsError } from './errors.ts'
import { type Params, text } from './params.ts'
import { type CallContext, type Handler, jsonService } from './protocols.ts'

/** The Data API: who asks and for which warehouse; the engine of the other double answers. */
const answered =
  (answer: (api: DataApi, params: Params) => unknown): Handler =>
  (params, context) => {
    const { dataApi } = context.state.settings
    if (dataApi === undefined) throw new Error('the double has no engine behind its Data API')
    verifyTarget(params, context)
    return answer(dataApi, params)
  }

function verifyTarget(params: Params, { region }: CallContext): void {
  const [cluster, workgroup, secret] = ['ClusterIdentifier', 'WorkgroupName', 'SecretArn'].map((name) =>
    text(params, name),
  )
  if (cluster !== undefined && region.clusters.get(cluster)?.status !== 'available')
    throw new AwsError('ValidationException', `Redshift endpoint doesn't exist in this region.`)
  if (workgroup !== undefined && region.workgroups.get(workgroup)?.status !== 'AVAILABLE')
    throw new AwsError('ValidationException', `Redshift endpoint doesn't exist in this region.`)
  if (secret !== undefined && !region.secrets.has(secret))
    throw new AwsError('ValidationException', `Secret ${secret} can't be found.`)
}

export const redshiftData = jsonService('redshift-data', {
  BatchExecuteStatement: answered((api, params) => api.submit(params)),
  DescribeStatement: answered((api, params) => api.describe(params)),
  GetStatementResult: answered((api, params) => api.result(params)),
  CancelStatement: answered((api, params) => api.cancel(params)),
})
