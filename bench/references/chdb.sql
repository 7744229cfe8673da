-- The five tables of star.sql in the dialect of ClickHouse, straight from the files.
create table events engine = MergeTree order by tuple() as
select * from file('source/log_data/**/*.json', JSONEachRow, 'artist Nullable(String), auth Nullable(String),
  firstName Nullable(String), gender Nullable(String), itemInSession Int32, lastName Nullable(String),
  length Nullable(Decimal(10, 5)), level Nullable(String), location Nullable(String), method Nullable(String),
  page String, registration Nullable(Float64), sessionId Int64, song Nullable(String), status Nullable(Int32), ts Int64,
  userAgent Nullable(String), userId Nullable(String)');
create table songs engine = MergeTree order by song_id as
select * replace (nullIf(year, 0) as year) from file('source/song_data/**/*.json', JSONEachRow, 'artist_id String,
  artist_latitude Nullable(Decimal(10, 5)), artist_location Nullable(String), artist_longitude Nullable(Decimal(10, 5)),
  artist_name Nullable(String), duration Nullable(Decimal(10, 5)), num_songs Nullable(Int32), song_id String,
  title Nullable(String), year Nullable(Int32)');
create table users engine = MergeTree order by tuple() as
select userId, firstName, lastName, gender, level, fromUnixTimestamp64Milli(ts, 'UTC') as last_event_at
from events where userId <> '' order by ts desc, sessionId desc, itemInSession desc limit 1 by userId;
create table artists engine = MergeTree order by tuple() as
select artist_id, artist_name, artist_location, artist_latitude, artist_longitude from songs
order by isNull(artist_latitude) or isNull(artist_longitude), ifNull(artist_location, '') = '', artist_name limit 1 by artist_id;
create table songplays engine = MergeTree order by tuple() as
with matches as (select min((song_id, artist_id)) as found, title, artist_name, duration from songs group by all),
  names as (select min(artist_id) as named, artist_name from songs group by all)
select sessionId * 1048576 + itemInSession as songplay_id, fromUnixTimestamp64Milli(ts, 'UTC') as start_time, userId, level,
  nullIf(m.found.1, '') as song_id, coalesce(nullIf(m.found.2, ''), nullIf(a.named, '')) as artist_id, sessionId,
  itemInSession, location, trim(both '"' from userAgent) as user_agent, song, artist, length
from events e
left join matches m on m.title = e.song and m.artist_name = e.artist and m.duration = e.length
left join names a on a.artist_name = e.artist
where page = 'NextSong';
create table time engine = MergeTree order by tuple() as
select start_time, toHour(start_time) as hour, toDayOfMonth(start_time) as day, toISOWeek(start_time) as week,
  toMonth(start_time) as month, toYear(start_time) as year, toDayOfWeek(start_time) as weekday
from (select distinct start_time from songplays);
