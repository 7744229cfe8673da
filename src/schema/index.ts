/** The schema: every table as data. DDL, checks, jsonpaths and the diagram are made from it. */
import { loadLedger, loads, quarantine, schemaVersions } from './bookkeeping.ts'
import { stagingEvents, stagingSongs } from './staging.ts'
import { artists, songplays, songs, time, users } from './star.ts'
import type { StagingTable, Table } from './types.ts'

export { loadLedger, loads, quarantine, reconciliationColumns, schemaVersions } from './bookkeeping.ts'
export { plays } from './plays.ts'
export { keptIn, stagingEvents, stagingSongs } from './staging.ts'
export { artists, songplays, songs, time, users } from './star.ts'
export type { Column, ColumnType, Row, SourceName, StagingTable, Table, Value, View } from './types.ts'

/** Add one whenever the columns of a table change. A warehouse records the version it was made with. */
export const schemaVersion = 2

export const stagingTables: readonly StagingTable[] = [stagingEvents, stagingSongs]
export const starTables: readonly Table[] = [users, songs, artists, time, songplays]
export const bookkeepingTables: readonly Table[] = [loadLedger, loads, quarantine, schemaVersions]

/** All tables, in the order of the data flow. */
export const tables: readonly Table[] = [...stagingTables, ...starTables, ...bookkeepingTables]

/** songplay_id = session_id * itemsPerSession + item_in_session. It is unique and fits a bigint within these two limits. */
export const itemsPerSession = 1_048_576
export const maxSessionId = 8_796_093_022_206
