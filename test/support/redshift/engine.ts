/**
 * Many sessions on one PGlite, which has one connection. One session at a time has the main database: for a statement, or from the first
 * statement to the end of its transaction. Meanwhile the others' reads see what was last committed, in a second PGlite that starts from an
 * image of the first (crash recovery drops the open transaction); the others' writes wait. So readers see the old rows or the new ones,
 * never half, and writers take turns, which is stricter than Redshift: there they wait only for the tables they share.
 */
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { Database } from './database.ts'
import { setup } from './setup.ts'

/** Whoever can hold the main database. */
export interface Holder {
  /** Gives the main database back if all it did there was to read; says whether it did. */
  yieldMain(): Promise<boolean>
}

interface Waiter {
  readonly holder: Holder
  readonly proceed: () => void
}

const packageFolder = join(dirname(createRequire(import.meta.url).resolve('@electric-sql/pglite')), '..')

async function prepareImage(): Promise<Blob> {
  const lite = await PGlite.create()
  await lite.exec(setup)
  const image = await lite.dumpDataDir('none')
  await lite.close()
  return image
}

/** The prepared database as an image, kept beside the packages because to make one takes seconds. */
async function findOrPrepareImage(): Promise<Blob> {
  const version = createHash('sha256')
    .update(await readFile(join(packageFolder, 'package.json')))
    .update(setup)
    .digest('hex')
    .slice(0, 16)
  const folder = join(packageFolder, '..', '..', '.cache', 'redshift-double')
  const path = join(folder, `${version}.tar`)
  try {
    return new Blob([await readFile(path)])
  } catch {
    const image = await prepareImage()
    try {
      await mkdir(folder, { recursive: true })
      for (const old of await readdir(folder)) await rm(join(folder, old), { force: true })
      const draft = `${path}.${process.pid}`
      await writeFile(draft, Buffer.from(await image.arrayBuffer()))
      await rename(draft, path).catch(() => rm(draft, { force: true }))
    } catch {
      // A folder that can't be written only costs time.
    }
    return image
  }
}

let image: Promise<Blob> | undefined

const load = async (from: Blob) => new Database(await PGlite.create({ loadDataDir: from }))

export class Engine {
  readonly main: Database
  #holder: Holder | undefined
  /** Held for a transaction or a COPY, so that a reader should not wait for it. */
  #isHeldLong = false
  readonly #waiters: Waiter[] = []
  #changes = 0
  #snapshot: { readonly changes: number; readonly database: Promise<Database> } | undefined

  static async start(): Promise<Engine> {
    image ??= findOrPrepareImage()
    return new Engine(await load(await image))
  }

  constructor(main: Database) {
    this.main = main
  }

  /** Is the main database with another session for longer than a statement? */
  isHeldFrom(holder: Holder): boolean {
    return this.#holder !== undefined && this.#holder !== holder && this.#isHeldLong
  }

  isHolding(holder: Holder): boolean {
    return this.#holder === holder
  }

  /** Waits for the main database. Rejects with the signal's reason if that fires first. */
  async acquire(holder: Holder, { isLong, signal }: { isLong: boolean; signal?: AbortSignal }): Promise<void> {
    signal?.throwIfAborted()
    if (this.#holder === holder) {
      this.#isHeldLong ||= isLong
      return
    }
    if (this.#holder !== undefined && this.#isHeldLong && (await this.#holder.yieldMain())) signal?.throwIfAborted()
    if (this.#holder !== undefined || this.#waiters.length > 0) await this.#wait(holder, signal)
    this.#holder = holder
    this.#isHeldLong = isLong
  }

  /** Gives the main database to who waits longest. `changed`: something may have been committed. */
  release(holder: Holder, { changed }: { changed: boolean }): void {
    if (this.#holder !== holder) return
    if (changed) this.#changes += 1
    this.#holder = undefined
    const waiter = this.#waiters.shift()
    if (waiter === undefined) return
    this.#holder = waiter.holder
    waiter.proceed()
  }

  /** What is committed now, for reading only. An older one lasts as long as a transaction looks at it. */
  snapshot(): Promise<Database> {
    if (this.#snapshot?.changes !== this.#changes) {
      const database = this.main.image().then(load)
      this.#snapshot = { changes: this.#changes, database }
    }
    return this.#snapshot.database
  }

  async close(): Promise<void> {
    await this.#snapshot?.database.then((open) => open.close()).catch(() => undefined)
    await this.main.close().catch(() => undefined)
  }

  #wait(holder: Holder, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1)
        reject(signal?.reason)
      }
      const waiter: Waiter = {
        holder,
        proceed: () => {
          signal?.removeEventListener('abort', giveUp)
          resolve()
        },
      }
      signal?.addEventListener('abort', giveUp, { once: true })
      this.#waiters.push(waiter)
    })
  }
}
