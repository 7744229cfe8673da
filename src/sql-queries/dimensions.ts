import { artists, songs, type Table, users } from '../schema/index.ts'
import type { Dialect } from './dialect.ts'
import { nullIfEmpty } from './plays.ts'
import { identifier, list, names, type Sql, sql } from './sql.ts'

/** Name of the temporary table that holds the rows of a dimension that are new or changed in this load. */
export const changedRows = (table: Table) => identifier(`changed_${table.name}`)

/**
 * Deletes the rows that `changed_…` has in a newer version; `insertChanged` adds them again. Keys are text, so chr(1) is added, because
 * Redshift ignores blanks at the end.
 */
export function deleteChanged(table: Table): Sql {
  const key = sql`${identifier(table.key[0] ?? '')} || chr(1)`
  return sql`
    delete from ${identifier(table.name)}
    where ${key} in (select ${key} from ${changedRows(table)})`
}

/** The length of every text of a table. Without them EXCEPT would ignore blanks at the end on Redshift. */
function lengths({ columns }: Table): Sql {
  const texts = columns.filter(({ type }) => type.startsWith('text')).map(({ name }) => name)
  return list(texts.map((name) => sql`length(${identifier(name)}) as ${identifier(`${name}_length`)}`))
}

export function insertChanged(table: Table): Sql {
  return sql`
    insert into ${identifier(table.name)} (${names(table.columns)})
    select ${names(table.columns)} from ${changedRows(table)}`
}

/** The latest event of each staged user, if it is later than the one in the users table. */
export function createChangedUsers({ exact }: Dialect): Sql {
  return sql`
    create temp table changed_users as
    with latest as (
      select ${exact(sql`user_id`)} as user_id, max(ts) as ts from staging_events where length(user_id) > 0 group by 1
    ),
    candidates as (
      select
        e.user_id,
        ${nullIfEmpty(sql`e.first_name`)} as first_name,
        ${nullIfEmpty(sql`e.last_name`)} as last_name,
        ${nullIfEmpty(sql`e.gender`)} as gender,
        ${nullIfEmpty(sql`e.level`)} as level,
        e.ts as last_event_at,
        e.session_id as last_session_id,
        e.item_in_session as last_item_in_session,
        1 as is_staged
      from staging_events e
      join latest l on l.user_id = ${exact(sql`e.user_id`)} and l.ts = e.ts
      union all
      select ${names(users.columns)}, 0 as is_staged
      from users
      where ${exact(sql`user_id`)} in (select user_id from latest)
    ),
    ranked as (
      select candidates.*,
        row_number() over (
          partition by ${exact(sql`user_id`)}
          order by last_event_at desc, last_session_id desc, last_item_in_session desc,
            ${exact(sql`first_name`)} nulls last, ${exact(sql`last_name`)} nulls last,
            ${exact(sql`gender`)} nulls last, ${exact(sql`level`)} nulls last, is_staged
        ) as place
      from candidates
    )
    select ${names(users.columns)} from ranked where place = 1 and is_staged = 1`
}

/** The staged songs that are missing or different in the songs table. Of several records of one song, the first in order. */
export function createChangedSongs({ exact }: Dialect): Sql {
  return sql`
    create temp table changed_songs as
    with cleaned as (
      select
        song_id,
        ${nullIfEmpty(sql`title`)} as title,
        artist_id,
        ${nullIfEmpty(sql`artist_name`)} as artist_name,
        nullif(year, 0) as year,
        duration
      from staging_songs
    ),
    ranked as (
      select cleaned.*,
        row_number() over (
          partition by ${exact(sql`song_id`)}
          order by ${exact(sql`title`)} nulls last, ${exact(sql`artist_id`)}, ${exact(sql`artist_name`)} nulls last,
            year nulls last, duration nulls last
        ) as place
      from cleaned
    )
    select ${names(songs.columns)}
    from (
      select ${names(songs.columns)}, ${lengths(songs)} from ranked where place = 1
      except
      select ${names(songs.columns)}, ${lengths(songs)} from songs
    ) changed`
}

/** Every artist name, made exact, whose plays may match differently because songs change. Run before songs change. */
export function createChangedArtistNames({ exact }: Dialect): Sql {
  return sql`
    create temp table changed_artist_names as
    select ${exact(sql`artist_name`)} as artist_name from changed_songs where artist_name is not null
    union
    select ${exact(sql`artist_name`)} as artist_name from songs
    where song_id in (select song_id from changed_songs) and artist_name is not null`
}

/** The artists for which the staged songs have a better description than the artists table. */
export function createChangedArtists({ exact }: Dialect): Sql {
  return sql`
    create temp table changed_artists as
    with candidates as (
      select
        artist_id,
        ${nullIfEmpty(sql`artist_name`)} as name,
        ${nullIfEmpty(sql`artist_location`)} as location,
        artist_latitude as latitude,
        artist_longitude as longitude
      from staging_songs
      union all
      select ${names(artists.columns)} from artists
      where artist_id in (select artist_id from staging_songs)
    ),
    ranked as (
      select candidates.*,
        row_number() over (
          partition by ${exact(sql`artist_id`)}
          order by
            case when latitude is not null and longitude is not null then 0 else 1 end,
            case when location is not null then 0 else 1 end,
            ${exact(sql`name`)} nulls last, ${exact(sql`location`)} nulls last,
            latitude nulls last, longitude nulls last
        ) as place
      from candidates
    )
    select ${names(artists.columns)}
    from (
      select ${names(artists.columns)}, ${lengths(artists)} from ranked where place = 1
      except
      select ${names(artists.columns)}, ${lengths(artists)} from artists
    ) changed`
}
