import { artists, songplays, songs, time, users } from './star.ts'
import type { Table, View, ViewColumn } from './types.ts'

/** A column of a table, under its own name or another one. */
function shown(table: Table, column: string, name = column): ViewColumn {
  const { type, comment } = table.columns.find((candidate) => candidate.name === column) ?? {}
  if (type === undefined || comment === undefined) throw new Error(`${table.name} has no column ${column}.`)
  return { name, type, from: `${table.name}.${column}`, comment }
}

/** What the columns of songplays are called here if the view has a plainer place for them. */
const placedElsewhere = ['start_time', 'load_id']

/** Every play with all that is known of it: what an analyst opens first. Columns that songplays gets appear here too. */
export const plays: View = {
  name: 'plays',
  grain: 'one play with its user, song, artist and calendar; a play that the catalog does not know has nulls there',
  columns: [
    shown(songplays, 'start_time'),
    { name: 'start_date', type: 'date', comment: 'UTC day on which it started' },
    ...['hour', 'day', 'week', 'month', 'year', 'weekday'].map((column) => shown(time, column)),
    { name: 'weekday_name', type: 'text(16)', comment: 'Monday to Sunday' },
    ...songplays.columns
      .filter(({ name }) => !placedElsewhere.includes(name))
      .map(({ name }) => shown(songplays, name)),
    shown(users, 'first_name'),
    shown(users, 'last_name'),
    shown(users, 'gender'),
    shown(songs, 'year', 'song_year'),
    shown(artists, 'location', 'artist_location'),
    shown(artists, 'latitude', 'artist_latitude'),
    shown(artists, 'longitude', 'artist_longitude'),
    shown(songplays, 'load_id'),
  ],
}
