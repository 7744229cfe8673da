import { refusal } from '../errors.ts'
import { type CallObserver, observeCalls } from './sdk-middleware.ts'

export interface ClientOptions {
  readonly region: string
  /** Profile of the AWS command line; undefined: the default chain. */
  readonly profile?: string | undefined
  /** Sees every call. */
  readonly observer?: CallObserver | undefined
  /** Where AWS_… and CREDS__… are looked up: the process's own. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined
}

/** The services; each client is created, and its SDK package loaded, when it is first asked for. */
export type AwsClients = ReturnType<typeof openClients>

type CredentialProvider = () => Promise<{
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
  expiration?: Date
}>

/** Attempts at one call before it counts as failed; AWS_MAX_ATTEMPTS says otherwise. Waits grow from a tenth of a second to some seconds. */
const attempts = 5
const timeouts = { connectionTimeout: 5_000, requestTimeout: 60_000, throwOnRequestTimeout: true }

/** The one place where clients are made. Nothing is loaded and nothing is asked yet. */
export function openClients(options: ClientOptions) {
  const { region, profile, observer, environment = process.env } = options
  const opened: { destroy(): void }[] = []
  const settings = lazily(() => clientSettings(options))
  const ready = <Client extends Parameters<typeof observeCalls>[0] & { destroy(): void }>(
    service: string,
    client: Client,
  ) => {
    opened.push(client)
    return observeCalls(client, service, observer)
  }
  return {
    region,
    profile: profile || environment.AWS_PROFILE,
    sts: lazily(async () => {
      const [{ STSClient }, { stsVerbs }] = await Promise.all([import('@aws-sdk/client-sts'), import('./sts.ts')])
      return stsVerbs(ready('sts', new STSClient(await settings())))
    }),
    iam: lazily(async () => {
      const [{ IAMClient }, { iamVerbs }] = await Promise.all([import('@aws-sdk/client-iam'), import('./iam.ts')])
      return iamVerbs(ready('iam', new IAMClient(await settings())))
    }),
    s3: lazily(async () => {
      const [{ S3Client }, { s3Verbs }] = await Promise.all([import('@aws-sdk/client-s3'), import('./s3.ts')])
      return s3Verbs(ready('s3', new S3Client({ ...(await settings()), ...s3Settings(environment) })), region)
    }),
    ec2: lazily(async () => {
      const [{ EC2Client }, { ec2Verbs }] = await Promise.all([import('@aws-sdk/client-ec2'), import('./ec2.ts')])
      return ec2Verbs(ready('ec2', new EC2Client(await settings())))
    }),
    redshift: lazily(async () => {
      const [{ RedshiftClient }, { redshiftVerbs }] = await Promise.all([
        import('@aws-sdk/client-redshift'),
        import('./redshift.ts'),
      ])
      return redshiftVerbs(ready('redshift', new RedshiftClient(await settings())))
    }),
    redshiftServerless: lazily(async () => {
      const [{ RedshiftServerlessClient }, { redshiftServerlessVerbs }] = await Promise.all([
        import('@aws-sdk/client-redshift-serverless'),
        import('./redshift-serverless.ts'),
      ])
      return redshiftServerlessVerbs(ready('redshift-serverless', new RedshiftServerlessClient(await settings())))
    }),
    secretsManager: lazily(async () => {
      const [{ SecretsManagerClient }, { secretsManagerVerbs }] = await Promise.all([
        import('@aws-sdk/client-secrets-manager'),
        import('./secrets-manager.ts'),
      ])
      return secretsManagerVerbs(ready('secretsmanager', new SecretsManagerClient(await settings())))
    }),
    /** Closes the connections that are kept alive, so that the process can end. */
    close() {
      for (const client of opened) client.destroy()
    },
  }
}

/**
 * Settings that every SDK client is made with: region, credentials, attempts, timeouts. Endpoint (AWS_ENDPOINT_URL) and retry mode
 * (AWS_RETRY_MODE, by default `standard`) are the SDK's own affair: it reads them itself.
 */
export async function clientSettings({ region, profile, environment = process.env }: ClientOptions) {
  // Its advice is about versions that are not the ones pinned here, and would stand between our lines.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
  const credentials = await findProvider(profile, environment)
  return {
    region,
    requestHandler: timeouts,
    ...(environment.AWS_MAX_ATTEMPTS === undefined && { maxAttempts: attempts }),
    ...(credentials !== undefined && { credentials }),
  }
}

/** What S3's client needs beside `clientSettings`. Path style where a server of its own is named: its host has no names for buckets. */
export function s3Settings(environment: Readonly<Record<string, string | undefined>> = process.env) {
  const isOwnEndpoint = (environment.AWS_ENDPOINT_URL_S3 ?? environment.AWS_ENDPOINT_URL) !== undefined
  return { followRegionRedirects: true, forcePathStyle: isOwnEndpoint }
}

/**
 * Where credentials come from, in this order: the profile of the config; AWS_ACCESS_KEY_ID in the environment; CREDS__AWS_UDACITY__KEY
 * and CREDS__AWS_UDACITY__SECRET, as the project this one replaces had them; the default chain (AWS_PROFILE, SSO, files, the
 * machine's role). Undefined: the default chain, which each client knows.
 */
async function findProvider(
  profile: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<CredentialProvider | undefined> {
  if (profile !== undefined && profile !== '') {
    const { fromIni } = await import('@aws-sdk/credential-providers')
    return fromIni({ profile })
  }
  const { CREDS__AWS_UDACITY__KEY: key, CREDS__AWS_UDACITY__SECRET: secret } = environment
  if (environment.AWS_ACCESS_KEY_ID || (!key && !secret)) return undefined
  if (!key || !secret)
    throw refusal(
      `Only one of CREDS__AWS_UDACITY__KEY and CREDS__AWS_UDACITY__SECRET is set; ${key ? 'the secret' : 'the key'} is missing.`,
      'Set both in the environment or in .env, or neither to use the credentials of the AWS command line.',
    )
  return async () => ({ accessKeyId: key, secretAccessKey: secret })
}

/** Makes a thing when it is first asked for, and the same one from then on. A failure is not kept. */
function lazily<Thing>(make: () => Promise<Thing>): () => Promise<Thing> {
  let made: Promise<Thing> | undefined
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined
      throw error
    })
    return made
  }
}
