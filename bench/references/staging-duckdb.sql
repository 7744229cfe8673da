create table staging_events as from read_json('source/log_data/**/*.json', format = 'newline_delimited', columns = {
  artist: 'varchar', auth: 'varchar', "firstName": 'varchar', gender: 'varchar', "itemInSession": 'integer',
  "lastName": 'varchar', length: 'decimal(10,5)', level: 'varchar', location: 'varchar', method: 'varchar',
  page: 'varchar', registration: 'double', "sessionId": 'bigint', song: 'varchar', status: 'integer', ts: 'bigint',
  "userAgent": 'varchar', "userId": 'varchar'
});
create table staging_songs as from read_json('source/song_data/**/*.json', format = 'newline_delimited', columns = {
  artist_id: 'varchar', artist_latitude: 'decimal(10,5)', artist_location: 'varchar', artist_name: 'varchar',
  artist_longitude: 'decimal(10,5)', duration: 'decimal(10,5)', num_songs: 'integer', song_id: 'varchar',
  title: 'varchar', year: 'integer'
});
