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

type SdkClient = Parameters<typeof observeCalls>[0] & { destroy(): void }

/** How often one call is tried, unless AWS_MAX_ATTEMPTS says otherwise. Pauses grow from a tenth of a second to some seconds. */
const attempts = 5
const timeouts = { connectionTimeout: 5_000, requestTimeout: 60_000, throwOnRequestTimeout: true }

/** The only place where clients are created. Loads nothing and calls nothing yet. */
export function openClients(options: ClientOptions) {
  const { region, profile, observer, environment = process.env } = options
  const opened: { destroy(): void }[] = []
  const settings = lazily(() => clientSettings(options))
  const open = <Client extends SdkClient>(
    service: string,
    load: () => Promise<new (settings: Awaited<ReturnType<typeof clientSettings>>) => Client>,
    more: Partial<ReturnType<typeof s3Settings>> = {},
  ) =>
    lazily(async () => {
      const Client = await load()
      const client = new Client({ ...(await settings()), ...more })
      opened.push(client)
      return observeCalls(client, service, observer)
    })
  const openData = open('redshift-data', async () => (await import('@aws-sdk/client-redshift-data')).RedshiftData)
  const loadServerless = async () => (await import('@aws-sdk/client-redshift-serverless')).RedshiftServerless
  const loadSecrets = async () => (await import('@aws-sdk/client-secrets-manager')).SecretsManager
  return {
    region,
    profile: profile || environment.AWS_PROFILE,
    sts: open('sts', async () => (await import('@aws-sdk/client-sts')).STS),
    iam: open('iam', async () => (await import('@aws-sdk/client-iam')).IAM),
    s3: open('s3', async () => (await import('@aws-sdk/client-s3')).S3, s3Settings(environment)),
    redshift: open('redshift', async () => (await import('@aws-sdk/client-redshift')).Redshift),
    redshiftData: async () => (await import('./redshift-data.ts')).dataService(await openData()),
    redshiftServerless: open('redshift-serverless', loadServerless),
    secretsManager: open('secretsmanager', loadSecrets),
    /** Closes the connections that are kept alive, so that the process can end. */
    close() {
      for (const client of opened) client.destroy()
    },
  }
}

/**
 * Settings of every SDK client: region, credentials, attempts, timeouts. The SDK itself reads the endpoint (AWS_ENDPOINT_URL) and the
 * retry mode (AWS_RETRY_MODE, by default `standard`).
 */
export async function clientSettings({ region, profile, environment = process.env }: ClientOptions) {
  // The lockfile pins an SDK that runs on every supported Node, so its warning would only confuse.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'
  const credentials = await findProvider(profile, environment)
  return {
    region,
    requestHandler: timeouts,
    ...(environment.AWS_MAX_ATTEMPTS === undefined && { maxAttempts: attempts }),
    ...(credentials !== undefined && { credentials }),
  }
}

/** Further settings of S3's client. Other servers than AWS's get the bucket in the path: their host has no names for buckets. */
export function s3Settings(environment: Readonly<Record<string, string | undefined>> = process.env) {
  const isOwnEndpoint = (environment.AWS_ENDPOINT_URL_S3 ?? environment.AWS_ENDPOINT_URL) !== undefined
  return { followRegionRedirects: true, forcePathStyle: isOwnEndpoint }
}

/**
 * Where credentials come from, in this order: the profile of the config; AWS_ACCESS_KEY_ID in the environment; CREDS__AWS_UDACITY__KEY
 * and CREDS__AWS_UDACITY__SECRET, which older configs use; the default chain (AWS_PROFILE, SSO, files, the
 * machine's role). Undefined: the default chain, which each client knows.
 */
async function findProvider(profile: string | undefined, environment: Readonly<Record<string, string | undefined>>) {
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

/** Creates a thing when it is first asked for and answers with the same one from then on. */
function lazily<Thing>(make: () => Promise<Thing>): () => Promise<Thing> {
  let made: Promise<Thing> | undefined
  return () => {
    made ??= make()
    return made
  }
}
