-- The five tables from staging, in SQL that DuckDB and PostgreSQL share. It trusts the source: no duplicates, no
-- conflicts, no double-encoded texts, no checks, no ledger.
create table users as
select distinct on ("userId")
  "userId" as user_id, "firstName" as first_name, "lastName" as last_name, gender, level, epoch_ms(ts) as last_event_at
from staging_events e
join (select "userId", max(ts) as ts from staging_events where "userId" <> '' group by "userId") l using ("userId", ts)
order by "userId", "sessionId" desc, "itemInSession" desc;

create table songs as
select song_id, title, artist_id, artist_name, nullif(year, 0) as year, duration from staging_songs;

create table artists as
select distinct on (artist_id) artist_id, artist_name as name, artist_location as location,
  artist_latitude as latitude, artist_longitude as longitude
from staging_songs
order by artist_id, artist_latitude is null or artist_longitude is null, coalesce(artist_location, '') = '',
  artist_name, artist_location;

create table songplays as
with song_matches as (
  select min(song_id) as song_id, title, artist_name, duration from songs group by title, artist_name, duration
), artist_matches as (
  select min(artist_id) as artist_id, artist_name from songs group by artist_name
)
select e."sessionId" * 1048576 + e."itemInSession" as songplay_id, epoch_ms(e.ts) as start_time, e."userId" as user_id,
  e.level, m.song_id, coalesce(s.artist_id, a.artist_id) as artist_id, e."sessionId" as session_id,
  e."itemInSession" as item_in_session, e.location, trim(both '"' from e."userAgent") as user_agent,
  e.song as song_title, e.artist as artist_name, e.length
from staging_events e
left join song_matches m on m.title = e.song and m.artist_name = e.artist and m.duration = e.length
left join songs s on s.song_id = m.song_id
left join artist_matches a on a.artist_name = e.artist
where e.page = 'NextSong';

create table time as
select start_time, extract(hour from start_time) as hour, extract(day from start_time) as day,
  extract(week from start_time) as week, extract(month from start_time) as month, extract(year from start_time) as year,
  extract(isodow from start_time) as weekday
from (select distinct start_time from songplays) started;
