import { waitFor } from '../poll.ts'
import { free } from '../prices.ts'
import { deletePause, findPause } from '../redshift.ts'
import { type AwsContext, deadlines, type Resource, required, shortPollMs } from '../resource.ts'
import { isNamed } from '../sdk-middleware.ts'

const hour = 3_600_000

/**
 * The dead-man switch of a cluster: AWS pauses it at the given time, whatever happens to this machine.
 *
 * Scheduled actions have no tags: it is ours if it pauses our cluster by our role.
 */
export function scheduledPause({ clients, names, settings, poll, ttlHours }: AwsContext): Resource {
  const name = names.pause
  const wanted = () => (ttlHours === undefined ? undefined : new Date(poll.now().getTime() + ttlHours * hour))
  return {
    kind: 'scheduled pause',
    name,
    purpose: 'pauses the cluster when its time is up, in case you forget it',
    price: free,
    async find() {
      const redshift = await clients.redshift()
      const found = await findPause(redshift, name)
      if (found === undefined) return undefined
      const at = wanted()
      const isMoved =
        at !== undefined && (!found.active || Math.abs((found.at?.getTime() ?? 0) - at.getTime()) > hour / 60)
      return {
        id: name,
        isOurs: found.cluster === names.cluster && found.roleArn.endsWith(`role/${names.pauseRole}`),
        status:
          found.at === undefined ? 'without a time' : `${found.at > poll.now() ? 'due' : 'was due'} ${utc(found.at)}`,
        differences: isMoved
          ? [
              {
                what: `is due ${found.at ? utc(found.at) : 'never'} instead of ${utc(at)}`,
                async fix() {
                  const change = { ScheduledActionName: name, Schedule: scheduleAt(at), Enable: true }
                  await redshift.modifyScheduledAction(change)
                },
              },
            ]
          : [],
      }
    },
    async create(ids) {
      const redshift = await clients.redshift()
      const roleArn = required(ids, 'pause role')
      const at = wanted()
      if (at === undefined) throw new Error('A scheduled pause needs a time.')
      const pause = {
        ScheduledActionName: name,
        ScheduledActionDescription: `Sparkify warehouse ${settings.identifier}: create-infrastructure --ttl`,
        TargetAction: { PauseCluster: { ClusterIdentifier: names.cluster } },
        IamRole: roleArn,
        Schedule: scheduleAt(at),
        Enable: true,
      }
      const begun = poll.now().getTime()
      const look = async () => {
        try {
          await redshift.createScheduledAction(pause)
          return undefined
        } catch (error) {
          const isLate = poll.now().getTime() - begun >= deadlines.roleTrusted
          if (!isUntrusted(error) || isLate) throw error
          return 'its role not known to the scheduler yet'
        }
      }
      await waitFor(
        { what: `scheduled pause ${name}`, deadlineMs: 2 * deadlines.roleTrusted, pollMs: shortPollMs, look },
        poll,
      )
    },
    async destroy() {
      await deletePause(await clients.redshift(), name)
    },
  }
}

/** A new role is rejected for some seconds, as if it did not trust the scheduler. */
function isUntrusted(error: unknown): boolean {
  return (
    isNamed(error, 'InvalidParameterValue', 'InvalidScheduledActionFault') &&
    /role|scheduler/i.test((error as Error).message)
  )
}

/** `at(…)` means UTC, to the second. */
function scheduleAt(at: Date): string {
  return `at(${at.toISOString().slice(0, 19)})`
}

function utc(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
