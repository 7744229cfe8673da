import { UserError } from '../errors.ts'
import type { StagingTable } from '../schema/index.ts'
import { linesOf } from './lines.ts'
import { type ObjectStore, type SourceObject, UnreadableObject } from './object-store.ts'
import { cleanLine, readRecord } from './validate-record.ts'

/** A record that can't be loaded, or a whole object of which none can. */
export interface Refused {
  readonly object: SourceObject
  /** From 1; null if it is the object as a whole. */
  readonly line: number | null
  /** Column of the staging table; null if the record as a whole is at fault. */
  readonly column: string | null
  /** The predicate of a sentence about the record. */
  readonly reason: string
  /** The record as it arrived, without the end of its line; null if it is the object as a whole. */
  readonly raw: Buffer | null
}

/** What became of the records of an object. */
export interface Screened {
  readonly records: number
  readonly refused: readonly Refused[]
}

/** More records of a load are refused than the config allows. Nothing of it is loaded. */
export function tooManyRefused([first]: readonly Refused[], most: number): UserError {
  const place = first && [
    first.object.key,
    first.line && `line ${first.line}`,
    first.column && `column ${first.column}`,
  ]
  const example = place ? ` The first: ${place.filter(Boolean).join(', ')}: ${first.reason}.` : ''
  return new UserError(`More records can't be loaded than MAX_QUARANTINED = ${most}.${example} Nothing was loaded.`, {
    hint: 'Mend the source, or raise MAX_QUARANTINED in [ETL] of the config: the records go to quarantine then.',
  })
}

/**
 * Looks at every record of an object: hands those that can be loaded to `write`, in order, as lines that every engine reads
 * alike, and answers with those that can't. If the object turns out not to be readable, what was written does not count.
 *
 * @throws UserError if more than `maxRefused` can't.
 */
export async function screen(
  store: Pick<ObjectStore, 'stream'>,
  table: StagingTable,
  object: SourceObject,
  { maxRefused, write }: { readonly maxRefused: number; readonly write: (lines: string) => void },
): Promise<Screened> {
  const refused: Refused[] = []
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
      const reading = readRecord(table, line)
      if ('problem' in reading) {
        refused.push({ object, line: line.number, ...reading.problem, raw: line.bytes })
        if (refused.length > maxRefused) throw tooManyRefused(refused, maxRefused)
        continue
      }
      records += 1
      const clean = cleanLine(table, reading.values)
      lines.push(clean)
      length += clean.length
      if (length >= writtenLength) flush()
    }
    flush()
    return { records, refused }
  } catch (error) {
    if (!(error instanceof UnreadableObject)) throw error
    return { records: 0, refused: [{ object, line: null, column: null, reason: error.reason, raw: null }] }
  }
}

/** Characters that are written together. */
const writtenLength = 500_000

/** Of an object in UTF-16 every second byte is NUL, if its text is mostly ASCII; or it says so by its first two bytes. */
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
