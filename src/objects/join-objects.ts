import { appendFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { piecesIn } from './file.ts'
import type { ObjectStore, SourceObject } from './object-store.ts'
import type { ObjectValidator, ScannedObject } from './validate-object.ts'

/** Files of JSON lines that an engine reads in one statement. */
export interface PreparedFiles {
  /** Empty if no record of the objects can be loaded. */
  readonly paths: readonly string[]
  readonly objects: readonly SourceObject[]
  /** One per object, in their order. Large files are scanned while the engine reads them. */
  readonly results: Promise<readonly ScannedObject[]>
}

/** Objects read at the same time. Limits memory to this many small objects, as they are stored. */
const readTogether = 64
const newline = Buffer.from('\n')

/**
 * Joins the records of small objects that can be loaded, in order, into a file at `path`, and starts a new one after `partBytes`. A
 * file is removed before the next one is written. Decompressed content is held in memory piece by piece.
 */
export async function* joinObjects(
  store: ObjectStore,
  objects: readonly SourceObject[],
  validator: ObjectValidator,
  { path, partBytes, signal }: { readonly path: string; readonly partBytes: number; readonly signal?: AbortSignal },
): AsyncGenerator<PreparedFiles> {
  let part: JoinedFile | undefined
  for await (const [object, stored] of readInOrder(store, objects)) {
    part ??= new JoinedFile(path)
    await part.add(object, () => piecesIn(object, stored, signal), validator)
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

  /** Adds the records of an object that can be loaded. */
  async add(object: SourceObject, stream: () => AsyncIterable<Buffer>, validator: ObjectValidator): Promise<void> {
    const start = this.bytes
    const result = await validator.validate(object, stream, (lines) => this.write(lines))
    if (result.records === 0) this.truncate(start)
    this.write(newline)
    this.objects.push(object)
    this.results.push(result)
  }

  end(): PreparedFiles {
    this.flush()
    const isEmpty = this.results.every(({ records }) => records === 0)
    return { paths: isEmpty ? [] : [this.path], objects: this.objects, results: Promise.resolve(this.results) }
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
