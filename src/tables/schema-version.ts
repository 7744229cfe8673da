import { refusal } from '../errors.ts'
import { schemaVersion, schemaVersions } from '../schema/index.ts'
import { latestSchemaVersion, liveColumns } from '../sql-queries/index.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'

/** The schema version of this warehouse; undefined if it has none of our tables. */
export async function findSchemaVersion(warehouse: Warehouse): Promise<number | undefined> {
  const columns = await warehouse.query(liveColumns())
  if (!columns.some(({ table_name }) => table_name === schemaVersions.name)) return undefined
  const [row] = await warehouse.query(latestSchemaVersion())
  return row?.version === null || row?.version === undefined ? undefined : Number(row.version)
}

/** @throws UserError (exit code 2) unless the warehouse has exactly this version of the schema. */
export async function verifySchema(warehouse: Warehouse): Promise<void> {
  const version = await findSchemaVersion(warehouse)
  if (version === undefined) throw refusal('The warehouse has no tables yet.', 'Run create-tables first.')
  verifyNotNewer(version)
  if (version < schemaVersion)
    throw refusal(
      `The warehouse has version ${version} of the schema; this project needs version ${schemaVersion}.`,
      'Run create-tables: it adds what is missing and reports what else differs.',
    )
}

/** @throws UserError (exit code 2) if a later version of this project made the warehouse. */
export function verifyNotNewer(version: number): void {
  if (version > schemaVersion)
    throw refusal(
      `The warehouse has version ${version} of the schema, which is newer than this project knows (${schemaVersion}).`,
      'Update this project (git pull, npm ci).',
    )
}
