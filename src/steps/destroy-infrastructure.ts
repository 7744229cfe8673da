import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Context } from '../context.ts'
import { type ExitCode, exitCodes, refusal } from '../errors.ts'
import { tables } from '../schema/index.ts'
import { allTables } from '../sql-queries/index.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { folderMarker } from './create-infrastructure.ts'

export interface LocalDestruction {
  readonly engine: string
  readonly removed: readonly string[]
  /** What would be removed with `--yes`; empty when it was. */
  readonly wouldRemove: readonly string[]
  readonly remaining: readonly string[]
}

/** Removes the database, and its folder if create-infrastructure made it and nothing else lies in it. Without `yes` it only says so. */
export async function destroyLocalInfrastructure(
  context: Context,
  { yes }: { yes: boolean },
): Promise<{ result: LocalDestruction; exitCode: ExitCode }> {
  const { config, log } = context
  const folder = dirname(config.database)
  const paths = [
    config.database,
    `${config.database}.wal`,
    `${config.database}.tmp`,
    `${config.database}.spool`,
  ].filter(existsSync)
  if (existsSync(config.database)) await verifyOurs(context)
  const marker = join(folder, folderMarker)
  const removable = new Set([...paths, marker])
  if (existsSync(marker) && readdirSync(folder).every((name) => removable.has(join(folder, name))))
    paths.push(marker, folder)
  const result = { engine: config.engine, removed: [], wouldRemove: [], remaining: [] }
  if (paths.length === 0) {
    log.done('destroy', 'nothing', `there is no warehouse at ${config.database}`)
    return { result, exitCode: exitCodes.done }
  }
  if (!yes) {
    for (const path of paths) log.done('would', 'remove', path)
    log.warn('Nothing was removed. Run it again with --yes to remove it; the source is not touched.')
    return { result: { ...result, wouldRemove: paths }, exitCode: exitCodes.refused }
  }
  for (const path of paths) {
    if (path === folder) rmdirSync(path)
    else rmSync(path, { recursive: true })
    log.done('remove', path === folder ? 'folder' : 'file', path)
  }
  const remaining = paths.filter(existsSync)
  return {
    result: { ...result, removed: paths, remaining },
    exitCode: remaining.length > 0 ? exitCodes.leftOver : exitCodes.done,
  }
}

/** A database that holds no table of ours, or others too, is somebody's work. */
async function verifyOurs(context: Context): Promise<void> {
  const warehouse = await context.openWarehouse('read')
  try {
    const foreign = await foreignTables(warehouse)
    if (foreign.length > 0)
      throw refusal(
        `${context.config.database} holds tables that this suite did not make: ${foreign.join(', ')}.`,
        'Remove them, or the file, yourself.',
      )
  } finally {
    await warehouse.close()
  }
}

async function foreignTables(warehouse: Warehouse): Promise<string[]> {
  const live = await warehouse.query(allTables())
  const ours = new Set(tables.map(({ name }) => name))
  return live.map(({ table_name }) => String(table_name)).filter((name) => !ours.has(name))
}
