import { randomBytes } from 'node:crypto'
import { latestLoadId as selectLatestLoadId } from '../sql-queries/index.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'

/** Id of the last load; '' if there is none. */
export async function latestLoadId(warehouse: Warehouse): Promise<string> {
  const [row] = await warehouse.query(selectLatestLoadId())
  return String(row?.load_id ?? '')
}

/** A unique id that sorts after `latest`, the last load, even if the clock was set back. */
export function nextLoadId(now: Date, latest: string): string {
  const compact = (at: Date) => at.toISOString().replace(/[-:.]/g, '')
  const before = latest.replace(/-.*/, '')
  const instant = compact(now) > before ? compact(now) : compact(new Date(parseCompact(before).getTime() + 1))
  return `${instant}-${randomBytes(3).toString('hex')}`
}

function parseCompact(text: string): Date {
  return new Date(text.replace(/(....)(..)(..)T(..)(..)(..)(...)Z/, '$1-$2-$3T$4:$5:$6.$7Z'))
}
