-- The server reads the files of the folder `source`, each line whole: JSON can't hold the two control characters that
-- stand for quote and delimiter.
create unlogged table log (record text);
create unlogged table catalog (record text);
\set events 'find ' :source '/log_data/ -name "*.json" -print0 | sort -z | xargs -0 awk 1'
\set songs 'find ' :source '/song_data/ -name "*.json" -print0 | sort -z | xargs -0 awk 1'
copy log from program :'events' (format csv, quote e'\x01', delimiter e'\x02');
copy catalog from program :'songs' (format csv, quote e'\x01', delimiter e'\x02');

create unlogged table staging_events as select e.* from log, json_to_record(record::json) as e(
  artist text, auth text, "firstName" text, gender text, "itemInSession" integer, "lastName" text, length decimal(10,5),
  level text, location text, method text, page text, registration double precision, "sessionId" bigint, song text,
  status integer, ts bigint, "userAgent" text, "userId" text
);
create unlogged table staging_songs as select s.* from catalog, json_to_record(record::json) as s(
  artist_id text, artist_latitude decimal(10,5), artist_location text, artist_longitude decimal(10,5),
  artist_name text, duration decimal(10,5), num_songs integer, song_id text, title text, year integer
);
analyze staging_events, staging_songs;
create function epoch_ms(ms bigint) returns timestamp language sql immutable
return timestamp '1970-01-01' + ms * interval '1 millisecond';
