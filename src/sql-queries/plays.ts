import { itemsPerSession, songplays } from '../schema/index.ts'
import type { Dialect } from './dialect.ts'
import { identifier, list, literal, names, type Sql, sql } from './sql.ts'

/** Two plays are the same if these are equal. Their order decides which of two different plays with one id is kept. */
const contentColumns = [
  'start_time',
  'user_id',
  'level',
  'location',
  'user_agent',
  'song_title',
  'artist_name',
  'length',
].map(identifier)
const textColumns = new Set(
  songplays.columns.filter(({ type }) => type.startsWith('text')).map(({ name }) => name as Sql),
)

/** A text, or null if it is empty. Compares the length, because on Redshift text of blanks equals ''. */
export function nullIfEmpty(text: Sql): Sql {
  return sql`case when length(${text}) > 0 then ${text} end`
}

const songplayId = sql`session_id * ${itemsPerSession} + item_in_session`

/** The staged NextSong events as plays: cleaned and repaired, not yet matched to the catalog, including duplicates. */
function stagedPlays(dialect: Dialect): Sql {
  const { exact } = dialect
  return sql`
    select
      ${songplayId} as songplay_id,
      e.ts as start_time,
      ${nullIfEmpty(sql`e.user_id`)} as user_id,
      ${nullIfEmpty(sql`e.level`)} as level,
      e.session_id,
      e.item_in_session,
      ${nullIfEmpty(sql`e.location`)} as location,
      ${nullIfEmpty(sql`trim(both '"' from e.user_agent)`)} as user_agent,
      ${nullIfEmpty(sql`coalesce(s.repaired, e.song)`)} as song_title,
      ${nullIfEmpty(sql`coalesce(a.repaired, e.artist)`)} as artist_name,
      e.length
    from staging_events e
    left join repaired_texts s on ${exact(sql`s.arrived`)} = ${exact(sql`e.song`)}
    left join repaired_texts a on ${exact(sql`a.arrived`)} = ${exact(sql`e.artist`)}
    where e.page = 'NextSong'`
}

/** The ids that several staged plays share, or that songplays already has. Few, so most plays skip the work of `duplicate_plays`. */
export function createDuplicateIds(): Sql {
  return sql`
    create temp table duplicate_ids as
    with staged as (
      select ${songplayId} as songplay_id from staging_events where page = 'NextSong'
    )
    select songplay_id from staged group by songplay_id having count(*) > 1
    union
    select p.songplay_id from songplays p join staged s on s.songplay_id = p.songplay_id`
}

/**
 * Every play with a duplicate id, and its outcome: kept or ousted if it was loaded before; inserted, replaced, already_loaded,
 * duplicate or conflict if it is staged now. Of different plays with one id, the first by content is kept, so that the result
 * doesn't depend on the order of loads.
 */
export function createDuplicatePlays(dialect: Dialect): Sql {
  const inOrder = list(
    contentColumns.map((column) => sql`${textColumns.has(column) ? dialect.exact(column) : column} nulls last`),
  )
  return sql`
    create temp table duplicate_plays as
    with candidates as (
      select songplay_id, session_id, item_in_session, ${list(contentColumns)}, 0 as is_staged
      from songplays
      where songplay_id in (select songplay_id from duplicate_ids)
      union all
      select songplay_id, session_id, item_in_session, ${list(contentColumns)}, 1 as is_staged
      from (
        ${stagedPlays(dialect)}
      ) staged
      where songplay_id in (select songplay_id from duplicate_ids)
    ),
    versions as (
      select candidates.*,
        dense_rank() over (partition by songplay_id order by ${inOrder}) as version,
        min(is_staged) over (partition by songplay_id) as id_is_new
      from candidates
    ),
    copies as (
      select versions.*,
        min(is_staged) over (partition by songplay_id, version) as version_is_new,
        row_number() over (partition by songplay_id, version order by is_staged) as copy
      from versions
    )
    select songplay_id, session_id, item_in_session, ${list(contentColumns)},
      case
        when is_staged = 0 and version = 1 then 'kept'
        when is_staged = 0 then 'ousted'
        when version_is_new = 0 then 'already_loaded'
        when copy > 1 then 'duplicate'
        when version > 1 then 'conflict'
        when id_is_new = 0 then 'replaced'
        else 'inserted'
      end as outcome
    from copies`
}

/** Deletes plays that a staged play with the same id replaces. */
export function deleteOustedPlays(): Sql {
  return sql`
    delete from songplays
    where songplay_id in (select songplay_id from duplicate_plays where outcome = 'ousted')`
}

/** Matches the play `p` to a song and an artist of `catalog`; if several match, to the smallest id. */
const match = (dialect: Dialect, catalog: Sql) => ({
  with: sql`
    song_matches as (
      select min(song_id) as song_id, ${dialect.exact(sql`title`)} as title, ${dialect.exact(sql`artist_name`)} as artist_name, duration
      from ${catalog}
      group by 2, 3, 4
    ),
    artist_matches as (
      select min(artist_id) as artist_id, ${dialect.exact(sql`artist_name`)} as artist_name
      from ${catalog}
      group by 2
    )`,
  joins: sql`
    left join song_matches m
      on m.title = ${dialect.exact(sql`p.song_title`)}
      and m.artist_name = ${dialect.exact(sql`p.artist_name`)}
      and m.duration = p.length
    left join songs s on ${dialect.exact(sql`s.song_id`)} = ${dialect.exact(sql`m.song_id`)}
    left join artist_matches a on a.artist_name = ${dialect.exact(sql`p.artist_name`)}`,
  songId: sql`m.song_id`,
  artistId: sql`coalesce(s.artist_id, a.artist_id)`,
})

/** Adds the plays with a unique id and those kept of `duplicate_plays`, matched to the catalog. Plays without a match stay. */
export function insertPlays(dialect: Dialect, loadId: Sql): Sql {
  const matched = match(dialect, sql`songs`)
  return sql`
    insert into songplays (${names(songplays.columns)})
    with plays as (
      select songplay_id, session_id, item_in_session, ${list(contentColumns)}
      from (
        ${stagedPlays(dialect)}
      ) staged
      where songplay_id not in (select songplay_id from duplicate_ids)
      union all
      select songplay_id, session_id, item_in_session, ${list(contentColumns)}
      from duplicate_plays
      where outcome in ('inserted', 'replaced')
    ),
    ${matched.with}
    select
      p.songplay_id, p.start_time, p.user_id, p.level, ${matched.songId}, ${matched.artistId},
      p.session_id, p.item_in_session, p.location, p.user_agent, p.song_title, p.artist_name, p.length, ${loadId}
    from plays p
    ${matched.joins}`
}

/** Earlier plays that match differently because the catalog changed, with their new ids. */
export function createRematchedPlays(dialect: Dialect): Sql {
  const { exact } = dialect
  const matched = match(dialect, sql`touched_songs`)
  return sql`
    create temp table rematched_plays as
    with touched_songs as (
      select s.* from songs s join changed_artist_names n on n.artist_name = ${exact(sql`s.artist_name`)}
    ),
    ${matched.with}
    select p.songplay_id, ${matched.songId} as song_id, ${matched.artistId} as artist_id
    from songplays p
    join changed_artist_names n on n.artist_name = ${exact(sql`p.artist_name`)}
    ${matched.joins}
    where ${exact(sql`coalesce(p.song_id, '')`)} <> ${exact(sql`coalesce(${matched.songId}, '')`)}
      or ${exact(sql`coalesce(p.artist_id, '')`)} <> ${exact(sql`coalesce(${matched.artistId}, '')`)}`
}

export function updateRematchedPlays(): Sql {
  return sql`
    update songplays
    set song_id = r.song_id, artist_id = r.artist_id
    from rematched_plays r
    where songplays.songplay_id = r.songplay_id`
}

/** Adds the instants of this load's plays that the time table doesn't have yet. */
export function insertTime(loadId: Sql): Sql {
  return sql`
    insert into time (start_time, hour, day, week, month, year, weekday)
    select
      start_time,
      extract(hour from start_time),
      extract(day from start_time),
      extract(week from start_time),
      extract(month from start_time),
      extract(year from start_time),
      case when extract(dow from start_time) = 0 then 7 else extract(dow from start_time) end
    from (
      select distinct start_time from songplays where load_id = ${loadId}
    ) started
    where not exists (select 1 from time t where t.start_time = started.start_time)`
}

/** Deletes the instants at which only ousted plays had started. */
export function deleteOustedTime(): Sql {
  return sql`
    delete from time
    where start_time in (select start_time from duplicate_plays where outcome = 'ousted')
      and start_time not in (
        select start_time from songplays
        where start_time in (select start_time from duplicate_plays where outcome = 'ousted')
      )`
}

/** The plays that were not kept, as staged or as they were in songplays. */
export function conflictingPlays(): Sql {
  return sql`
    select outcome, session_id, item_in_session, ${list(contentColumns)}
    from duplicate_plays
    where outcome in ('conflict', 'ousted')
    order by songplay_id, ${list(contentColumns)}`
}

/** The reconciliation of a load without `quarantined`: one row. */
export function reconciliation(loadId: Sql): Sql {
  const countOf = (...outcomes: string[]) =>
    sql`(select count(*) from duplicate_plays where outcome in (${list(outcomes.map(literal))}))`
  return sql`
    select
      e.events,
      e.events - e.plays as not_a_play,
      e.plays,
      ${countOf('already_loaded')} as already_loaded,
      ${countOf('duplicate')} as duplicates,
      ${countOf('conflict', 'replaced')} as conflicts,
      p.plays - ${countOf('replaced')} as inserted,
      p.with_song,
      p.with_artist
    from
      (select count(*) as events, count(case when page = 'NextSong' then 1 end) as plays from staging_events) e,
      (
        select count(*) as plays, count(song_id) as with_song, count(artist_id) as with_artist
        from songplays
        where load_id = ${loadId}
      ) p`
}
