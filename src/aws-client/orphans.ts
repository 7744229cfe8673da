import { paginateDescribeClusterSnapshots } from '@aws-sdk/client-redshift'
import { paginateListSnapshots } from '@aws-sdk/client-redshift-serverless'
import { paginateListSecrets } from '@aws-sdk/client-secrets-manager'
import { missingCluster } from './redshift.ts'
import { missingServerless } from './redshift-serverless.ts'
import type { AwsContext, Kind } from './resource.ts'
import { collect, undefinedIfNotFound } from './sdk-middleware.ts'

/** Something that still exists. */
export interface Orphan {
  readonly kind: string
  readonly name: string
  readonly note: string
}

/**
 * Everything that could cost money besides the resources: what AWS created with them, and what outlives them.
 *
 * @param foreign resources of our names that are not ours: what belongs to a cluster or namespace among them is not ours either.
 */
export async function findOrphans(
  aws: AwsContext,
  foreign: readonly { kind: string }[],
): Promise<{ remaining: Orphan[]; kept: Orphan[] }> {
  aws.poll.progress?.('looking for everything that could still cost')
  const isOurs = (kind: Kind) => !foreign.some((each) => each.kind === kind)
  const found: SnapshotDays[] = []
  if (isOurs('cluster')) found.push(...(await snapshotsOfCluster(aws)))
  if (isOurs('namespace')) found.push(...(await snapshotsOfNamespace(aws)))
  const secrets = isOurs('cluster') && isOurs('namespace') ? await secretsOf(aws) : []
  const snapshots = found.map(({ name = '', retention, remaining }) => {
    const days = retention === undefined || retention < 0 ? undefined : (remaining ?? retention)
    const expiry = `AWS deletes it in ${days} days; billed per GB until then`
    const note = days === undefined ? 'never expires: billed per GB until somebody deletes it' : expiry
    return { kind: 'snapshot', name, note, expires: days !== undefined }
  })
  const ofSnapshots = (isWanted: boolean) =>
    snapshots.filter(({ expires }) => expires === isWanted).map(({ expires: _, ...orphan }) => orphan)
  return { remaining: [...ofSnapshots(false), ...secrets], kept: ofSnapshots(true) }
}

/** A snapshot and the days for which AWS keeps it; without, or with a negative number, for ever. */
interface SnapshotDays {
  readonly name: string | undefined
  readonly retention: number | undefined
  readonly remaining: number | undefined
}

/** Manual snapshots, which stay when the cluster goes. The automated ones go with it. */
async function snapshotsOfCluster({ clients, names }: AwsContext): Promise<SnapshotDays[]> {
  const client = await clients.redshift()
  const request = { ClusterIdentifier: names.cluster, SnapshotType: 'manual' }
  const pages = paginateDescribeClusterSnapshots({ client }, request)
  const found = await undefinedIfNotFound(missingCluster, () => collect(pages, ({ Snapshots }) => Snapshots))
  return (found ?? []).map((snapshot) => ({
    name: snapshot.SnapshotIdentifier,
    retention: snapshot.ManualSnapshotRetentionPeriod,
    remaining: snapshot.ManualSnapshotRemainingDays,
  }))
}

async function snapshotsOfNamespace({ clients, names }: AwsContext): Promise<SnapshotDays[]> {
  const client = await clients.redshiftServerless()
  const pages = paginateListSnapshots({ client }, { namespaceName: names.namespace })
  const found = await undefinedIfNotFound(missingServerless, () => collect(pages, ({ snapshots }) => snapshots))
  return (found ?? []).map((snapshot) => ({
    name: snapshot.snapshotName,
    retention: snapshot.snapshotRetentionPeriod,
    remaining: snapshot.snapshotRemainingDays,
  }))
}

/** The secrets that Redshift manages for the administrator, except those being deleted. They are never read. */
async function secretsOf({ clients, names, settings }: AwsContext): Promise<Orphan[]> {
  const client = await clients.secretsManager()
  // The whole name: a prefix would also match a warehouse whose identifier begins the same.
  const name = `redshift!${names.cluster}-${settings.user}`
  const pages = paginateListSecrets({ client }, { Filters: [{ Key: 'name', Values: [name] }] })
  const found = await collect(pages, ({ SecretList }) => SecretList)
  const note = 'AWS deletes it with its warehouse; $0.40 a month until then'
  return found
    .filter(({ Name, DeletedDate }) => Name === name && DeletedDate === undefined)
    .map(() => ({ kind: 'secret', name, note }))
}
