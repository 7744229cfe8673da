import type { SourcePrefix } from './settings.ts'

interface PolicyStatement {
  readonly Sid?: string
  readonly Effect: 'Allow' | 'Deny'
  readonly Principal?: '*' | { readonly Service: readonly string[] }
  readonly Action: string | readonly string[]
  readonly Resource?: string | readonly string[]
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>
}

export interface PolicyDocument {
  readonly Version: '2012-10-17'
  readonly Statement: readonly PolicyStatement[]
}

/**
 * Allows both Redshift services to assume the role, for this account only. There is no `aws:SourceArn`: every documented form of it made
 * COPY on serverless fail with "Not authorized to get credentials of role".
 */
export function warehouseTrust(accountId: string): PolicyDocument {
  return policy({
    Effect: 'Allow',
    Principal: { Service: ['redshift.amazonaws.com', 'redshift-serverless.amazonaws.com'] },
    Action: 'sts:AssumeRole',
    Condition: { StringEquals: { 'aws:SourceAccount': accountId } },
  })
}

/** True if a trust policy, as AWS shows it, allows a service such as `redshift.amazonaws.com` to assume the role. Ignores conditions. */
export function trusts(trust: unknown, service: string): boolean {
  const statements = [(trust as { Statement?: unknown } | undefined)?.Statement ?? []].flat() as {
    Effect?: string
    Principal?: '*' | { Service?: string | string[] }
  }[]
  return statements.some(
    ({ Effect, Principal }) =>
      Effect === 'Allow' && Principal !== '*' && [Principal?.Service ?? []].flat().includes(service),
  )
}

/** Allows Redshift's scheduler to assume the role: the documentation names one service, the console's role the other. Has no condition: it is not documented whether the scheduler names its account, and a pause that fails silently would be useless. */
export function schedulerTrust(): PolicyDocument {
  return policy({
    Effect: 'Allow',
    Principal: { Service: ['scheduler.redshift.amazonaws.com', 'redshift.amazonaws.com'] },
    Action: 'sts:AssumeRole',
  })
}

/** Allows pausing one cluster, nothing else. */
export function pausePolicy(clusterArn: string): PolicyDocument {
  return policy({ Sid: 'Pause', Effect: 'Allow', Action: 'redshift:PauseCluster', Resource: clusterArn })
}

/** Allows reading the source prefixes and the control bucket, and decrypting with the one key of the source, nothing else. */
export function readPolicy(options: {
  readonly partition: string
  readonly sources: readonly SourcePrefix[]
  readonly controlBucket: string
  readonly kmsKey?: string | undefined
}): PolicyDocument {
  const { partition, sources, controlBucket, kmsKey } = options
  // COPY lists before it reads. `prefix*` also matches the bare prefix, which ends with `/`.
  const patterns = [...sources, { bucket: controlBucket, prefix: '' }].map(({ bucket, prefix }) => ({
    arn: `arn:${partition}:s3:::${bucket}`,
    pattern: `${prefix}*`,
  }))
  const buckets = [...new Set(patterns.map(({ arn }) => arn))]
  const allow = (Sid: string, Action: string, Resource: string | readonly string[]) =>
    ({ Sid, Effect: 'Allow', Action, Resource }) as const
  const lists = buckets.map((bucket, index) => {
    const prefixes = patterns.filter(({ arn }) => arn === bucket).map(({ pattern }) => pattern)
    const statement = allow(`List${index + 1}`, 's3:ListBucket', bucket)
    return prefixes.includes('*') ? statement : { ...statement, Condition: { StringLike: { 's3:prefix': prefixes } } }
  })
  const objects = patterns.map(({ arn, pattern }) => `${arn}/${pattern}`)
  return policy(
    ...lists,
    allow('Locate', 's3:GetBucketLocation', buckets),
    allow('Read', 's3:GetObject', objects),
    ...(kmsKey === undefined ? [] : [allow('Decrypt', 'kms:Decrypt', kmsKey)]),
  )
}

/** Denies every access to a bucket without TLS. */
export function tlsOnlyPolicy(partition: string, bucket: string): PolicyDocument {
  const arn = `arn:${partition}:s3:::${bucket}`
  return policy({
    Sid: 'OnlyTls',
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:*',
    Resource: [arn, `${arn}/*`],
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  })
}

export function policy(...statements: readonly PolicyStatement[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: statements }
}
