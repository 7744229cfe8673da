import { UserError } from '../errors.ts'
import type { StagingTable } from '../schema/index.ts'
import { linesOf } from './lines.ts'
import { type ObjectStore, type SourceObject, UnreadableObject } from './object-store.ts'
import { cleanLine, validateRecord } from './validate-record.ts'

/** A record that can't be loaded, or a whole object that can't be read. */
export interface RejectedRecord {
  /** Null for a play of an earlier load. */
  readonly objectKey: string | null
  /** From 1; null for a whole object, and where it isn't known. */
  readonly line: number | null
  /** The column whose value is wrong; null if the record as a whole is. */
  readonly column: string | null
  /** The predicate of a sentence about the record. */
  readonly reason: string
  /** The record as it arrived, without its line end; null for a whole object. */
  readonly raw: Buffer | null
}

/** How many records of an object can be loaded, and which can't. */
export interface ObjectResult {
  /** Number of records that can be loaded. */
  readonly records: number
  readonly rejected: readonly RejectedRecord[]
}

/** Which objects to validate, and how many records of one may be rejected. */
export interface ValidationOptions {
  readonly objectsToValidate: ReadonlySet<SourceObject>
  readonly maxRejected: number
  readonly signal?: AbortSignal
}

/** @throws UserError if a load has more rejected records than MAX_QUARANTINED allows. */
export function verifyRejected(rejected: readonly RejectedRecord[], maxRejected: number): void {
  if (rejected.length <= maxRejected) return
  const [first] = rejected
  const parts = [first?.objectKey, first?.line && `line ${first.line}`, first?.column && `column ${first.column}`]
  throw new UserError(
    `Too many rejected records: more than MAX_QUARANTINED = ${maxRejected}. The first: ${parts.filter(Boolean).join(', ')}: ${first?.reason}. Nothing was loaded.`,
    { hint: 'Fix the source, or raise MAX_QUARANTINED in [ETL] of the config to put the records into quarantine.' },
  )
}

/**
 * Validates every record of an object. Passes those that can be loaded to `write`, in order, as lines that both engines read
 * the same way, and returns those that can't. If the object turns out to be unreadable, ignore what was written: `records` is 0.
 *
 * @throws UserError if more than `maxRejected` can't be loaded.
 */
export async function validateObject(
  store: Pick<ObjectStore, 'stream'>,
  table: StagingTable,
  object: SourceObject,
  { maxRejected, write }: { readonly maxRejected: number; readonly write: (lines: string) => void },
): Promise<ObjectResult> {
  const rejected: RejectedRecord[] = []
  let records = 0
  let lines: string[] = []
  let length = 0
  const flush = () => {
    write(lines.join(''))
    lines = []
    length = 0
  }
  try {
    for await (const line of linesOf({ stream: (object) => verifiedUtf8(store, object) }, object)) {
      const reading = validateRecord(table, line)
      if ('problem' in reading) {
        rejected.push({ objectKey: object.key, line: line.number, ...reading.problem, raw: line.bytes })
        verifyRejected(rejected, maxRejected)
        continue
      }
      records += 1
      const clean = cleanLine(table, reading.values)
      lines.push(clean)
      length += clean.length
      if (length >= writtenLength) flush()
    }
    flush()
    return { records, rejected }
  } catch (error) {
    if (!(error instanceof UnreadableObject)) throw error
    return {
      records: 0,
      rejected: [{ objectKey: object.key, line: null, column: null, reason: error.reason, raw: null }],
    }
  }
}

/** Characters collected for one write. */
const writtenLength = 500_000

/** Recognizes UTF-16 by its first two bytes: a byte order mark, or a NUL beside an ASCII character. */
async function* verifiedUtf8(store: Pick<ObjectStore, 'stream'>, object: SourceObject): AsyncGenerator<Buffer> {
  let isFirst = true
  for await (const piece of store.stream(object)) {
    if (isFirst && piece.length > 1) {
      isFirst = false
      const [first = 0, second = 0] = piece
      const isMarked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)
      if (isMarked || (first === 0) !== (second === 0)) throw new UnreadableObject(object, 'is in UTF-16, not in UTF-8')
    }
    yield piece
  }
}
