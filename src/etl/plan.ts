import type { Config } from '../config.ts'
import type { Context } from '../context.ts'
import { counted, size } from '../log.ts'
import type { SourceObject } from '../objects/object-store.ts'
import { groups, joinedBytes } from '../objects/prepare-files.ts'
import { stagingTables } from '../schema/index.ts'
import { verifySchema } from '../tables/verify-schema.ts'
import { visibleText } from '../text.ts'
import { batches, type EtlOptions, findObjects } from './load.ts'
import { joinedBeforeCopy } from './loader.ts'
import type { EtlSummary } from './summary.ts'
import { transforms } from './transforms.ts'

/** One load that etl would make. */
export interface PlannedLoad {
  readonly objects: number
  readonly bytes: number
  /** Objects that this client reads and writes again before the engine does: small ones that are joined. */
  readonly joined: number
  /** The statements that change something, about: the same for ten objects and for ten thousand. */
  readonly statements: number
}

/** What etl would do. */
export interface EtlPlan {
  readonly engine: string
  readonly objects: EtlSummary['objects']
  readonly waiting: { readonly objects: number; readonly bytes: number; readonly first: readonly string[] }
  readonly loads: readonly PlannedLoad[]
}

/** Says what etl would load, and changes nothing. */
export async function planEtl(context: Context, options: EtlOptions): Promise<EtlPlan> {
  const warehouse = await context.openWarehouse('read')
  try {
    await verifySchema(warehouse)
    const { counts, waiting } = await findObjects(context, warehouse, options)
    const loads = [...batches(waiting, context.config.batchBytes)].map((objects) => plannedLoad(context, objects))
    const first = waiting.slice(0, 20).map(({ key }) => key)
    return {
      engine: context.config.engine,
      objects: counts,
      waiting: { objects: waiting.length, bytes: bytesOf(waiting), first },
      loads,
    }
  } finally {
    await warehouse.close()
  }
}

const bytesOf = (objects: readonly SourceObject[]) => objects.reduce((sum, { bytes }) => sum + bytes, 0)

function plannedLoad({ config }: Context, objects: readonly SourceObject[]): PlannedLoad {
  const copies = stagingTables.map(({ source }) => {
    const own = objects.filter((object) => object.source === source)
    return config.engine === 'duckdb' ? copiesOnDuckdb(own) : copiesOnRedshift(config, own)
  })
  const sum = (count: (copy: Copies) => number) => copies.reduce((total, copy) => total + count(copy), 0)
  return {
    objects: objects.length,
    bytes: bytesOf(objects),
    joined: sum(({ joined }) => joined),
    statements: sum(({ statements }) => statements) + statementsAround,
  }
}

/** begin, lock, a cleared staging table each, the transforms (a temporary table is dropped and made), ledger, quarantine, loads, commit. */
const statementsAround =
  2 + stagingTables.length + transforms.length + transforms.filter(({ change }) => change === 'make').length + 4

interface Copies {
  readonly joined: number
  readonly statements: number
}

function copiesOnDuckdb(objects: readonly SourceObject[]): Copies {
  const small = objects.filter(({ bytes }) => bytes <= joinedBytes)
  const large = objects.filter(({ bytes }) => bytes > joinedBytes)
  return { joined: small.length, statements: [...groups(small), ...groups(large)].length }
}

function copiesOnRedshift(config: Config, objects: readonly SourceObject[]): Copies {
  const joined = joinedBeforeCopy(config, objects)
  const gzip = objects.filter((object) => joined.has(object) || object.key.endsWith('.gz')).length
  return { joined: joined.size, statements: Number(gzip > 0) + Number(gzip < objects.length) }
}

/** The plan as text for a person. */
export function planText({ waiting, loads }: EtlPlan): string {
  if (loads.length === 0) return 'Nothing would be loaded: the warehouse is up to date.'
  const more = waiting.objects - waiting.first.length
  const lines = loads.map(
    ({ objects, bytes, joined, statements }, index) =>
      `load ${index + 1}: ${counted(objects, 'object')}, ${size(bytes)}${joined > 0 ? ` (${joined.toLocaleString('en-US')} of them joined first)` : ''}, about ${counted(statements, 'statement')}`,
  )
  return [
    ...waiting.first.map(visibleText),
    ...(more > 0 ? [`and ${counted(more, 'other object')}`] : []),
    '',
    ...lines,
  ].join('\n')
}
