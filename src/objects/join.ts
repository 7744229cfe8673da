import { appendFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import type { StagingTable } from '../schema/index.ts'
import { piecesIn } from './file.ts'
import { type ObjectStore, type SourceObject, UnreadableObject } from './object-store.ts'
import { Scan } from './scan.ts'
import { screen } from './screen.ts'
import type { Part, Reading, Screening } from './spool.ts'

/** Objects that are read at the same time. Bounds memory to as many times the size of a small object as it is stored. */
const readTogether = 64
const newline = Buffer.from('\n')

/**
 * Joins small objects, in order and line by line, to a file at `path`. It is a part when it has reached `partBytes`, and is gone
 * when the next part is asked for. What an object holds, decompressed, goes through memory in pieces.
 */
export async function* joinObjects(
  store: ObjectStore,
  table: StagingTable,
  objects: readonly SourceObject[],
  { path, partBytes, ...screening }: { readonly path: string; readonly partBytes: number } & Screening,
): AsyncGenerator<Part> {
  let part: JoinedPart | undefined
  for await (const [object, stored] of readInOrder(store, objects)) {
    part ??= new JoinedPart(path)
    await part.add(table, object, stored, screening)
    if (part.bytes < partBytes) continue
    yield part.end()
    rmSync(path)
    part = undefined
  }
  if (part === undefined) return
  yield part.end()
  rmSync(path)
}

/** What is written together; many small writes would take longer. */
const writtenBytes = 4_000_000

class JoinedPart {
  private readonly path: string
  private readonly objects: SourceObject[] = []
  private readonly readings: Reading[] = []
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

  /** Adds the records of an object: all there are if nothing speaks against that, else those that can be loaded. */
  async add(table: StagingTable, object: SourceObject, stored: Buffer, screening: Screening): Promise<void> {
    const start = this.bytes
    const stream = () => piecesIn(object, stored, screening.signal)
    let reading = screening.suspects.has(object) ? undefined : await this.copy(table, stream())
    if (reading === undefined) {
      this.truncate(start)
      const { maxRefused } = screening
      const write = (lines: string) => this.write(Buffer.from(lines))
      reading = { ...(await screen({ stream }, table, object, { maxRefused, write })), isSuspicious: false }
      if (reading.records === 0) this.truncate(start)
    }
    this.write(newline)
    this.objects.push(object)
    this.readings.push(reading)
  }

  end(): Part {
    this.flush()
    const isEmpty = this.readings.every(({ records }) => records === 0)
    return { paths: isEmpty ? [] : [this.path], objects: this.objects, readings: Promise.resolve(this.readings) }
  }

  /** Writes a content as it is; undefined if it must not be loaded so. */
  private async copy(table: StagingTable, pieces: AsyncIterable<Buffer>): Promise<Reading | undefined> {
    const scan = new Scan(table)
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
    return isSuspicious ? undefined : { records, refused: [], isSuspicious }
  }

  private write(piece: Buffer): void {
    if (this.pendingBytes + piece.length > writtenBytes) this.flush()
    if (piece.length > writtenBytes) this.append(piece)
    // Copied, as a small piece may be all that is used of a large block of memory.
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

/** The objects with their bytes, in order. Several reads are always under way, which a network needs. */
async function* readInOrder(
  store: ObjectStore,
  objects: readonly SourceObject[],
): AsyncGenerator<readonly [object: SourceObject, stored: Buffer]> {
  const underWay: Promise<readonly [SourceObject, Buffer]>[] = []
  for (const object of objects) {
    const read = store.read(object).then((stored) => [object, stored] as const)
    // A read that fails while an earlier one is awaited must not end the process; it is awaited in its turn.
    read.catch(() => {})
    underWay.push(read)
    if (underWay.length === readTogether) yield* await Promise.all(underWay.splice(0, readTogether / 2))
  }
  yield* await Promise.all(underWay)
}
