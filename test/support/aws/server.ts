import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Call, type Core, dispatch, type Identity } from './dispatch.ts'
import { Faults } from './faults.ts'
import { type Leftover, remainingIn } from './remaining.ts'
import { Bucket, type BucketOptions } from './s3-bucket.ts'
import { AwsState, defaultPolls, type Polls, type Settings } from './state.ts'

export interface AwsDoubleOptions extends Partial<Omit<Settings, 'polls'>> {
  polls?: Partial<Polls>
  /** 0, the default, takes a free one. */
  port?: number
  /** IAM actions the caller may not use: `iam:CreateRole`, or `s3:*`. */
  deny?: readonly string[]
  /** Further access keys. The one in `environment` is always known. */
  identities?: Readonly<Record<string, Identity>>
  /** What is wrong with the access key in `environment`. */
  credentialProblem?: Identity['problem']
}

/** A running double of AWS. */
export interface AwsDouble {
  url: string
  state: AwsState
  calls: Call[]
  faults: Faults
  /** Access keys by id; tests may add to it or spoil them. */
  identities: Map<string, Identity>
  /** What a child process needs to talk to the double and to nothing else. */
  environment: Record<string, string>
  /** Makes a bucket that was there before: a folder's files as objects, or objects given. A public one belongs to another account unless `owner` says otherwise. */
  seedBucket(name: string, options?: Partial<BucketOptions>): Bucket
  /** Everything the callers have left. */
  remaining(): Leftover[]
  close(): Promise<void>
}

/** Starts a double on a port of this machine. */
export async function startAwsDouble(options: AwsDoubleOptions = {}): Promise<AwsDouble> {
  const { port = 0, deny = [], identities: given = {}, credentialProblem, polls, ...settings } = options
  const state = new AwsState({
    account: '123456789012',
    region: 'us-west-2',
    network: 'default',
    endpoint: undefined,
    dataApi: undefined,
    serviceLinkedRole: false,
    clusterOutcome: 'available',
    pausedClusterCanBeDeleted: true,
    ...settings,
    polls: { ...defaultPolls, ...polls },
  })
  for (const action of deny) state.denied.add(action)
  const accessKeyId = 'AKIADOUBLE0123456789'
  // Not a secret of anyone's, but long and odd enough to be found wherever it leaks to.
  const secretAccessKey = `canary/${state.hex(33)}`
  state.canaries.add(secretAccessKey)
  const identities = new Map<string, Identity>(Object.entries(given))
  identities.set(accessKeyId, {
    arn: `arn:aws:iam::${state.settings.account}:user/sparkify`,
    userId: 'AIDADOUBLE0123456789',
    ...(credentialProblem !== undefined && { problem: credentialProblem }),
  })
  const faults = new Faults()
  const calls: Call[] = []
  const core: Core = { state, identities, faults, calls }
  const server = createServer((request, response) => {
    dispatch(core, request, response).catch((error: unknown) => {
      // The caller was killed while it was still sending.
      if (request.destroyed && !request.complete) return
      // A bug in the double itself: loud, and never to be mistaken for AWS.
      console.error(error)
      if (!response.headersSent) response.writeHead(599)
      response.end(String(error))
    })
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    state,
    calls,
    faults,
    identities,
    environment: {
      AWS_ENDPOINT_URL: url,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_REGION: state.settings.region,
      AWS_DEFAULT_REGION: state.settings.region,
      AWS_EC2_METADATA_DISABLED: 'true',
      // No profile of the developer's must reach a test.
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    },
    seedBucket(name, { region = state.settings.region, owner, ...bucketOptions } = {}) {
      const bucketOwner = owner ?? (bucketOptions.public === true ? '999999999999' : state.settings.account)
      const bucket = new Bucket(name, 'seeded', { region, owner: bucketOwner, ...bucketOptions })
      state.buckets.set(name, bucket)
      return bucket
    },
    remaining: () => remainingIn(state),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}
