import type { Context } from '../context.ts'

import type { SourceObject } from '../objects/object-store.ts'
import { counted, escapeControl, size } from '../text.ts'
import { batches, type EtlOptions, findObjects } from './find-objects.ts'
import type { EtlSummary } from './results.ts'

/** What etl would do. */
interface EtlPlan {
  readonly engine: string
  readonly objects: EtlSummary['objects']
  readonly waiting: { readonly objects: number; readonly bytes: number; readonly first: readonly string[] }
  /** The number of transactions. */
  readonly loads: number
}

/** Finds what etl would load. Changes nothing. */
export async function planLoad(context: Context, options: EtlOptions): Promise<EtlPlan> {
  const warehouse = await context.openWarehouse('read')
  try {
    const { counts, waiting } = await findObjects(context, warehouse, options)
    const loads = [...batches(waiting, context.config.batchBytes)].length
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

/** The plan as text. */
export function planText({ waiting, loads }: EtlPlan): string {
  if (loads === 0) return 'Nothing would be loaded: the warehouse is up to date.'
  const more = waiting.objects - waiting.first.length
  return [
    ...waiting.first.map(escapeControl),
    ...(more > 0 ? [`and ${counted(more, 'other object')}`] : []),
    '',
    `Would load ${counted(waiting.objects, 'object')}, ${size(waiting.bytes)}, in ${counted(loads, 'transaction')}`,
  ].join('\n')
}
