import { AwsError } from './errors.ts'
import { begin, poll } from './lifecycle.ts'
import { integer, type Params, page, required, tagList, tags, text } from './params.ts'
import type { CallContext } from './protocols.ts'
import { clusterOf, refuseUnlessAvailable } from './redshift-shapes.ts'
import { validateIdentifier, validateRetention } from './redshift-validation.ts'
import type { Cluster, Snapshot } from './types.ts'
import type { XmlValue } from './xml.ts'

/** A manual snapshot, which outlives its cluster and is billed until someone deletes it or its retention ends. */
export function addSnapshot(
  { state, region }: CallContext,
  cluster: Cluster,
  identifier: string,
  retention: number,
): Snapshot {
  const snapshot: Snapshot = {
    identifier,
    arn: state.arn('redshift', region.name, `snapshot:${cluster.identifier}/${identifier}`),
    source: cluster.identifier,
    kind: 'manual',
    status: 'creating',
    createdAt: new Date(),
    retention,
    adminUsername: cluster.masterUsername,
    // No document says that a snapshot inherits the tags of its cluster: nobody should count on it.
    tags: [],
    pending: undefined,
  }
  region.snapshots.set(identifier, snapshot)
  begin(snapshot, state.settings.polls.snapshotAvailable, () => {
    snapshot.status = 'available'
  })
  return snapshot
}

function describeSnapshot(snapshot: Snapshot): XmlValue {
  return {
    SnapshotIdentifier: snapshot.identifier,
    ClusterIdentifier: snapshot.source,
    SnapshotArn: snapshot.arn,
    SnapshotCreateTime: snapshot.createdAt,
    SnapshotType: snapshot.kind,
    Status: snapshot.status,
    MasterUsername: snapshot.adminUsername,
    ManualSnapshotRetentionPeriod: snapshot.retention,
    ManualSnapshotRemainingDays: snapshot.retention,
    TotalBackupSizeInMegaBytes: 12,
    Encrypted: true,
    Tags: { Tag: tagList(snapshot.tags) },
  }
}

export function createClusterSnapshot(params: Params, context: CallContext): XmlValue {
  const identifier = required(params, 'SnapshotIdentifier')
  validateIdentifier('SnapshotIdentifier', identifier)
  const cluster = clusterOf(params, context.region)
  if (context.region.snapshots.has(identifier))
    throw new AwsError('ClusterSnapshotAlreadyExists', `Snapshot ${identifier} already exists.`)
  const retention = integer(params, 'ManualSnapshotRetentionPeriod')
  validateRetention(retention)
  refuseUnlessAvailable(cluster, `The cluster ${cluster.identifier} must be available to take a snapshot of it.`)
  const snapshot = addSnapshot(context, cluster, identifier, retention ?? cluster.manualSnapshotRetention)
  snapshot.tags = tags(params, 'Tags')
  // A snapshot just taken keeps its cluster busy a little longer than the status says (seen live in August 2026).
  cluster.busyDeletes = 1
  return { Snapshot: describeSnapshot(snapshot) }
}

export function describeClusterSnapshots(params: Params, { region }: CallContext): XmlValue {
  const identifier = text(params, 'SnapshotIdentifier')
  const cluster = text(params, 'ClusterIdentifier')
  const kind = text(params, 'SnapshotType')
  for (const snapshot of region.snapshots.values()) poll(snapshot)
  const found = [...region.snapshots.values()].filter(
    (snapshot) =>
      (identifier === undefined || snapshot.identifier === identifier) &&
      (cluster === undefined || snapshot.source === cluster) &&
      (kind === undefined || snapshot.kind === kind),
  )
  if (identifier !== undefined && found.length === 0)
    throw new AwsError('ClusterSnapshotNotFound', `Snapshot ${identifier} not found.`, 404)
  const { items, next } = page(found, integer(params, 'MaxRecords') ?? 100, text(params, 'Marker'))
  return { Snapshots: { Snapshot: items.map(describeSnapshot) }, Marker: next }
}

export function deleteClusterSnapshot(params: Params, { region }: CallContext): XmlValue {
  const identifier = required(params, 'SnapshotIdentifier')
  const snapshot = region.snapshots.get(identifier)
  if (snapshot === undefined) throw new AwsError('ClusterSnapshotNotFound', `Snapshot ${identifier} not found.`, 404)
  if (snapshot.kind === 'automated')
    throw new AwsError('InvalidClusterSnapshotState', 'Cannot delete a snapshot of type automated.')
  if (snapshot.status === 'creating') {
    poll(snapshot)
    throw new AwsError('InvalidClusterSnapshotState', `Snapshot ${identifier} is not in available state.`)
  }
  region.snapshots.delete(identifier)
  return { Snapshot: { ...(describeSnapshot(snapshot) as object), Status: 'deleted' } }
}
