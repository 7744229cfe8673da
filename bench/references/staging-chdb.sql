set join_use_nulls = 1;
set default_table_engine = 'Log';
create function epoch_ms as (ms) -> fromUnixTimestamp64Milli(ms, 'UTC');
create table staging_events as select * from file('source/log_data/**/*.json', JSONEachRow, 'artist Nullable(String),
  auth Nullable(String), firstName Nullable(String), gender Nullable(String), itemInSession Int32,
  lastName Nullable(String), length Nullable(Decimal(10, 5)), level Nullable(String), location Nullable(String),
  method Nullable(String), page String, registration Nullable(Float64), sessionId Int64, song Nullable(String),
  status Nullable(Int32), ts Int64, userAgent Nullable(String), userId String');
create table staging_songs as select * from file('source/song_data/**/*.json', JSONEachRow, 'artist_id String,
  artist_latitude Nullable(Decimal(10, 5)), artist_location Nullable(String), artist_longitude Nullable(Decimal(10, 5)),
  artist_name Nullable(String), duration Nullable(Decimal(10, 5)), num_songs Nullable(Int32), song_id String,
  title Nullable(String), year Int32');
