import { waitFor } from '../poll.ts'
import { type AwsContext, deadlines } from '../resource.ts'
import { isAvailable, isBroken, isDeleting, startResume, unlessBusy, unusable, waitUntilAvailable } from './cluster.ts'

/** Pauses the cluster and waits until it is paused. What it is doing at the moment it finishes first: AWS pauses only an idle one. */
export async function pauseCluster({ clients, names, poll }: AwsContext): Promise<void> {
  const redshift = await clients.redshift()
  await waitFor(
    {
      what: `cluster ${names.cluster}`,
      deadlineMs: deadlines.clusterPaused,
      async look() {
        const status = (await redshift.findCluster(names.cluster))?.status ?? 'gone'
        if (status === 'paused') return { done: true, result: undefined }
        if (status === 'gone' || isDeleting(status) || isBroken(status)) throw unusable(names.cluster, status)
        if (isAvailable(status)) await unlessBusy(() => redshift.pauseCluster(names.cluster))
        return { done: false, state: status }
      },
    },
    poll,
  )
}

/** Wakes the cluster and waits until it takes connections. One that is still falling asleep is waited for. */
export async function resumeCluster(aws: AwsContext): Promise<void> {
  await startResume(aws)
  await waitUntilAvailable(aws, undefined)
}
