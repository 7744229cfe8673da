import { notOurs } from '../aws-client/explain.ts'
import { isPassing, throwIfInterrupted, waitFor } from '../aws-client/poll.ts'
import {
  deadlines,
  type Found,
  isAlreadyThere,
  type Known,
  type Resource,
  shortPollMs,
  type Workshop,
} from '../aws-client/resource.ts'
import type { Inspected } from './inspect.ts'

/** What became of a resource. */
export interface Ensured {
  readonly found: Found
  readonly isNew: boolean
  /** What was changed of one that was there. */
  readonly changes: readonly string[]
  /** What differs and stays so. */
  readonly differs: readonly string[]
}

/**
 * Makes one resource be as the settings say: finds it, makes it if it is not there, changes what differs.
 *
 * `isUntouched` says that nothing in front of it was made since it was inspected: then it need not be looked at again.
 */
export async function ensure(
  { resource, found: before }: Inspected,
  known: Known,
  workshop: Workshop,
  isUntouched: boolean,
): Promise<Ensured> {
  const { pacing } = workshop
  throwIfInterrupted(pacing, `before ${resource.kind} ${resource.name}`)
  if (before?.isGoing) await resource.awaitGone?.()
  const isNew = before === undefined || before.isGoing === true
  const again = isNew ? undefined : isUntouched ? before : await resource.find(known)
  const found = again ?? (await make(resource, known, workshop))
  if (!found.isOurs) throw notOurs(resource.kind, resource.name, workshop.settings, found.owner)
  const changes: string[] = []
  const differs: string[] = []
  for (const { what, mend } of found.differences) {
    throwIfInterrupted(pacing, `before ${resource.kind} ${resource.name} was changed`)
    await mend?.()
    if (mend === undefined) differs.push(what)
    else changes.push(what)
  }
  return { found, isNew, changes: isNew ? [] : changes, differs }
}

/**
 * Asks for the thing until it is there and can be seen. "It is there already" is the answer to a request whose first answer was lost,
 * and to one that comes while AWS is busy with the name: only looking tells.
 */
async function make(resource: Resource, known: Known, workshop: Workshop): Promise<Found> {
  let isAsked = false
  let problem: unknown
  const begun = workshop.pacing.now().getTime()
  return waitFor(
    {
      what: `${resource.kind} ${resource.name}`,
      deadlineMs: deadlines.visible,
      pollMs: shortPollMs,
      async look() {
        try {
          if (!isAsked) await resource.create(known)
          isAsked = true
        } catch (error) {
          if (!isAlreadyThere(error)) throw error
          problem = error
        }
        const found = await resource.find(known)
        if (found !== undefined && found.isGoing !== true) return { done: true, result: found }
        const isLate = workshop.pacing.now().getTime() - begun >= deadlines.visible
        if (isLate && problem !== undefined && !isPassing(problem)) throw problem
        return { done: false, state: isAsked ? 'not visible' : 'not possible' }
      },
    },
    workshop.pacing,
  )
}
