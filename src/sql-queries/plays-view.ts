import { plays } from '../schema/index.ts'
import type { Dialect } from './dialect.ts'
import { identifier, list, literal, type Sql, sql } from './sql.ts'

const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']

/** The columns that the view computes. */
const computed: Readonly<Record<string, Sql>> = {
  start_date: sql`cast(songplays.start_time as date)`,
  weekday_name: sql`case time.weekday ${list(
    weekdays.map((name, index) => sql`when ${index + 1} then ${literal(name)}`),
    ' ',
  )} end`,
}

/** Creates the view of every play with its user, song, artist and calendar. A play is never left out or multiplied. */
export function createPlaysView(): Sql {
  const columns = plays.columns.map(({ name, from }) => sql`${(from ?? computed[name]) as Sql} as ${identifier(name)}`)
  return sql`
    create view ${identifier(plays.name)} as
    select
      ${list(columns, ',\n')}
    from songplays
    left join time on time.start_time = songplays.start_time
    left join users on users.user_id = songplays.user_id
    left join songs on songs.song_id = songplays.song_id
    left join artists on artists.artist_id = songplays.artist_id`
}

export const dropPlaysView = (): Sql => sql`drop view if exists ${identifier(plays.name)}`

/** Comments on the view, and on its columns where the engine can. */
export function commentOnPlaysView(dialect: Dialect): Sql[] {
  const view = sql`comment on view ${identifier(plays.name)} is ${literal(plays.grain)}`
  if (!dialect.commentsOnViewColumns) return [view]
  const columns = plays.columns.map(
    ({ name, comment }) => sql`comment on column ${identifier(plays.name)}.${identifier(name)} is ${literal(comment)}`,
  )
  return [view, ...columns]
}
