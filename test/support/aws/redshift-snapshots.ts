import { AwsError } from './errors.ts'
import { begin, poll } from './lifecycle.ts'
import { integer, type Params, page, tagList, text } from './params.ts'
import type { CallContext } from './protocols.ts'
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
