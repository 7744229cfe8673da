import type { Context } from '../context.ts'
import { artists, songplays, songs, starTables, type Table, time, users } from '../schema/index.ts'
import type { Dialect, Sql } from '../sql-queries/index.ts'
import * as queries from '../sql-queries/index.ts'
import { identifier, literal } from '../sql-queries/index.ts'
import { counted } from '../text.ts'
import { together, type Warehouse } from '../warehouse/warehouse.ts'
import { sum, type TableSummary } from './results.ts'

/** One statement on the way from staging to the star. */
interface Transform {
  /** The table it creates or changes. */
  readonly target: Sql
  /** `make` is about a temporary table; `replace` deletes rows that a later `insert` adds again, changed. */
  readonly change: 'make' | 'insert' | 'update' | 'replace'
  readonly statement: (dialect: Dialect, loadId: string) => Sql
}

/** Creates a temporary table; an earlier load of the same transaction may have left one. */
const make = (name: string, statement: Transform['statement']): Transform[] => [
  { target: identifier(name), change: 'make', statement: () => queries.dropTemporary(identifier(name)) },
  { target: identifier(name), change: 'make', statement },
]
const change = (
  table: Table,
  kind: Exclude<Transform['change'], 'make'>,
  statement: Transform['statement'],
): Transform => ({
  target: identifier(table.name),
  change: kind,
  statement,
})

/**
 * The statements from staging to the star, in order. The catalog comes first, so that new plays find it. Earlier plays are matched
 * again only if their part of the catalog changed.
 */
const transforms: readonly Transform[] = [
  make('sparkify_changed_artists', queries.createChangedArtists),
  change(artists, 'replace', () => queries.deleteChanged(artists)),
  change(artists, 'insert', () => queries.insertChanged(artists)),

  make('sparkify_changed_songs', queries.createChangedSongs),
  make('sparkify_changed_artist_names', queries.createChangedArtistNames),
  change(songs, 'replace', () => queries.deleteChanged(songs)),
  change(songs, 'insert', () => queries.insertChanged(songs)),
  make('sparkify_rematched_plays', queries.createRematchedPlays),
  change(songplays, 'update', queries.updateRematchedPlays),

  make('sparkify_changed_users', queries.createChangedUsers),
  change(users, 'replace', () => queries.deleteChanged(users)),
  change(users, 'insert', () => queries.insertChanged(users)),

  make('sparkify_non_ascii_texts', queries.createNonAsciiTexts),
  make('sparkify_repaired_texts', queries.createRepairedTexts),
  make('sparkify_duplicate_ids', queries.createDuplicateIds),
  make('sparkify_duplicate_plays', queries.createDuplicatePlays),
  change(songplays, 'insert', (_, loadId) => queries.insertPlays(literal(loadId))),
  change(time, 'insert', (_, loadId) => queries.insertTime(literal(loadId))),
].flat()

/** Runs the transforms. Returns the changes of every table of the star. Sends its statements before it waits for anything. */
export async function transform(
  { log }: Context,
  warehouse: Warehouse,
  loadId: string,
): Promise<Record<string, TableSummary>> {
  log.progress('transform the star')
  const sent = transforms.map(async ({ target, change, statement }, index) => {
    let milliseconds = 0
    const rows = await warehouse.execute(statement(warehouse.dialect, loadId), (elapsed) => {
      milliseconds = elapsed
      const next = transforms[index + 1]
      if (next) log.progress(`transform ${next.target}`)
    })
    return { target, change, rows, milliseconds }
  })
  const counting = warehouse.query(queries.countAllRows(starTables))
  const [done, counts] = await together([together(sent), counting])
  const summaries = starTables.map(({ name }): [string, TableSummary] => {
    const own = done.filter(({ target }) => target === name)
    const rows = (kind: Transform['change']) => sum(own.filter(({ change }) => change === kind).map(({ rows }) => rows))
    const summary = {
      inserted: rows('insert') - rows('replace'),
      updated: rows('update') + rows('replace'),
      rows: Number(counts.find((row) => row.table_name === name)?.n),
    }
    const result = `${counted(summary.rows, 'row')} (${summary.inserted.toLocaleString('en-US')} inserted, ${summary.updated.toLocaleString('en-US')} updated)`
    log.done('transform', name, result, sum(own.map(({ milliseconds }) => milliseconds)))
    return [name, summary]
  })
  return Object.fromEntries(summaries)
}
