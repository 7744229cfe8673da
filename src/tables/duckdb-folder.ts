import { accessSync, constants, existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Context } from '../context.ts'
import { refusal, systemErrorCode } from '../errors.ts'
import { verifyOwnFolder } from '../objects/prepare-files.ts'
import { plays, tables } from '../schema/index.ts'
import { allTables } from '../sql-queries/index.ts'
import { isIncompleteFile } from '../warehouse/incomplete-file.ts'

/** Marks a folder that create-infrastructure or create-tables created, so that destroy-infrastructure may remove it. */
const folderMarker = '.made-by-create-infrastructure'

/** What create-infrastructure would do. */
export function planFolder({ config, log }: Context) {
  const { engine, database } = config
  const folder = dirname(database)
  const exists = existsSync(folder)
  log.done(exists ? 'exists' : 'would', exists ? 'folder' : 'create folder', folder)
  return { engine, folder, database, created: false }
}

/** Finds or creates the folder of the database and checks that it can be written to. @throws UserError if it can't. */
export function createFolder({ config, log }: Context) {
  const { engine, database } = config
  const folder = dirname(database)
  const created = !existsSync(folder)
  try {
    mkdirSync(folder, { recursive: true })
    if (created) writeFileSync(join(folder, folderMarker), '')
    accessSync(folder, constants.W_OK)
  } catch (error) {
    const reasons: Readonly<Record<string, string>> = {
      EACCES: 'is not writable for you',
      EPERM: 'is not writable for you',
      EROFS: 'is on a read-only disk',
      ENOTDIR: "can't be created: a part of its path is a file",
      EEXIST: 'is a file',
      ENOSPC: "can't be created: the disk is full",
    }
    const reason = reasons[systemErrorCode(error) ?? ''] ?? `can't be created: ${String(error)}`
    throw refusal(`The folder ${folder} ${reason}.`, 'Name another DATABASE in [WAREHOUSE] of the config.')
  }
  if (created) log.done('create', 'folder', folder)
  return { engine, folder, database, created }
}

interface DuckdbDestruction {
  readonly engine: string
  readonly removed: readonly string[]
  /** What would be removed with `--yes`; empty when it was. */
  readonly wouldRemove: readonly string[]
  readonly remaining: readonly string[]
}

/** Removes the database, and its folder if create-infrastructure created it and nothing else is in it. Without `yes` it only lists them. */
export async function destroyDuckdb(context: Context, { yes }: { yes: boolean }): Promise<DuckdbDestruction> {
  const { config, log } = context
  const { engine, database } = config
  const folder = dirname(database)
  const [spool, temporary] = [`${database}.spool`, `${database}.tmp`]
  const paths = [database, `${database}.wal`, temporary, spool].filter(existsSync)
  verifyOwnFolder(spool)
  verifyTemporary(temporary)
  if (existsSync(database) && !isIncompleteFile(database)) await verifyOurs(context)
  const marker = join(folder, folderMarker)
  const removable = new Set([...paths, marker])
  if (existsSync(marker) && readdirSync(folder).every((name) => removable.has(join(folder, name))))
    paths.push(marker, folder)
  const nothing = { engine, removed: [], wouldRemove: [], remaining: [] }
  if (paths.length === 0) {
    log.done('destroy', 'nothing', `there is no warehouse at ${database}`)
    return nothing
  }
  if (!yes) {
    for (const path of paths) log.done('would', 'remove', path)
    log.warn('Nothing was removed. Run it again with --yes to remove it; the source stays.')
    return { ...nothing, wouldRemove: paths }
  }
  for (const path of paths) {
    if (path === folder) rmdirSync(path)
    else rmSync(path, { recursive: true })
    log.done('remove', path === folder ? 'folder' : 'file', path)
  }
  return { ...nothing, removed: paths, remaining: paths.filter(existsSync) }
}

/** @throws UserError if the database has other tables than ours, or none of ours: then it is somebody's work. */
async function verifyOurs(context: Context): Promise<void> {
  const { database } = context.config
  const warehouse = await context.openWarehouse('read')
  try {
    const live = await warehouse.query(allTables())
    const names = live.map(({ table_schema, table_name }) =>
      table_schema === 'main' ? String(table_name) : `${table_schema}.${table_name}`,
    )
    const ours = new Set([...tables, plays].map(({ name }) => name))
    const foreign = names.filter((name) => !ours.has(name))
    if (foreign.length > 0)
      throw refusal(`${database} has tables that create-tables did not create: ${foreign.join(', ')}.`, removeYourself)
    if (names.length === 0)
      throw refusal(`${database} has none of the tables that create-tables creates.`, removeYourself)
  } finally {
    await warehouse.close()
  }
}

/** @throws UserError if DuckDB's folder for what doesn't fit into memory has files that DuckDB doesn't put there. */
function verifyTemporary(folder: string): void {
  const names = existsSync(folder) ? readdirSync(folder) : []
  const foreign = names.find((name) => !name.startsWith('duckdb_temp_'))
  if (foreign !== undefined) throw refusal(`${join(folder, foreign)} is not a file of DuckDB.`, 'Move it away.')
}

const removeYourself = 'Remove them, or the file, yourself.'
