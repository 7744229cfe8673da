import { minute, shortPollMs, waitFor } from '../poll.ts'
import { free } from '../prices.ts'
import { type AwsContext, type Resource, required } from '../resource.ts'
import { isNamed, undefinedIfNotFound } from '../sdk-middleware.ts'

const missing = ['ScheduledActionNotFoundFault', 'ScheduledActionNotFound']

/**
 * The dead-man switch of a cluster: AWS pauses it at the given time, whatever happens to this machine.
 *
 * Scheduled actions have no tags: it is ours if it pauses our cluster by our role.
 */
export function scheduledPause({ clients, names, settings, poll, ttlHours }: AwsContext): Resource {
  const name = names.pause
  const wanted = () => (ttlHours === undefined ? undefined : new Date(poll.now().getTime() + ttlHours * 60 * minute))
  return {
    kind: 'scheduled pause',
    name,
    purpose: 'pauses the cluster when its time is up, in case you forget it',
    price: free,
    async find() {
      const redshift = await clients.redshift()
      const answer = await undefinedIfNotFound(missing, () =>
        redshift.describeScheduledActions({ ScheduledActionName: name }),
      )
      const [found] = answer?.ScheduledActions ?? []
      if (found === undefined) return undefined
      const time = /^at\((.*)\)$/.exec(found.Schedule ?? '')?.[1]
      const due = time === undefined ? undefined : new Date(`${time}Z`)
      const at = wanted()
      const isSame = found.State === 'ACTIVE' && Math.abs(Number(due) - Number(at)) <= minute
      const change = at && { ScheduledActionName: name, Schedule: scheduleAt(at), Enable: true }
      const what = `is due ${due ? utc(due) : 'never'} instead of ${at && utc(at)}`
      return {
        id: name,
        isOurs:
          found.TargetAction?.PauseCluster?.ClusterIdentifier === names.cluster &&
          found.IamRole?.endsWith(`role/${names.pauseRole}`) === true,
        status: due === undefined ? 'without a time' : `${due > poll.now() ? 'due' : 'was due'} ${utc(due)}`,
        differences:
          change === undefined || isSame
            ? []
            : [{ what, fix: async () => void (await redshift.modifyScheduledAction(change)) }],
      }
    },
    async create(ids) {
      const redshift = await clients.redshift()
      const at = wanted()
      if (at === undefined) throw new Error('A scheduled pause needs a time.')
      const pause = {
        ScheduledActionName: name,
        ScheduledActionDescription: `Sparkify warehouse ${settings.identifier}: create-infrastructure --ttl`,
        TargetAction: { PauseCluster: { ClusterIdentifier: names.cluster } },
        IamRole: required(ids, 'pause role'),
        Schedule: scheduleAt(at),
        Enable: true,
      }
      const begun = poll.now().getTime()
      const look = async () => {
        try {
          await redshift.createScheduledAction(pause)
          return undefined
        } catch (error) {
          if (!isUntrusted(error) || poll.now().getTime() - begun >= 2 * minute) throw error
          return 'its role not known to the scheduler yet'
        }
      }
      await waitFor({ what: `scheduled pause ${name}`, deadlineMs: 4 * minute, pollMs: shortPollMs, look }, poll)
    },
    async destroy() {
      const redshift = await clients.redshift()
      await undefinedIfNotFound(missing, () => redshift.deleteScheduledAction({ ScheduledActionName: name }))
    },
  }
}

/** A new role is rejected for some seconds, as if it did not trust the scheduler. */
function isUntrusted(error: unknown): boolean {
  const isRefused = isNamed(error, 'InvalidParameterValue', 'InvalidScheduledActionFault')
  return isRefused && /role|scheduler/i.test((error as Error).message)
}

/** `at(…)` means UTC, to the second. */
const scheduleAt = (at: Date) => `at(${at.toISOString().slice(0, 19)})`
const utc = (at: Date) => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`
