import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Tag } from './params.ts'

/** An object in a bucket. The content of a seeded file is read when someone asks for it. */
interface StoredObject {
  key: string
  /** Quoted MD5, as S3 shows it for objects that are not multipart and not under KMS. */
  etag: string
  size: number
  modifiedAt: Date
  /** Undefined if the file behind a seeded object has gone: the object has vanished since it was listed. */
  read(): Buffer | undefined
}

export interface BucketOptions {
  region: string
  owner: string
  public?: boolean
  folder?: string
  objects?: Record<string, string | Buffer>
}

/** A bucket: objects in memory, over the files of a folder if it was seeded from one. The folder is never written to. */
export class Bucket {
  readonly name: string
  readonly region: string
  readonly owner: string
  /** Who made it: a call, or the test that seeded it. Seeded ones are no left-overs. */
  readonly origin: 'created' | 'seeded'
  /** Anyone may list and read, without credentials too. */
  public: boolean
  tags: Tag[] = []
  /** Sub-resources by their query name (`encryption`, `lifecycle`, `policy` …) as the XML or JSON they were put with. */
  readonly configuration = new Map<string, string>()
  /** Uploads begun and never finished: key by upload id. */
  readonly uploads = new Map<string, { key: string; startedAt: Date }>()
  private readonly objects = new Map<string, StoredObject>()
  private sorted: string[] | undefined

  constructor(name: string, origin: 'created' | 'seeded', options: BucketOptions) {
    this.name = name
    this.origin = origin
    this.region = options.region
    this.owner = options.owner
    this.public = options.public ?? false
    if (options.folder !== undefined) this.addFolder(options.folder, '')
    for (const [key, content] of Object.entries(options.objects ?? {})) this.put(key, content)
  }

  private addFolder(folder: string, prefix: string): void {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) this.addFolder(path, `${prefix}${entry.name}/`)
      else if (entry.isFile()) this.objects.set(prefix + entry.name, fileObject(prefix + entry.name, path))
    }
  }

  /** Stores an object, as an upload does. */
  put(key: string, content: string | Buffer): StoredObject {
    const body = Buffer.from(content)
    const object = { key, etag: md5(body), size: body.length, modifiedAt: wholeSeconds(Date.now()), read: () => body }
    if (!this.objects.has(key)) this.sorted = undefined
    this.objects.set(key, object)
    return object
  }

  /** Removes an object; removing what isn't there is no error in S3. */
  remove(key: string): void {
    if (this.objects.delete(key)) this.sorted = undefined
  }

  get(key: string): StoredObject | undefined {
    return this.objects.get(key)
  }

  /** The content of an object as text, for assertions. */
  text(key: string): string | undefined {
    return this.objects.get(key)?.read()?.toString()
  }

  /** All keys in S3's order, which is that of their UTF-8 bytes. */
  keys(): readonly string[] {
    this.sorted ??= [...this.objects.keys()].sort(compareKeys)
    return this.sorted
  }
}

/** The order of the UTF-8 bytes. JavaScript's own order of UTF-16 units differs only from the surrogates on. */
export function compareKeys(a: string, b: string): number {
  if (/[\ud800-\uffff]/.test(a + b)) return Buffer.compare(Buffer.from(a), Buffer.from(b))
  return a < b ? -1 : a > b ? 1 : 0
}

/** S3 stores whole seconds. */
function wholeSeconds(milliseconds: number): Date {
  return new Date(Math.floor(milliseconds / 1000) * 1000)
}

export function md5(body: Buffer): string {
  return `"${createHash('md5').update(body).digest('hex')}"`
}

/** A file as an object. Its ETag is computed the first time it is needed, and again when the file has changed. */
function fileObject(key: string, path: string): StoredObject {
  let known: { etag: string; mtime: number; size: number } | undefined
  const current = () => {
    const { mtimeMs: mtime, size } = statSync(path)
    if (known?.mtime !== mtime || known.size !== size) known = { etag: md5(readFileSync(path)), mtime, size }
    return known
  }
  return {
    key,
    get etag() {
      return current().etag
    },
    get size() {
      return current().size
    },
    get modifiedAt() {
      return wholeSeconds(current().mtime)
    },
    read: () => (existsSync(path) ? readFileSync(path) : undefined),
  }
}
