import type { Column, Table } from './types.ts'

/** The reconciliation of a load: where each of its events went. `plays` = inserted + already_loaded + duplicates + conflicts. */
export const reconciliationColumns = [
  { name: 'events', type: 'bigint', required: true, comment: 'events staged' },
  { name: 'not_a_play', type: 'bigint', required: true, comment: 'events of pages other than NextSong' },
  { name: 'plays', type: 'bigint', required: true, comment: 'events of the page NextSong' },
  { name: 'already_loaded', type: 'bigint', required: true, comment: 'plays that an earlier load had inserted' },
  { name: 'duplicates', type: 'bigint', required: true, comment: 'repetitions of a play in this load' },
  { name: 'conflicts', type: 'bigint', required: true, comment: 'plays with the id of a different play' },
  { name: 'quarantined', type: 'bigint', required: true, comment: 'records that this load put into quarantine' },
  { name: 'inserted', type: 'bigint', required: true, comment: 'plays added to songplays' },
  { name: 'with_song', type: 'bigint', required: true, comment: 'plays added whose song the catalog has' },
  { name: 'with_artist', type: 'bigint', required: true, comment: 'plays added whose artist the catalog has' },
] as const satisfies readonly Column[]

export const loadLedger: Table = {
  name: 'load_ledger',
  layer: 'bookkeeping',
  grain: 'one version of one object that was loaded',
  key: ['object_key', 'load_id'],
  distribution: 'even',
  sortKey: ['object_key'],
  columns: [
    { name: 'object_key', type: 'text(4096)', required: true, comment: 'path or S3 address of the object' },
    { name: 'etag', type: 'text(128)', required: true, comment: 'version: ETag, or size and modification time' },
    { name: 'bytes', type: 'bigint', required: true, comment: 'size in bytes' },
    { name: 'modified_at', type: 'timestamp', required: true, comment: 'modification time at the source' },
    { name: 'source', type: 'text(16)', required: true, comment: 'log_data or song_data' },
    { name: 'load_id', type: 'text(64)', required: true, references: 'loads.load_id', comment: 'load that loaded it' },
    { name: 'rows', type: 'bigint', comment: 'records staged from it; null if the engine does not tell' },
  ],
}

export const loads: Table = {
  name: 'loads',
  layer: 'bookkeeping',
  grain: 'one load: a batch of objects that was committed',
  key: ['load_id'],
  distribution: 'even',
  sortKey: ['load_id'],
  columns: [
    { name: 'load_id', type: 'text(64)', required: true, comment: 'unique; sorts in the order of the loads' },
    { name: 'started_at', type: 'timestamp', required: true, comment: 'when it started' },
    { name: 'finished_at', type: 'timestamp', required: true, comment: 'when its last statement ran' },
    { name: 'version', type: 'text(32)', required: true, comment: 'version of this project' },
    ...reconciliationColumns,
  ],
}

export const quarantine: Table = {
  name: 'quarantine',
  layer: 'bookkeeping',
  grain: 'one rejected record, or a part of one that is longer than 65,535 bytes',
  key: [],
  distribution: 'even',
  sortKey: ['load_id'],
  columns: [
    { name: 'object_key', type: 'text(4096)', comment: 'object that contains it' },
    { name: 'line_number', type: 'bigint', comment: 'line in the object, from 1; null for a whole object' },
    { name: 'reason', type: 'text(1024)', required: true, comment: 'why it was rejected' },
    { name: 'column_name', type: 'text(128)', comment: 'column whose value is wrong' },
    { name: 'raw_text', type: 'text(65535)', comment: 'the record as it arrived; null for a whole object' },
    { name: 'raw_encoding', type: 'text(8)', required: true, comment: 'utf-8, or base64 if the bytes are not text' },
    { name: 'part', type: 'integer', required: true, comment: '1; a longer record continues in parts 2, 3, …' },
    { name: 'load_id', type: 'text(64)', required: true, references: 'loads.load_id', comment: 'load that refused it' },
  ],
}

export const schemaVersions: Table = {
  name: 'schema_versions',
  layer: 'bookkeeping',
  grain: 'one version of this schema that was applied to this warehouse',
  key: ['version'],
  distribution: 'all',
  sortKey: ['version'],
  columns: [
    { name: 'version', type: 'integer', required: true, comment: 'version of the schema' },
    { name: 'applied_at', type: 'timestamp', required: true, comment: 'when it was applied' },
    { name: 'applied_by', type: 'text(32)', required: true, comment: 'version of this project' },
  ],
}
