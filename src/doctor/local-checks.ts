import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { NotCreated, refusal } from '../errors.ts'
import { size } from '../text.ts'
import type { DoctorCheck } from './check.ts'

/** DuckDB writes its blocks, its log and what does not fit into memory; less than this is too little to begin. */
const leastBytes = 200_000_000

/** The folder of DuckDB's file, its disk, and the file. */
export const localChecks: readonly DoctorCheck[] = [
  {
    name: 'folder',
    needs: [],
    async look({ context }) {
      const folder = dirname(context.config.database)
      if (!existsSync(folder))
        throw new NotCreated(`There is no folder ${folder} yet.`, 'Run create-tables: it creates folder and warehouse.')
      if (!statSync(folder).isDirectory())
        throw refusal(`${folder} is a file.`, 'Name another DATABASE in [WAREHOUSE] of the config.')
      try {
        accessSync(folder, constants.W_OK | constants.X_OK)
      } catch {
        throw refusal(
          `The folder ${folder} is not writable for you.`,
          'Allow it (chmod u+wx), or name another DATABASE in [WAREHOUSE] of the config.',
        )
      }
      return `${folder} is writable`
    },
  },
  {
    name: 'disk',
    needs: ['folder'],
    async look({ context, freeBytes }) {
      const folder = dirname(context.config.database)
      const free = freeBytes(folder)
      if (free < leastBytes)
        throw refusal(
          `The disk of ${folder} has ${size(free)} free, less than ${size(leastBytes)}.`,
          'Free some space, or name a DATABASE on another disk in [WAREHOUSE] of the config.',
        )
      return `${size(free)} free`
    },
  },
  {
    name: 'database',
    needs: ['folder'],
    async look({ context, found }) {
      const { database } = context.config
      const isThere = existsSync(database) || existsSync(`${database}.wal`)
      if (!isThere)
        throw new NotCreated(`There is no warehouse at ${database} yet.`, 'Run create-tables: it creates it.')
      found.warehouse = await context.openWarehouse('read')
      return `${database} opens, ${size(statSync(database).size)}`
    },
  },
]
