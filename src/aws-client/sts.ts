import type { STS } from '@aws-sdk/client-sts'

/** Who is calling. */
export interface Caller {
  readonly account: string
  readonly arn: string
  /** `aws`, `aws-cn`, `aws-us-gov`. */
  readonly partition: string
}

export async function findCaller(sts: STS): Promise<Caller> {
  const { Account: account = '', Arn: arn = '' } = await sts.getCallerIdentity({})
  return { account, arn, partition: arn.split(':')[1] ?? 'aws' }
}
