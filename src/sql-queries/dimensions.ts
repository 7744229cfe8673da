import { artists, songs, type Table, users } from '../schema/index.ts'
import { trimmed } from './songplays.ts'
import { identifier, names, type Sql, sql } from './sql.ts'

/** Name of the temporary table that holds the rows of a dimension that are new or changed in this load. */
export const changedRows = (table: Table) => identifier(`sparkify_changed_${table.name}`)

/** Deletes the rows that `changed_…` has in a newer version; `insertChanged` adds them again. */
export function deleteChanged(table: Table): Sql {
  const key = identifier(table.key[0] ?? '')
  return sql`
    delete from ${identifier(table.name)}
    where ${key} in (select ${key} from ${changedRows(table)})`
}

export function insertChanged(table: Table): Sql {
  return sql`
    insert into ${identifier(table.name)} (${names(table.columns)})
    select ${names(table.columns)} from ${changedRows(table)}`
}

/** The latest event of each staged user, if it is later than the one in the users table. */
export function createChangedUsers(): Sql {
  return sql`
    create temp table sparkify_changed_users as
    with latest as (
      select ${trimmed(sql`user_id`)} as user_id, max(ts) as ts from staging_events group by 1
    ),
    candidates as (
      select
        l.user_id,
        ${trimmed(sql`e.first_name`)} as first_name,
        ${trimmed(sql`e.last_name`)} as last_name,
        ${trimmed(sql`e.gender`)} as gender,
        ${trimmed(sql`e.level`)} as level,
        e.ts as last_event_at,
        e.session_id as last_session_id,
        e.item_in_session as last_item_in_session,
        1 as is_staged
      from staging_events e
      join latest l on l.user_id = ${trimmed(sql`e.user_id`)} and l.ts = e.ts
      union all
      select ${names(users.columns)}, 0 as is_staged
      from users
      where user_id in (select user_id from latest)
    ),
    ranked as (
      select candidates.*,
        row_number() over (
          partition by user_id
          order by last_event_at desc, last_session_id desc, last_item_in_session desc,
            first_name nulls last, last_name nulls last, gender nulls last, level nulls last, is_staged
        ) as place
      from candidates
    )
    select ${names(users.columns)} from ranked where place = 1 and is_staged = 1`
}

/** The staged songs that are missing or different in the songs table. Of several records of one song, the first in order. */
export function createChangedSongs(): Sql {
  return sql`
    create temp table sparkify_changed_songs as
    with cleaned as (
      select
        ${trimmed(sql`song_id`)} as song_id,
        ${trimmed(sql`title`)} as title,
        ${trimmed(sql`artist_id`)} as artist_id,
        ${trimmed(sql`artist_name`)} as artist_name,
        nullif(year, 0) as year,
        duration
      from staging_songs
    ),
    ranked as (
      select cleaned.*,
        row_number() over (
          partition by song_id
          order by title nulls last, artist_id, artist_name nulls last, year nulls last, duration nulls last
        ) as place
      from cleaned
    )
    select ${names(songs.columns)} from ranked where place = 1
    except
    select ${names(songs.columns)} from songs`
}

/** Every artist whose plays may match differently because songs change. Run before songs change. */
export function createChangedArtistNames(): Sql {
  return sql`
    create temp table sparkify_changed_artist_names as
    select artist_name from sparkify_changed_songs where artist_name is not null
    union
    select artist_name from songs
    where song_id in (select song_id from sparkify_changed_songs) and artist_name is not null`
}

/** The artists for which the staged songs have a better description than the artists table. */
export function createChangedArtists(): Sql {
  return sql`
    create temp table sparkify_changed_artists as
    with staged as (
      select
        ${trimmed(sql`artist_id`)} as artist_id,
        ${trimmed(sql`artist_name`)} as name,
        ${trimmed(sql`artist_location`)} as location,
        artist_latitude as latitude,
        artist_longitude as longitude
      from staging_songs
    ),
    candidates as (
      select * from staged
      union all
      select ${names(artists.columns)} from artists where artist_id in (select artist_id from staged)
    ),
    ranked as (
      select candidates.*,
        row_number() over (
          partition by artist_id
          order by
            case when latitude is not null and longitude is not null then 0 else 1 end,
            case when location is not null then 0 else 1 end,
            name nulls last, location nulls last, latitude nulls last, longitude nulls last
        ) as place
      from candidates
    )
    select ${names(artists.columns)} from ranked where place = 1
    except
    select ${names(artists.columns)} from artists`
}
