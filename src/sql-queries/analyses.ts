import { type Sql, sql } from './sql.ts'

/** The operating system of a user agent. The order matters for agents that name several. */
const operatingSystem = sql`
  case
    when user_agent like '%iPhone%' then 'iPhone'
    when user_agent like '%iPad%' then 'iPad'
    when user_agent like '%Android%' then 'Android'
    when user_agent like '%Windows%' then 'Windows'
    when user_agent like '%Macintosh%' then 'macOS'
    when user_agent like '%Linux%' then 'Linux'
    else 'other'
  end`

/** The browser of a user agent. Most also claim to be Safari or Chrome, so rarer names come first. */
const browser = sql`
  case
    when user_agent like '%Edg%' then 'Edge'
    when user_agent like '%OPR/%' or user_agent like 'Opera%' then 'Opera'
    when user_agent like '%Chromium/%' then 'Chromium'
    when user_agent like '%Chrome/%' or user_agent like '%CriOS/%' then 'Chrome'
    when user_agent like '%Firefox/%' or user_agent like '%FxiOS/%' then 'Firefox'
    when user_agent like '%MSIE %' or user_agent like '%Trident/%' then 'Internet Explorer'
    when user_agent like '%Safari/%' or user_agent like '%AppleWebKit/%' then 'Safari'
    else 'other'
  end`

export const songplaysByHour: Sql = sql`
  select t.hour, count(*) as plays
  from songplays p
  join time t on t.start_time = p.start_time
  group by t.hour
  order by t.hour`

export const songplaysByDay: Sql = sql`
  select cast(start_time as date) as day, count(*) as plays
  from songplays
  group by cast(start_time as date)
  order by day`

/** Sums up all Mondays, all Tuesdays, and so on. */
export const songplaysByWeekdayAndHour: Sql = sql`
  select
    case t.weekday
      when 1 then 'Monday'
      when 2 then 'Tuesday'
      when 3 then 'Wednesday'
      when 4 then 'Thursday'
      when 5 then 'Friday'
      when 6 then 'Saturday'
      else 'Sunday'
    end as weekday,
    t.hour,
    count(*) as plays
  from songplays p
  join time t on t.start_time = p.start_time
  group by t.weekday, t.hour
  order by t.weekday, t.hour`

/** On the day of their first play a listener counts as first time, on all later days as returning. */
export const listenersByDay: Sql = sql`
  with listener_days as (
    select distinct user_id, cast(start_time as date) as day
    from songplays
    where user_id is not null
  ),
  first_days as (
    select user_id, min(day) as first_day
    from listener_days
    group by user_id
  )
  select
    d.day,
    case when d.day = f.first_day then 'first time' else 'returning' end as kind,
    count(*) as listeners
  from listener_days d
  join first_days f on f.user_id = d.user_id
  group by 1, 2
  order by 1, 2`

/** Whole seconds since 1970. `extract` returns fractions on DuckDB and none on Redshift. */
const epoch = sql`cast(floor(extract(epoch from start_time)) as bigint)`

/** From the start of a session's first play to the end of its last. */
export const sessionLengths: Sql = sql`
  with sessions as (
    select
      session_id,
      count(*) as plays,
      max(${epoch} + coalesce(length, 0)) - min(${epoch}) as seconds
    from songplays
    group by session_id
  )
  select
    case
      when seconds < 600 then 'under 10 minutes'
      when seconds < 1800 then '10 to 30 minutes'
      when seconds < 3600 then '30 to 60 minutes'
      when seconds < 7200 then '1 to 2 hours'
      when seconds < 14400 then '2 to 4 hours'
      else '4 hours or more'
    end as session_length,
    count(*) as sessions,
    cast(sum(plays) as bigint) as plays
  from sessions
  group by 1
  order by min(seconds)`

export const mostPlayedArtists: Sql = sql`
  select artist_name as artist, count(*) as plays
  from songplays
  where artist_name is not null
  group by artist_name
  order by plays desc, artist
  limit 10`

export const mostPlayedSongs: Sql = sql`
  select song_title as song, artist_name as artist, count(*) as plays
  from songplays
  where song_title is not null
  group by song_title, artist_name
  order by plays desc, song, artist
  limit 10`

export const operatingSystems: Sql = sql`
  select
    ${operatingSystem} as operating_system,
    count(*) as plays
  from songplays
  group by 1
  order by plays desc, operating_system`

export const browsers: Sql = sql`
  select
    ${browser} as browser,
    count(*) as plays
  from songplays
  group by 1
  order by plays desc, browser`

export const locations: Sql = sql`
  select location, count(*) as plays, count(distinct user_id) as listeners
  from songplays
  where location is not null
  group by location
  order by plays desc, location
  limit 10`

export const freeAndPaid: Sql = sql`
  select level, count(*) as plays, count(distinct user_id) as users
  from songplays
  group by level
  order by plays desc, level`

/** A user's level changes at a play with a level other than that of their previous play. */
export const levelChanges: Sql = sql`
  with plays as (
    select
      cast(start_time as date) as day,
      level,
      lag(level) over (partition by user_id order by start_time, session_id, item_in_session) as earlier_level
    from songplays
    where user_id is not null and level is not null
  )
  select
    day,
    case when level = 'paid' then 'upgrade' else 'downgrade' end as change,
    count(*) as changes
  from plays
  where level <> earlier_level
  group by 1, 2
  order by 1, 2`

/** The listeners in ten groups of the same size, busiest first. */
export const topListeners: Sql = sql`
  with listeners as (
    select user_id, count(*) as plays
    from songplays
    where user_id is not null
    group by user_id
  ),
  ranked as (
    select plays, ntile(10) over (order by plays desc) as tenth
    from listeners
  )
  select tenth, count(*) as listeners, cast(sum(plays) as bigint) as plays
  from ranked
  group by tenth
  order by tenth`

export const catalogCoverage: Sql = sql`
  select
    case
      when song_id is not null then 'song and artist known'
      when artist_id is not null then 'artist known'
      else 'not in the catalog'
    end as catalog,
    count(*) as plays
  from songplays
  group by 1
  order by plays desc, catalog`
