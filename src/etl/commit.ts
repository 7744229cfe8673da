import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { Context } from '../context.ts'
import { UserError } from '../errors.ts'
import type { SourceObject } from '../objects/object-store.ts'
import { loadLedger } from '../schema/index.ts'
import * as queries from '../sql-queries/index.ts'
import { literal, type Sql } from '../sql-queries/index.ts'
import { counted } from '../text.ts'
import { ConnectionLost, RoleNotAssumable } from '../warehouse/known-errors.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { type LoadInput, type LoadResult, load, stage } from './load-batch.ts'
import type { Stager } from './loader.ts'
import { sampleKeys } from './source-drift.ts'

/**
 * Runs loads in one transaction, which the staging of the first goes before where the warehouse stages apart, provided that
 * `latest` is still the last load there was, and after the statements of `before`. If the connection breaks, the server is asked
 * whether it was committed: never loaded blindly again. If the engine refuses a record, the transaction is tried once more with
 * every record of its object looked at, so only loads that need it pay for that.
 */
export async function commit(
  context: Context,
  warehouse: Warehouse,
  stager: Stager,
  parts: readonly (readonly SourceObject[])[],
  { latest, before }: { readonly latest: string; readonly before: readonly Sql[] },
): Promise<LoadResult[]> {
  const suspects = new Set<SourceObject>()
  for (;;) {
    await warehouse.rest()
    const prepared = await prepare(context, stager, parts, { latest, suspects })
    try {
      return await attempt(context, warehouse, prepared, { latest, before })
    } catch (error) {
      const found = (await stager.suspects(error)).filter((object) => !suspects.has(object))
      if (found.length === 0) throw await stager.explain(error)
      context.log.done(
        'screen',
        counted(found.length, 'object'),
        'a record that can’t be loaded is in it: looking at each',
      )
      for (const object of found) suspects.add(object)
    }
  }
}

async function prepare(
  context: Context,
  stager: Stager,
  parts: readonly (readonly SourceObject[])[],
  { latest, suspects }: { readonly latest: string; readonly suspects: ReadonlySet<SourceObject> },
): Promise<LoadInput[]> {
  const prepared: LoadInput[] = []
  for (const objects of parts) {
    const loadId = nextLoadId(context, prepared.at(-1)?.loadId ?? latest)
    const copy = await stager.prepare(loadId, objects, suspects)
    prepared.push({ loadId, objects, copy, samples: await sampleKeys(context, objects) })
  }
  return prepared
}

async function attempt(
  context: Context,
  warehouse: Warehouse,
  prepared: readonly LoadInput[],
  { latest, before }: { readonly latest: string; readonly before: readonly Sql[] },
): Promise<LoadResult[]> {
  let results: LoadResult[] = []
  const [first] = prepared
  const stagedApart =
    first && warehouse.stagesApart ? await warehouse.transaction(() => stage(context, warehouse, first)) : undefined
  const work = async () => {
    results = []
    await warehouse.lock(loadLedger)
    if ((await latestLoadId(warehouse)) !== latest) throw loadedMeanwhile()
    for (const statement of before) await warehouse.execute(statement)
    for (const input of prepared) {
      const staged = (input === first && stagedApart) || (await stage(context, warehouse, input))
      results.push(await load(context, warehouse, input, staged))
    }
  }
  try {
    await onceRoleIsReady(context, warehouse, () => warehouse.transaction(work))
  } catch (error) {
    if (!(error instanceof ConnectionLost)) throw error
    if (!(await wasCommitted(warehouse, prepared.at(-1)?.loadId ?? ''))) throw error
    context.log.warn('The connection broke off, but the server had committed: going on.')
  }
  for (const { loadId } of results) context.log.done('commit', 'load', loadId)
  return results
}

/** A role that was made a moment ago is not known everywhere in AWS yet: the transaction is tried again for about a minute. */
async function onceRoleIsReady(context: Context, warehouse: Warehouse, work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof RoleNotAssumable) || attempt === 5) throw error
      context.log.progress('wait until Redshift may use the new role')
      await warehouse.rest()
      await wait(context.pauseMs, undefined, { signal: context.signal })
    }
  }
}

/** Asks behind the lock that the lost session held: when it is ours, that session has ended one way or the other. */
async function wasCommitted(warehouse: Warehouse, loadId: string): Promise<boolean> {
  await warehouse.rest()
  return warehouse.transaction(async () => {
    await warehouse.lock(loadLedger)
    return (await warehouse.query(queries.findLoad(literal(loadId)))).length > 0
  })
}

function loadedMeanwhile(): UserError {
  return new UserError('Another etl has loaded since this one looked. Nothing was loaded twice.', {
    hint: 'Run etl again: it takes what is left.',
  })
}

export async function latestLoadId(warehouse: Warehouse): Promise<string> {
  const [row] = await warehouse.query(queries.latestLoadId())
  return String(row?.load_id ?? '')
}

/** Unique, and later in the alphabet than every load before, even if the clock was set back. */
function nextLoadId(context: Context, latest: string): string {
  const compact = (at: Date) => at.toISOString().replace(/[-:.]/g, '')
  const before = latest.replace(/-.*/, '')
  const now = compact(context.now())
  const instant = now > before ? now : compact(new Date(parseCompact(before).getTime() + 1))
  return `${instant}-${randomBytes(3).toString('hex')}`
}

function parseCompact(text: string): Date {
  return new Date(text.replace(/(....)(..)(..)T(..)(..)(..)(...)Z/, '$1-$2-$3T$4:$5:$6.$7Z'))
}
