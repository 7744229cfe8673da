import { type Column, itemsPerSession, songplays } from '../schema/index.ts'
import { identifier, list, literal, names, type Sql, sql } from './sql.ts'

/** Two plays are the same if these are equal. Their order decides which of two different plays with one id is inserted. */
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

/** The columns that are taken from staging as they are. They don't tell plays apart: an older load may not have had them. */
const taken = songplays.columns.filter(({ stagedAs }) => stagedAs !== undefined)
const carriedColumns = [...contentColumns, ...taken.map(({ name }) => identifier(name))]

/**
 * A text without blanks at both ends, or null if it is empty. In the star every text is trimmed, so both engines compare alike. Few
 * texts have blanks there, and DuckDB looks for them in a fifth of the time it takes to trim.
 */
export const trimmed = (text: Sql) =>
  sql`case when ${text} like ' %' or ${text} like '% ' or ${text} = '' then nullif(trim(both ' ' from ${text}), '') else ${text} end`

/**
 * A user agent without the quotes and blanks around it, or null if it is empty. Nearly all have one quote at each end, or none at all;
 * to tell these apart takes a third of the time of trimming.
 */
const cleanUserAgent = sql`
      case
        when e.user_agent like '"%' and e.user_agent like '%"' and length(e.user_agent) > 3
          and not (
            e.user_agent like '" %' or e.user_agent like '""%' or e.user_agent like '% "' or e.user_agent like '%""'
          )
          then substring(e.user_agent, 2, length(e.user_agent) - 2)
        when e.user_agent <> '' and not (
            e.user_agent like '"%' or e.user_agent like '%"' or e.user_agent like ' %' or e.user_agent like '% '
          )
          then e.user_agent
        else nullif(trim(both ' "' from e.user_agent), '')
      end`

/** True for the staged events that are plays. */
export const isPlay = sql`(page = 'NextSong' or trim(both ' ' from page) = 'NextSong')`

const songplayId = sql`session_id * ${itemsPerSession} + item_in_session`

/** The staged plays: cleaned and repaired, not yet matched to the catalog, including duplicates. */
const stagedPlays = sql`
    select
      ${songplayId} as songplay_id,
      e.ts as start_time,
      ${trimmed(sql`e.user_id`)} as user_id,
      ${trimmed(sql`e.level`)} as level,
      e.session_id,
      e.item_in_session,
      ${trimmed(sql`e.location`)} as location,
      ${cleanUserAgent} as user_agent,
      coalesce(s.repaired, ${trimmed(sql`e.song`)}) as song_title,
      coalesce(a.repaired, ${trimmed(sql`e.artist`)}) as artist_name,
      ${list(['e.length' as Sql, ...taken.map(stagedColumn)])}
    from staging_events e
    left join sparkify_repaired_texts s on s.arrived = ${trimmed(sql`e.song`)}
    left join sparkify_repaired_texts a on a.arrived = ${trimmed(sql`e.artist`)}
    where ${isPlay}`

function stagedColumn({ name, type, stagedAs = name }: Column): Sql {
  const staged = sql`e.${identifier(stagedAs)}`
  return sql`${type.startsWith('text') ? trimmed(staged) : staged} as ${identifier(name)}`
}

/** The ids that several staged plays share, or that songplays already has. Few, so most plays skip the work of `sparkify_duplicate_plays`. */
export function createDuplicateIds(): Sql {
  return sql`
    create temp table sparkify_duplicate_ids as
    with staged as (
      select ${songplayId} as songplay_id from staging_events where ${isPlay}
    )
    select songplay_id from staged group by songplay_id having count(*) > 1
    union
    select p.songplay_id from songplays p join staged s on s.songplay_id = p.songplay_id`
}

/**
 * Every staged play with a duplicate id, and its outcome: inserted, already_loaded, duplicate or conflict. Of different plays with one
 * id the one that is loaded stays; if none is, the first by content is inserted.
 */
export function createDuplicatePlays(): Sql {
  const inOrder = list(contentColumns.map((column) => sql`${column} nulls last`))
  return sql`
    create temp table sparkify_duplicate_plays as
    with candidates as (
      select songplay_id, session_id, item_in_session, ${list(carriedColumns)}, 0 as is_staged
      from songplays
      where songplay_id in (select songplay_id from sparkify_duplicate_ids)
      union all
      select songplay_id, session_id, item_in_session, ${list(carriedColumns)}, 1 as is_staged
      from (
        ${stagedPlays}
      ) staged
      where songplay_id in (select songplay_id from sparkify_duplicate_ids)
    ),
    versions as (
      select candidates.*, dense_rank() over (partition by songplay_id order by ${inOrder}) as version
      from candidates
    ),
    copies as (
      select versions.*,
        row_number() over (partition by songplay_id, version order by ${list([sql`is_staged`, ...taken.map(({ name }) => sql`${identifier(name)} nulls last`)])}) as copy,
        max(case when is_staged = 0 then version end) over (partition by songplay_id) as loaded_version
      from versions
    )
    select songplay_id, session_id, item_in_session, ${list(carriedColumns)},
      case
        when version = loaded_version then 'already_loaded'
        when copy > 1 then 'duplicate'
        when version > 1 or loaded_version is not null then 'conflict'
        else 'inserted'
      end as outcome
    from copies
    where is_staged = 1`
}

/** Matches the play `p` to a song and an artist of `catalog`; if several match, to the smallest id. */
const match = (catalog: Sql) => ({
  with: sql`
    song_matches as (
      select song_id, artist_id, title, artist_name, duration
      from ${catalog}
      where song_id in (select min(song_id) from ${catalog} group by title, artist_name, duration)
    ),
    artist_matches as (
      select min(artist_id) as artist_id, artist_name
      from ${catalog}
      group by artist_name
    )`,
  joins: sql`
    left join song_matches m
      on m.title = p.song_title
      and m.artist_name = p.artist_name
      and m.duration = p.length
    left join artist_matches a on a.artist_name = p.artist_name`,
  songId: sql`m.song_id`,
  artistId: sql`coalesce(m.artist_id, a.artist_id)`,
})

/** Adds the plays with a unique id and those kept of `sparkify_duplicate_plays`, matched to the catalog. Plays without a match stay. */
export function insertPlays(loadId: Sql): Sql {
  const matched = match(sql`songs`)
  return sql`
    insert into songplays (${names([...songplays.columns.filter((column) => !taken.includes(column)), ...taken])})
    with new_plays as (
      select songplay_id, session_id, item_in_session, ${list(carriedColumns)}
      from (
        ${stagedPlays}
      ) staged
      where songplay_id not in (select songplay_id from sparkify_duplicate_ids)
      union all
      select songplay_id, session_id, item_in_session, ${list(carriedColumns)}
      from sparkify_duplicate_plays
      where outcome = 'inserted'
    ),
    ${matched.with}
    select
      p.songplay_id, p.start_time, p.user_id, p.level, ${matched.songId}, ${matched.artistId},
      p.session_id, p.item_in_session, p.location, p.user_agent, p.song_title, p.artist_name, p.length,
      ${list([loadId, ...taken.map(({ name }) => sql`p.${identifier(name)}`)])}
    from new_plays p
    ${matched.joins}`
}

/** Earlier plays that match differently because the catalog changed, with their new ids. */
export function createRematchedPlays(): Sql {
  const matched = match(sql`touched_songs`)
  return sql`
    create temp table sparkify_rematched_plays as
    with touched_songs as (
      select s.* from songs s join sparkify_changed_artist_names n on n.artist_name = s.artist_name
    ),
    ${matched.with}
    select p.songplay_id, ${matched.songId} as song_id, ${matched.artistId} as artist_id
    from songplays p
    join sparkify_changed_artist_names n on n.artist_name = p.artist_name
    ${matched.joins}
    where coalesce(p.song_id, '') <> coalesce(${matched.songId}, '')
      or coalesce(p.artist_id, '') <> coalesce(${matched.artistId}, '')`
}

export function updateRematchedPlays(): Sql {
  return sql`
    update songplays
    set song_id = r.song_id, artist_id = r.artist_id
    from sparkify_rematched_plays r
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

/** The staged plays that contradict another play with their id. */
export function conflictingPlays(): Sql {
  return sql`
    select session_id, item_in_session, ${list(contentColumns)}
    from sparkify_duplicate_plays
    where outcome = 'conflict'
    order by songplay_id, ${list(contentColumns)}`
}

/** The reconciliation of a load without `quarantined`: one row. */
export function reconciliation(loadId: Sql): Sql {
  const countOf = (outcome: string) =>
    sql`(select count(*) from sparkify_duplicate_plays where outcome = ${literal(outcome)})`
  return sql`
    select
      e.events,
      e.events - e.plays as not_a_play,
      e.plays,
      ${countOf('already_loaded')} as already_loaded,
      ${countOf('duplicate')} as duplicates,
      ${countOf('conflict')} as conflicts,
      p.plays as inserted,
      p.with_song,
      p.with_artist
    from
      (select count(*) as events, count(case when ${isPlay} then 1 end) as plays from staging_events) e,
      (
        select count(*) as plays, count(song_id) as with_song, count(artist_id) as with_artist
        from songplays
        where load_id = ${loadId}
      ) p`
}
