import { isUtf8 } from 'node:buffer'
import { UserError } from '../errors.ts'
import type { StagingTable } from '../schema/index.ts'
import { type Block, blocksOf, endOfLine, isBlank, maxRecordBytes, withoutEnds } from './lines.ts'
import { type SourceObject, UnreadableObject } from './object-store.ts'
import { PlainRecords } from './plain-records.ts'
import { cleanLine, validateLine } from './validate-record.ts'
import { verifyFormat } from './verify-format.ts'

/** A record that can't be loaded, or a whole object that can't be read. */
export interface RejectedRecord {
  readonly objectKey: string
  /** From 1; null for a whole object. */
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

export interface ScannedObject extends ObjectResult {
  /** True if the file that the engine reads has a line that isn't a plain record. */
  readonly needsValidation: boolean
}

/**
 * Validates the objects of a table. Its `validate` passes the records that can be loaded to `write`, in order, as lines that every
 * engine reads alike, and returns those that can't. If an object can't be read, ignore what was written: `records` is 0. Without
 * `write` it stops at the first line that isn't a plain record.
 */
export class ObjectValidator {
  private readonly table: StagingTable
  private readonly maxRejected: number
  private readonly plain: PlainRecords

  constructor(table: StagingTable, maxRejected: number) {
    this.table = table
    this.maxRejected = maxRejected
    this.plain = new PlainRecords(table)
  }

  /** @throws UserError if more than `maxRejected` records can't be loaded. */
  async validate(
    object: SourceObject,
    stream: () => AsyncIterable<Buffer>,
    write?: (lines: Buffer) => void,
  ): Promise<ScannedObject> {
    const result = { records: 0, lines: 0, rejected: [] as RejectedRecord[], needsValidation: false }
    try {
      for await (const block of blocksOf(stream())) {
        if (result.lines === 0) await verifyFormat(object, block.bytes, stream)
        this.validateBlock(object, block, result, write)
        if (result.needsValidation) break
      }
      return result
    } catch (error) {
      if (!(error instanceof UnreadableObject)) throw error
      const rejected = { objectKey: object.key, line: null, column: null, reason: error.reason, raw: null }
      return { records: 0, rejected: [rejected], needsValidation: write === undefined }
    }
  }

  private validateBlock(
    object: SourceObject,
    { bytes, leftOut }: Block,
    result: { records: number; lines: number; rejected: RejectedRecord[]; needsValidation: boolean },
    write?: (lines: Buffer) => void,
  ): void {
    const text = bytes.toString('latin1')
    const isText = isUtf8(bytes)
    let plainFrom = 0
    for (let start = 0; start < bytes.length; ) {
      const next = this.plain.endOf(text, start)
      if (next !== -1 && next - start <= maxRecordBytes && (isText || isUtf8(bytes.subarray(start, next)))) {
        result.lines += 1
        result.records += 1
        start = next
        continue
      }
      const end = endOfLine(bytes, start)
      const line = withoutEnds(bytes.subarray(start, end), result.lines + 1)
      const records = isBlank(line) ? [] : validateLine(this.table, { bytes: line, length: line.length + leftOut })
      const [first] = records
      // Records with these keys may be plain from now on.
      if (first && 'keys' in first && this.plain.learn(first.keys)) continue
      result.needsValidation = write === undefined
      if (write === undefined) return
      write(bytes.subarray(plainFrom, start))
      result.lines += 1
      for (const record of records) {
        if ('problem' in record) {
          const { problem, bytes } = record
          result.rejected.push({ objectKey: object.key, line: result.lines, ...problem, raw: Buffer.from(bytes) })
          verifyRejected(result.rejected, this.maxRejected)
        } else {
          result.records += 1
          write(Buffer.from(cleanLine(this.table, record.values)))
        }
      }
      start = end + 1
      plainFrom = start
    }
    write?.(bytes.subarray(plainFrom))
  }
}
