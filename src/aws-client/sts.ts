import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts'

export { STSClient as Client } from '@aws-sdk/client-sts'

/** Who is calling. */
export interface Caller {
  readonly account: string
  readonly arn: string
  /** `aws`, `aws-cn`, `aws-us-gov`. */
  readonly partition: string
}

/** STS: who am I. */
export function verbs(client: STSClient) {
  return {
    /** The access key that calls are signed with. Found on this machine or, for a sign-in or a role of the machine, asked of its provider. */
    async findAccessKey(): Promise<string> {
      return (await client.config.credentials()).accessKeyId
    },
    async findCaller(): Promise<Caller> {
      const { Account: account = '', Arn: arn = '' } = await client.send(new GetCallerIdentityCommand({}))
      return { account, arn, partition: arn.split(':')[1] ?? 'aws' }
    },
  }
}
