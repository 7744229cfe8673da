-- Loads the source into PostgreSQL by psql: psql -v log_data=DIR -v song_data=DIR -f postgresql.sql
-- The server reads the files itself, each line whole; control characters that JSON can't hold stand in for quote and delimiter.

create unlogged table arrived_events (record text);
\set copy_events 'find ' :log_data ' -name "*.json" -print0 | sort -z | xargs -0 sed -n p'
copy arrived_events from program :'copy_events' (format csv, quote e'\x01', delimiter e'\x02');

create unlogged table arrived_songs (record text);
\set copy_songs 'find ' :song_data ' -name "*.json" -print0 | sort -z | xargs -0 awk 1'
copy arrived_songs from program :'copy_songs' (format csv, quote e'\x01', delimiter e'\x02');

create unlogged table staging_events as
select
  e.artist, e.auth, e."firstName" as first_name, e.gender, e."itemInSession" as item_in_session, e."lastName" as last_name,
  e.length, e.level, e.location, e.method, e.page, e.registration, e."sessionId" as session_id, e.song, e.status,
  timestamp '1970-01-01' + e.ts * interval '1 millisecond' as ts, e."userAgent" as user_agent, e."userId" as user_id
from arrived_events,
  json_to_record(record::json) as e(
    artist text, auth text, "firstName" text, gender text, "itemInSession" integer, "lastName" text, length decimal(10,5),
    level text, location text, method text, page text, registration double precision, "sessionId" bigint, song text,
    status integer, ts bigint, "userAgent" text, "userId" text
  );

create unlogged table staging_songs as
select s.*
from arrived_songs,
  json_to_record(record::json) as s(
    artist_id text, artist_latitude decimal(10,5), artist_location text, artist_longitude decimal(10,5), artist_name text,
    duration decimal(10,5), num_songs integer, song_id text, title text, year integer
  );

analyze staging_events, staging_songs;
