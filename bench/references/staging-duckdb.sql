create table staging_events as
select
  artist, auth, "firstName" as first_name, gender, "itemInSession" as item_in_session, "lastName" as last_name, length,
  level, location, method, page, registration, "sessionId" as session_id, song, status, epoch_ms(ts) as ts,
  "userAgent" as user_agent, "userId" as user_id
from read_json(
  '{log_data}/**/*.json',
  format = 'newline_delimited',
  columns = {
    artist: 'varchar', auth: 'varchar', "firstName": 'varchar', gender: 'varchar', "itemInSession": 'integer',
    "lastName": 'varchar', length: 'decimal(10,5)', level: 'varchar', location: 'varchar', method: 'varchar',
    page: 'varchar', registration: 'double', "sessionId": 'bigint', song: 'varchar', status: 'integer', ts: 'bigint',
    "userAgent": 'varchar', "userId": 'varchar'
  }
);

create table staging_songs as
select *
from read_json(
  '{song_data}/**/*.json',
  format = 'newline_delimited',
  columns = {
    artist_id: 'varchar', artist_latitude: 'decimal(10,5)', artist_location: 'varchar', artist_longitude: 'decimal(10,5)',
    artist_name: 'varchar', duration: 'decimal(10,5)', num_songs: 'integer', song_id: 'varchar', title: 'varchar',
    year: 'integer'
  }
);
