import { isUtf8 } from 'node:buffer'
import type { Context } from '../context.ts'
import type { RejectedRecord } from '../objects/validate-object.ts'
import type { Value } from '../schema/index.ts'
import { counted } from '../text.ts'

/** What a run put into quarantine. */
export interface QuarantineSummary {
  readonly records: number
  /** Records by object, most first. */
  readonly objects: readonly { readonly object_key: string | null; readonly records: number }[]
  /** Records by reason, most first. */
  readonly reasons: readonly { readonly reason: string; readonly records: number }[]
}

/** The rows of rejected records in the quarantine: one each, or several where a record is longer than a row can be. */
export function quarantineRows(loadId: string, rejected: readonly RejectedRecord[]): Value[][] {
  return rejected.flatMap(({ objectKey, line, column, reason, raw }) => {
    const isText = raw === null || (isUtf8(raw) && !raw.includes(0))
    const encoding = isText ? 'utf-8' : 'base64'
    const parts = raw === null ? [null] : (isText ? texts : base64Texts)(raw)
    return parts.map((text, index): Value[] => [objectKey, line, reason, column, text, encoding, index + 1, loadId])
  })
}

/** The longest text of a row, in bytes. */
const rowBytes = 65_535

function texts(raw: Buffer): string[] {
  const parts: string[] = []
  for (let start = 0; start === 0 || start < raw.length; ) {
    let end = Math.min(start + rowBytes, raw.length)
    // A character must not be cut in two.
    while (end < raw.length && ((raw[end] ?? 0) & 0xc0) === 0x80) end -= 1
    parts.push(raw.toString('utf8', start, end))
    start = Math.max(end, 1)
  }
  return parts
}

/** Every part can be decoded alone: three bytes make four characters. */
function base64Texts(raw: Buffer): string[] {
  const step = Math.floor(rowBytes / 4) * 3
  return Array.from({ length: Math.ceil(raw.length / step) }, (_, part) =>
    raw.toString('base64', part * step, (part + 1) * step),
  )
}

/** Counts rejected records by object and by reason. */
export function summariseRejected(rejected: readonly RejectedRecord[]): QuarantineSummary {
  return {
    records: rejected.length,
    objects: counts(rejected.map(({ objectKey }) => objectKey)).map(([object_key, records]) => ({
      object_key,
      records,
    })),
    reasons: counts(rejected.map(({ reason }) => reason)).map(([reason, records]) => ({ reason, records })),
  }
}

/** Each value with its count, most frequent first. */
function counts<Item>(items: readonly Item[]): [Item, number][] {
  const found = new Map<Item, number>()
  for (const item of items) found.set(item, (found.get(item) ?? 0) + 1)
  return [...found].sort(([, a], [, b]) => b - a)
}

/** Reports what went to quarantine and how to look at it. */
export function warnOfQuarantine({ log }: Context, { records, objects, reasons }: QuarantineSummary): void {
  if (records === 0) return
  const shown = objects
    .slice(0, 5)
    .map(({ object_key, records }) => `  ${records.toLocaleString('en-US')} in ${object_key ?? 'earlier loads'}`)
  const others =
    objects.length > shown.length ? [`  and ${counted(objects.length - shown.length, 'other object')}`] : []
  const frequent = reasons.slice(0, 3).map(({ reason, records }) => `  ${records.toLocaleString('en-US')} × ${reason}`)
  const lines = [
    `${counted(records, 'record')} could not be loaded and went to quarantine. The rest was loaded.`,
    ...shown,
    ...others,
    reasons.length > 3 ? 'The three most frequent reasons:' : 'Reasons:',
    ...frequent,
    'Look at them: npm run query -- "select object_key, line_number, column_name, reason, raw_text from quarantine where part = 1"',
    'After fixing the source: npm run etl -- --retry-quarantine',
  ]
  for (const line of lines) log.warn(line)
}
