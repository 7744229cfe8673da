import { findClusterSnapshots } from '../aws-client/redshift.ts'
import { findNamespaceSnapshots } from '../aws-client/redshift-serverless.ts'
import type { AwsContext, Kind } from '../aws-client/resource.ts'
import { findSecrets } from '../aws-client/secrets-manager.ts'
import type { Snapshot } from '../aws-client/snapshots.ts'

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
  const { clients, names, poll, settings } = aws
  poll.progress?.('looking for everything that could still cost')
  const isForeign = (kind: Kind) => foreign.some((each) => each.kind === kind)
  const snapshots = [
    ...(isForeign('cluster') ? [] : await findClusterSnapshots(await clients.redshift(), names.cluster)),
    ...(isForeign('namespace')
      ? []
      : await findNamespaceSnapshots(await clients.redshiftServerless(), names.namespace)),
  ]
  const secrets =
    isForeign('cluster') || isForeign('namespace')
      ? []
      : await findSecrets(await clients.secretsManager(), names.cluster, settings.user)
  return {
    remaining: [
      ...snapshots.filter(({ remainingDays }) => remainingDays === undefined).map(snapshotFor),
      ...secrets.map((name) => ({
        kind: 'secret',
        name,
        note: 'AWS deletes it with its warehouse; $0.40 a month until then',
      })),
    ],
    kept: snapshots.filter(({ remainingDays }) => remainingDays !== undefined).map(snapshotFor),
  }
}

function snapshotFor({ name, remainingDays }: Snapshot): Orphan {
  const note =
    remainingDays === undefined
      ? 'never expires: billed per GB until somebody deletes it'
      : `AWS deletes it in ${remainingDays} days; billed per GB until then`
  return { kind: 'snapshot', name, note }
}
