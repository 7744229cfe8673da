/** Every statement there is, as text, in the order a reader meets them: tables, a load, what is asked of the star. */
import {
  keptIn,
  reconciliationColumns,
  schemaVersions,
  songplays,
  stagingTables,
  starTables,
  type Table,
  tables,
} from '../../../src/schema/index.ts'
import type { Dialect, Sql } from '../../../src/sql-queries/index.ts'
import * as queries from '../../../src/sql-queries/index.ts'
import { literal } from '../../../src/sql-queries/index.ts'

/** Exports that are no statements but parts of them. */
export const parts = [
  'convertsTexts',
  'changedRows',
  'codeOf',
  'duckdb',
  'identifier',
  'instant',
  'isPlay',
  'jsonpaths',
  'list',
  'literal',
  'names',
  'qualityChecks',
  'reconciliationChecks',
  'redshift',
  'sql',
  'trimmed',
]

type Statements = Record<string, Sql | readonly Sql[]>

const ofEach = <Of extends Table>(
  name: string,
  list: readonly Of[],
  statement: (table: Of) => Sql | Sql[],
): Statements => Object.fromEntries(list.map((table) => [`${name} ${table.name}`, statement(table)]))

/** Name of the function, and what it says; with the table where it is said of several. */
export function statements(dialect: Dialect): Statements {
  const loadId = literal('20181130T000000000Z-0a1b2c')
  const instant = new Date(Date.UTC(2018, 10, 30))
  const at = queries.instant(instant)
  const [users, songs, artists] = starTables
  if (!users || !songs || !artists) throw new Error('The star has no dimensions.')
  return {
    allTables: queries.allTables(),
    liveColumns: queries.liveColumns(),
    latestSchemaVersion: queries.latestSchemaVersion(),
    ...ofEach('createTable', tables, (table) => queries.createTable(table, dialect)),
    ...ofEach('commentOnTable', tables, queries.commentOnTable),
    createPlaysView: queries.createPlaysView(),
    commentOnPlaysView: queries.commentOnPlaysView(dialect),
    dropPlaysView: queries.dropPlaysView(),
    recordSchemaVersion: queries.recordSchemaVersion(at, '1.0.0'),
    dropTable: queries.dropTable(schemaVersions),
    commentOnColumn: queries.commentOnColumn(users, { name: 'country', type: 'text(64)', comment: 'where from' }),
    addColumn: queries.addColumn(users, { name: 'country', type: 'text(64)', comment: 'where from' }, dialect),
    alterType: queries.alterType(users, { name: 'level', type: 'text(32)', comment: 'free or paid' }, dialect),
    dropColumn: queries.dropColumn(users, 'country'),
    dropTemporary: queries.dropTemporary(queries.changedRows(users)),

    latestVersions: queries.latestVersions(),
    latestLoadId: queries.latestLoadId(),
    findLoad: queries.findLoad(loadId),
    ...ofEach('clear', stagingTables, queries.clear),
    ...(dialect === queries.duckdb ? ofDuckdb() : ofRedshift()),
    createChangedArtists: queries.createChangedArtists(),
    ...ofEach('deleteChanged', [artists], queries.deleteChanged),
    ...ofEach('insertChanged', [artists], queries.insertChanged),
    createChangedSongs: queries.createChangedSongs(),
    createChangedArtistNames: queries.createChangedArtistNames(),
    ...ofEach('deleteChanged', [songs], queries.deleteChanged),
    ...ofEach('insertChanged', [songs], queries.insertChanged),
    createRematchedPlays: queries.createRematchedPlays(),
    updateRematchedPlays: queries.updateRematchedPlays(),
    createChangedUsers: queries.createChangedUsers(),
    ...ofEach('deleteChanged', [users], queries.deleteChanged),
    ...ofEach('insertChanged', [users], queries.insertChanged),
    createNonAsciiTexts: queries.createNonAsciiTexts(dialect),
    createRepairedTexts: queries.createRepairedTexts(dialect),
    createDuplicateIds: queries.createDuplicateIds(),
    createDuplicatePlays: queries.createDuplicatePlays(),
    insertPlays: queries.insertPlays(loadId),
    insertTime: queries.insertTime(loadId),
    conflictingPlays: queries.conflictingPlays(),
    repairedInConflicts: queries.repairedInConflicts(),
    reconciliation: queries.reconciliation(loadId),
    insertLoad: queries.insertLoad(
      '20181130T000000000Z-0a1b2c',
      instant,
      instant,
      '1.0.0',
      Object.fromEntries(reconciliationColumns.map(({ name }, index) => [name, index])) as never,
    ),
    deleteSupersededQuarantine: queries.deleteSupersededQuarantine(loadId),
    ...ofEach('countValues', stagingTables, (table) => queries.countValues(table)),
    filledBefore: queries.filledBefore(stagingTables[0]?.columns.filter(({ name }) => name in keptIn) ?? []),
    countOutside: queries.countOutside(at, at),
    runChecks: queries.runChecks(queries.qualityChecks(loadId, dialect)),

    ...ofEach('countRows', starTables, queries.countRows),
    countAllRows: queries.countAllRows(starTables),
    starPage: queries.starPage(songplays, '1048576', 50_000),
    recentLoads: queries.recentLoads(5),
    quarantineByReason: queries.quarantineByReason(),
    quarantinedObjects: queries.quarantinedObjects(),
    grantedPrivileges: queries.grantedPrivileges('dwh', ['songplays']),
    orphansOfLoads: queries.orphansOfLoads(),
    playWindow: queries.playWindow(),
  }
}

function ofDuckdb(): Statements {
  return {
    ...ofEach('createTemporary', stagingTables, (table) => queries.createTemporary(table, queries.duckdb)),
    ...ofEach('copyFiles', stagingTables, (table) => queries.copyFiles(table, ["/a/it's.json", '/a/b.json'])),
  }
}

function ofRedshift(): Statements {
  const copies = stagingTables.map((table): [string, Sql] => [
    `copyManifest ${table.name}`,
    queries.copyManifest(table, {
      manifest: 's3://bucket/manifest.json',
      jsonpaths: 's3://bucket/jsonpaths.json',
      role: 'arn:aws:iam::123456789012:role/dwh',
      region: 'us-west-2',
      gzip: table.source === 'log_data',
    }),
  ])
  return {
    ...Object.fromEntries(copies),
    copiedRows: queries.copiedRows(),
    copiedFiles: queries.copiedFiles(),
    copyErrors: queries.copyErrors(),
    rejectedFiles: queries.rejectedFiles(),
    ...Object.fromEntries(
      stagingTables.map((table) => [`stagedAgainstRules ${table.name}`, queries.stagedAgainstRules(table)]),
    ),
  }
}

/** All statements of a dialect as one readable file: what `documentation/sql/` holds. */
export function rendered(dialect: Dialect): string {
  return Object.entries(statements(dialect))
    .map(([name, text]) => `-- ${name}\n${[text].flat().join(';\n')};\n`)
    .join('\n')
}

/** The names of the functions that have been rendered for either engine. */
export function renderedNames(): Set<string> {
  const all = [queries.duckdb, queries.redshift].flatMap((dialect) => Object.keys(statements(dialect)))
  return new Set(all.map((name) => name.replace(/ .*/, '')))
}
