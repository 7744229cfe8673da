import { appendFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import type { StagingTable } from '../schema/index.ts'
import { piecesIn } from './file.ts'
import { type ObjectStore, type SourceObject, UnreadableObject } from './object-store.ts'
import type { PreparedFiles, ScannedObject } from './prepared-files.ts'
import { QuickScan } from './quick-scan.ts'
import type { ValidationOptions } from './validate-object.ts'
import { validateObject } from './validate-object.ts'

/** Objects read at the same time. Limits memory to this many small objects, as they are stored. */
const readTogether = 64
const newline = Buffer.from('\n')

/**
 * Joins small objects, in order, into a file at `path`, and starts a new one after `partBytes`. A file is removed before the next
 * one is written. Decompressed content is held in memory piece by piece.
 */
export async function* joinObjects(
  store: ObjectStore,
  table: StagingTable,
  objects: readonly SourceObject[],
  { path, partBytes, ...options }: { readonly path: string; readonly partBytes: number } & ValidationOptions,
): AsyncGenerator<PreparedFiles> {
  let part: JoinedFile | undefined
  for await (const [object, stored] of readInOrder(store, objects)) {
    part ??= new JoinedFile(path)
    await part.add(table, object, stored, options)
    if (part.bytes < partBytes) continue
    yield part.end()
    rmSync(path)
    part = undefined
  }
  if (part === undefined) return
  yield part.end()
  rmSync(path)
}

/** Bytes collected for one write; many small writes take longer. */
const writtenBytes = 4_000_000

class JoinedFile {
  private readonly path: string
  private readonly objects: SourceObject[] = []
  private readonly results: ScannedObject[] = []
  private readonly pending = Buffer.allocUnsafe(writtenBytes)
  private pendingBytes = 0
  private fileBytes = 0

  constructor(path: string) {
    this.path = path
    writeFileSync(path, '')
  }

  get bytes(): number {
    return this.fileBytes + this.pendingBytes
  }

  /** Adds all records of an object; if it needs validation, only those that can be loaded. */
  async add(table: StagingTable, object: SourceObject, stored: Buffer, options: ValidationOptions): Promise<void> {
    const start = this.bytes
    const stream = () => piecesIn(object, stored, options.signal)
    let result = options.objectsToValidate.has(object) ? undefined : await this.copy(table, stream())
    if (result === undefined) {
      this.truncate(start)
      const { maxRejected } = options
      const write = (lines: string) => this.write(Buffer.from(lines))
      result = { ...(await validateObject({ stream }, table, object, { maxRejected, write })), isSuspicious: false }
      if (result.records === 0) this.truncate(start)
    }
    this.write(newline)
    this.objects.push(object)
    this.results.push(result)
  }

  end(): PreparedFiles {
    this.flush()
    const isEmpty = this.results.every(({ records }) => records === 0)
    return { paths: isEmpty ? [] : [this.path], objects: this.objects, results: Promise.resolve(this.results) }
  }

  /** Writes the content unchanged. Undefined if the object has to be validated. */
  private async copy(table: StagingTable, pieces: AsyncIterable<Buffer>): Promise<ScannedObject | undefined> {
    const scan = new QuickScan(table)
    try {
      for await (const piece of pieces) {
        scan.add(piece)
        if (scan.isSuspicious) return undefined
        this.write(piece)
      }
    } catch (error) {
      if (error instanceof UnreadableObject) return undefined
      throw error
    }
    const { records, isSuspicious } = scan.finish()
    return isSuspicious ? undefined : { records, rejected: [], isSuspicious }
  }

  private write(piece: Buffer): void {
    if (this.pendingBytes + piece.length > writtenBytes) this.flush()
    if (piece.length > writtenBytes) this.append(piece)
    // Copied, because a reference to a small piece may keep a large block of memory alive.
    else this.pendingBytes += piece.copy(this.pending, this.pendingBytes)
  }

  private flush(): void {
    this.append(this.pending.subarray(0, this.pendingBytes))
    this.pendingBytes = 0
  }

  private append(bytes: Buffer): void {
    appendFileSync(this.path, bytes)
    this.fileBytes += bytes.length
  }

  private truncate(bytes: number): void {
    if (bytes === this.bytes) return
    this.flush()
    truncateSync(this.path, bytes)
    this.fileBytes = bytes
  }
}

/** The objects with their bytes, in order. Reads several at once to hide the latency of the network. */
async function* readInOrder(
  store: ObjectStore,
  objects: readonly SourceObject[],
): AsyncGenerator<readonly [object: SourceObject, stored: Buffer]> {
  const underWay: Promise<readonly [SourceObject, Buffer]>[] = []
  for (const object of objects) {
    const read = store.read(object).then((stored) => [object, stored] as const)
    // A read that fails while an earlier one is awaited must not end the process; it is reported in its turn.
    read.catch(() => {})
    underWay.push(read)
    if (underWay.length === readTogether) yield* await Promise.all(underWay.splice(0, readTogether / 2))
  }
  yield* await Promise.all(underWay)
}
