-- The star from staging, five tables, in SQL that DuckDB and PostgreSQL share. Trusts the source: no duplicate, no conflict,
-- no double-encoded text, no check, no ledger.

create table users as
select user_id, first_name, last_name, gender, level, last_event_at
from (
  select
    e.user_id, first_name, last_name, gender, level, e.ts as last_event_at,
    row_number() over (partition by e.user_id order by session_id desc, item_in_session desc) as place
  from staging_events e
  join (select user_id, max(ts) as ts from staging_events where user_id <> '' group by user_id) latest
    on latest.user_id = e.user_id and latest.ts = e.ts
) ranked
where place = 1;

create table songs as
select song_id, title, artist_id, artist_name, nullif(year, 0) as year, duration
from staging_songs;

create table artists as
select artist_id, artist_name as name, artist_location as location, artist_latitude as latitude, artist_longitude as longitude
from (
  select
    staging_songs.*,
    row_number() over (
      partition by artist_id
      order by
        case when artist_latitude is not null and artist_longitude is not null then 0 else 1 end,
        case when artist_location <> '' then 0 else 1 end,
        artist_name, artist_location
    ) as place
  from staging_songs
) ranked
where place = 1;

create table songplays as
with song_matches as (
  select min(song_id) as song_id, title, artist_name, duration from songs group by title, artist_name, duration
),
artist_matches as (
  select min(artist_id) as artist_id, artist_name from songs group by artist_name
)
select
  e.session_id * 1048576 + e.item_in_session as songplay_id,
  e.ts as start_time, e.user_id, e.level, m.song_id, coalesce(s.artist_id, a.artist_id) as artist_id,
  e.session_id, e.item_in_session, e.location, trim(both '"' from e.user_agent) as user_agent,
  e.song as song_title, e.artist as artist_name, e.length
from staging_events e
left join song_matches m on m.title = e.song and m.artist_name = e.artist and m.duration = e.length
left join songs s on s.song_id = m.song_id
left join artist_matches a on a.artist_name = e.artist
where e.page = 'NextSong';

create table time as
select
  start_time,
  extract(hour from start_time) as hour,
  extract(day from start_time) as day,
  extract(week from start_time) as week,
  extract(month from start_time) as month,
  extract(year from start_time) as year,
  extract(isodow from start_time) as weekday
from (select distinct start_time from songplays) started;
