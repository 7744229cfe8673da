import { type Sql, sql } from './sql.ts'

/** The operating system that a user agent names, tested in the order that settles agents which name several. */
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

/** The browser: most also claim to be Safari or Chrome, so the rarer name is asked for first. */
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

export const freeAndPaid: Sql = sql`
  select level, count(*) as plays, count(distinct user_id) as users
  from songplays
  group by level
  order by plays desc, level`

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
