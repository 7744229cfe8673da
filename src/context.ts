import type { Config } from './config.ts'
import type { Log } from './log.ts'
import type { ObjectStore } from './objects/object-store.ts'
import type { SourceName } from './schema/index.ts'
import type { Warehouse } from './warehouse/warehouse.ts'

/** Everything outside of a command that it may use. Tests make their own. */
export interface Context {
  readonly config: Config
  readonly log: Log
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal
  /** Version of this project. */
  readonly version: string
  now(): Date
  /** Time between two requests when waiting for AWS, in ms: 15,000. Tests set SPARKIFY_POLL_MS to shorten it. */
  readonly pauseMs: number
  /** @throws UserError if the warehouse doesn't exist (unless `create`) or can't be opened. */
  openWarehouse(access: 'create' | 'write' | 'read'): Promise<Warehouse>
  /** The context of another config. @throws UserError (exit code 2) if it can't be read. */
  openOther(configFile: string): Context
  /** The store of a source. Every call of one command gets the same one. */
  objectStore(source: SourceName): Promise<ObjectStore>
}
