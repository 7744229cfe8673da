import { artists, songplays, songs, type Table, time, users } from '../schema/index.ts'
import type { Dialect, Sql } from '../sql-queries/index.ts'
import * as queries from '../sql-queries/index.ts'
import { identifier, literal } from '../sql-queries/index.ts'

/** One statement on the way from staging to the star. */
export interface Transform {
  /** The table it makes or changes. */
  readonly target: Sql
  /** `make` a temporary table anew; `replace` takes out rows that come back changed; the others as they say. */
  readonly change: 'make' | 'insert' | 'update' | 'delete' | 'replace'
  readonly statement: (dialect: Dialect, loadId: string) => Sql
}

const make = (name: string, statement: Transform['statement']): Transform => ({
  target: identifier(name),
  change: 'make',
  statement,
})
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
 * From staging to the star, in order. The catalog comes first, so that new plays find it; older plays are matched again
 * only where the catalog changed.
 */
export const transforms: readonly Transform[] = [
  make('changed_artists', queries.createChangedArtists),
  change(artists, 'replace', () => queries.deleteChanged(artists)),
  change(artists, 'insert', () => queries.insertChanged(artists)),

  make('changed_songs', queries.createChangedSongs),
  make('changed_artist_names', queries.createChangedArtistNames),
  change(songs, 'replace', () => queries.deleteChanged(songs)),
  change(songs, 'insert', () => queries.insertChanged(songs)),
  make('rematched_plays', queries.createRematchedPlays),
  change(songplays, 'update', queries.updateRematchedPlays),

  make('changed_users', queries.createChangedUsers),
  change(users, 'replace', () => queries.deleteChanged(users)),
  change(users, 'insert', () => queries.insertChanged(users)),

  make('foreign_texts', queries.createForeignTexts),
  make('repaired_texts', queries.createRepairedTexts),
  make('contested_ids', queries.createContestedIds),
  make('contested_plays', queries.createContestedPlays),
  change(songplays, 'replace', queries.deleteOustedPlays),
  change(songplays, 'insert', (dialect, loadId) => queries.insertPlays(dialect, literal(loadId))),
  change(time, 'delete', queries.deleteOustedTime),
  change(time, 'insert', (_, loadId) => queries.insertTime(literal(loadId))),
]
