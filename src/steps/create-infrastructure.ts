import { accessSync, constants, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Context } from '../context.ts'
import { refusal, systemErrorCode } from '../errors.ts'

/** Lies in a folder that create-infrastructure made, so that destroy-infrastructure may remove it. */
export const folderMarker = '.made-by-create-infrastructure'

export interface LocalInfrastructure {
  readonly engine: string
  readonly folder: string
  readonly database: string
  readonly created: boolean
}

/** Finds or makes the folder of the database and checks that it can be written to. */
export function createLocalInfrastructure({ config, log }: Context): LocalInfrastructure {
  const folder = dirname(config.database)
  const created = !existsSync(folder)
  try {
    mkdirSync(folder, { recursive: true })
    if (created) writeFileSync(join(folder, folderMarker), '')
    accessSync(folder, constants.W_OK)
  } catch (error) {
    const reason = {
      EACCES: 'may not be written by you',
      EPERM: 'may not be written by you',
      EROFS: 'is on a disk that is read-only',
      ENOTDIR: "can't be made: a part of its path is a file",
      EEXIST: 'is a file',
      ENOSPC: "can't be made: the disk is full",
    }
    const code = systemErrorCode(error) as keyof typeof reason
    throw refusal(
      `The folder ${folder} ${reason[code] ?? `can't be made: ${String(error)}`}.`,
      'Name another DATABASE in [WAREHOUSE] of the config.',
    )
  }
  log.done(created ? 'create' : 'find', 'folder', folder)
  return { engine: config.engine, folder, database: config.database, created }
}
