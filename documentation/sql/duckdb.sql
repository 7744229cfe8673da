-- allTables
select table_schema, table_name
from information_schema.tables
where table_schema not in ('information_schema', 'pg_catalog')
order by table_schema, table_name;

-- liveColumns
select table_name, column_name, data_type, is_nullable,
  character_maximum_length, numeric_precision, numeric_scale
from information_schema.columns
where table_schema = current_schema()
  and table_name in ('staging_events', 'staging_songs', 'users', 'songs', 'artists', 'time', 'songplays', 'load_ledger', 'loads', 'quarantine', 'schema_versions', 'plays')
order by table_name, ordinal_position;

-- latestSchemaVersion
select max(version) as version from schema_versions;

-- createTable staging_events
create table staging_events (
  artist          varchar,
  auth            varchar,
  first_name      varchar,
  gender          varchar,
  item_in_session integer not null,
  last_name       varchar,
  length          decimal(10,5),
  level           varchar,
  location        varchar,
  method          varchar,
  page            varchar not null,
  registration    double,
  session_id      bigint not null,
  song            varchar,
  status          integer,
  ts              timestamp not null,
  user_agent      varchar,
  user_id         varchar
);

-- createTable staging_songs
create table staging_songs (
  artist_id        varchar not null,
  artist_latitude  decimal(10,5),
  artist_location  varchar,
  artist_longitude decimal(10,5),
  artist_name      varchar,
  duration         decimal(10,5),
  num_songs        integer,
  song_id          varchar not null,
  title            varchar,
  year             integer
);

-- createTable users
create table users (
  user_id              varchar not null,
  first_name           varchar,
  last_name            varchar,
  gender               varchar,
  level                varchar,
  last_event_at        timestamp not null,
  last_session_id      bigint not null,
  last_item_in_session integer not null
);

-- createTable songs
create table songs (
  song_id     varchar not null,
  title       varchar,
  artist_id   varchar not null,
  artist_name varchar,
  year        integer,
  duration    decimal(10,5)
);

-- createTable artists
create table artists (
  artist_id varchar not null,
  name      varchar,
  location  varchar,
  latitude  decimal(10,5),
  longitude decimal(10,5)
);

-- createTable time
create table time (
  start_time timestamp not null,
  hour       integer not null,
  day        integer not null,
  week       integer not null,
  month      integer not null,
  year       integer not null,
  weekday    integer not null
);

-- createTable songplays
create table songplays (
  songplay_id     bigint not null,
  start_time      timestamp not null,
  user_id         varchar,
  level           varchar,
  song_id         varchar,
  artist_id       varchar,
  session_id      bigint not null,
  item_in_session integer not null,
  location        varchar,
  user_agent      varchar,
  song_title      varchar,
  artist_name     varchar,
  length          decimal(10,5),
  load_id         varchar not null
);

-- createTable load_ledger
create table load_ledger (
  object_key  varchar not null,
  etag        varchar not null,
  bytes       bigint not null,
  modified_at timestamp not null,
  source      varchar not null,
  load_id     varchar not null,
  rows        bigint
);

-- createTable loads
create table loads (
  load_id        varchar not null,
  started_at     timestamp not null,
  finished_at    timestamp not null,
  version        varchar not null,
  events         bigint not null,
  not_a_play     bigint not null,
  plays          bigint not null,
  already_loaded bigint not null,
  duplicates     bigint not null,
  conflicts      bigint not null,
  quarantined    bigint not null,
  inserted       bigint not null,
  with_song      bigint not null,
  with_artist    bigint not null
);

-- createTable quarantine
create table quarantine (
  object_key   varchar,
  line_number  bigint,
  reason       varchar not null,
  column_name  varchar,
  raw_text     varchar,
  raw_encoding varchar not null,
  part         integer not null,
  load_id      varchar not null
);

-- createTable schema_versions
create table schema_versions (
  version    integer not null,
  applied_at timestamp not null,
  applied_by varchar not null
);

-- commentOnTable staging_events
comment on table staging_events is 'one event as it arrived; cleared at the start of the next load';
comment on column staging_events.artist is 'artist of the song, as the app sent it';
comment on column staging_events.auth is 'Logged In or Logged Out';
comment on column staging_events.first_name is 'first name of the user';
comment on column staging_events.gender is 'gender of the user: F or M';
comment on column staging_events.item_in_session is 'place, from 0';
comment on column staging_events.last_name is 'last name of the user';
comment on column staging_events.length is 'length of the song in seconds';
comment on column staging_events.level is 'subscription at that moment: free or paid';
comment on column staging_events.location is 'metropolitan area of the user';
comment on column staging_events.method is 'HTTP method: GET or PUT';
comment on column staging_events.page is 'page of the app; NextSong: a play';
comment on column staging_events.registration is 'when the user came, ms since 1970';
comment on column staging_events.session_id is 'session of the event';
comment on column staging_events.song is 'title of the song, as the app sent it';
comment on column staging_events.status is 'HTTP status';
comment on column staging_events.ts is 'when (source: ms since 1970)';
comment on column staging_events.user_agent is 'browser of the user';
comment on column staging_events.user_id is 'user; '''' when logged out';

-- commentOnTable staging_songs
comment on table staging_songs is 'one song record as it arrived; cleared at the start of the next load';
comment on column staging_songs.artist_id is 'artist of the song';
comment on column staging_songs.artist_latitude is 'degrees north';
comment on column staging_songs.artist_location is 'place; '''' if unknown';
comment on column staging_songs.artist_longitude is 'degrees east';
comment on column staging_songs.artist_name is 'artist as this record spells it';
comment on column staging_songs.duration is 'length of the song in seconds';
comment on column staging_songs.num_songs is 'always 1';
comment on column staging_songs.song_id is 'the song';
comment on column staging_songs.title is 'title of the song';
comment on column staging_songs.year is '0 if unknown';

-- commentOnTable users
comment on table users is 'one user, as in the latest event of that user';
comment on column users.user_id is 'natural key, as the app sent it';
comment on column users.first_name is 'first name';
comment on column users.last_name is 'last name';
comment on column users.gender is 'F or M';
comment on column users.level is 'free or paid, at the latest event';
comment on column users.last_event_at is 'instant of the latest event';
comment on column users.last_session_id is 'session of the latest event; settles ties';
comment on column users.last_item_in_session is 'item of that event; settles ties';

-- commentOnTable songs
comment on table songs is 'one song; the record of the latest load wins';
comment on column songs.song_id is 'natural key of the catalog';
comment on column songs.title is 'title';
comment on column songs.artist_id is 'artist';
comment on column songs.artist_name is 'artist as this song''s record spells it';
comment on column songs.year is 'year of release';
comment on column songs.duration is 'length in seconds';

-- commentOnTable artists
comment on table artists is 'one artist; of several spellings, one with coordinates wins, then one with a location, then the first in order';
comment on column artists.artist_id is 'natural key of the catalog';
comment on column artists.name is 'name';
comment on column artists.location is 'place, free text';
comment on column artists.latitude is 'degrees north';
comment on column artists.longitude is 'degrees east';

-- commentOnTable time
comment on table time is 'one instant at which a play started, UTC';
comment on column time.start_time is 'the instant';
comment on column time.hour is '0 to 23';
comment on column time.day is '1 to 31';
comment on column time.week is 'ISO 8601 week, 1 to 53';
comment on column time.month is '1 to 12';
comment on column time.year is 'calendar year';
comment on column time.weekday is '1 = Monday to 7 = Sunday';

-- commentOnTable songplays
comment on table songplays is 'one play of one song by one user: one NextSong event';
comment on column songplays.songplay_id is 'session_id * 1048576 + item_in_session';
comment on column songplays.start_time is 'when it began';
comment on column songplays.user_id is 'who listened';
comment on column songplays.level is 'free or paid, at that moment';
comment on column songplays.song_id is 'null if not in the catalog';
comment on column songplays.artist_id is 'null if not in the catalog';
comment on column songplays.session_id is 'session of the app';
comment on column songplays.item_in_session is 'position in the session, from 0';
comment on column songplays.location is 'metropolitan area of the user';
comment on column songplays.user_agent is 'browser of the user';
comment on column songplays.song_title is 'title as the event reports it';
comment on column songplays.artist_name is 'artist as the event reports it';
comment on column songplays.length is 'length of the song in seconds, as the event reports it';
comment on column songplays.load_id is 'load that added it';

-- commentOnTable load_ledger
comment on table load_ledger is 'one version of one object that was loaded';
comment on column load_ledger.object_key is 'path or S3 address of the object';
comment on column load_ledger.etag is 'version: ETag, or size and modification time';
comment on column load_ledger.bytes is 'size in bytes';
comment on column load_ledger.modified_at is 'modification time at the source';
comment on column load_ledger.source is 'log_data or song_data';
comment on column load_ledger.load_id is 'load that loaded it';
comment on column load_ledger.rows is 'records staged from it; null if the engine does not tell';

-- commentOnTable loads
comment on table loads is 'one load: a batch of objects that was committed';
comment on column loads.load_id is 'unique; sorts in the order of the loads';
comment on column loads.started_at is 'when it started';
comment on column loads.finished_at is 'when its last statement ran';
comment on column loads.version is 'version of this project';
comment on column loads.events is 'events staged';
comment on column loads.not_a_play is 'events of pages other than NextSong';
comment on column loads.plays is 'events of the page NextSong';
comment on column loads.already_loaded is 'plays that an earlier load had inserted';
comment on column loads.duplicates is 'repetitions of a play in this load';
comment on column loads.conflicts is 'plays with the id of a different play';
comment on column loads.quarantined is 'records that this load put into quarantine';
comment on column loads.inserted is 'plays added to songplays';
comment on column loads.with_song is 'plays added whose song the catalog has';
comment on column loads.with_artist is 'plays added whose artist the catalog has';

-- commentOnTable quarantine
comment on table quarantine is 'one rejected record, or a part of one that is longer than 65,535 bytes';
comment on column quarantine.object_key is 'object that contains it';
comment on column quarantine.line_number is 'line in the object, from 1; null for a whole object';
comment on column quarantine.reason is 'why it was rejected';
comment on column quarantine.column_name is 'column whose value is wrong';
comment on column quarantine.raw_text is 'the record as it arrived; null for a whole object';
comment on column quarantine.raw_encoding is 'utf-8, or base64 if the bytes are not text';
comment on column quarantine.part is '1; a longer record continues in parts 2, 3, …';
comment on column quarantine.load_id is 'load that refused it';

-- commentOnTable schema_versions
comment on table schema_versions is 'one version of this schema that was applied to this warehouse';
comment on column schema_versions.version is 'version of the schema';
comment on column schema_versions.applied_at is 'when it was applied';
comment on column schema_versions.applied_by is 'version of this project';

-- createPlaysView
create view plays as
select
  songplays.start_time as start_time,
  cast(songplays.start_time as date) as start_date,
  time.hour as hour,
  time.day as day,
  time.week as week,
  time.month as month,
  time.year as year,
  time.weekday as weekday,
  case time.weekday when 1 then 'Monday' when 2 then 'Tuesday' when 3 then 'Wednesday' when 4 then 'Thursday' when 5 then 'Friday' when 6 then 'Saturday' when 7 then 'Sunday' end as weekday_name,
  songplays.songplay_id as songplay_id,
  songplays.user_id as user_id,
  songplays.level as level,
  songplays.song_id as song_id,
  songplays.artist_id as artist_id,
  songplays.session_id as session_id,
  songplays.item_in_session as item_in_session,
  songplays.location as location,
  songplays.user_agent as user_agent,
  songplays.song_title as song_title,
  songplays.artist_name as artist_name,
  songplays.length as length,
  users.first_name as first_name,
  users.last_name as last_name,
  users.gender as gender,
  songs.year as song_year,
  artists.location as artist_location,
  artists.latitude as artist_latitude,
  artists.longitude as artist_longitude,
  songplays.load_id as load_id
from songplays
left join time on time.start_time = songplays.start_time
left join users on users.user_id = songplays.user_id
left join songs on songs.song_id = songplays.song_id
left join artists on artists.artist_id = songplays.artist_id;

-- commentOnPlaysView
comment on view plays is 'one play with its user, song, artist and calendar; a play that the catalog does not know has nulls there';
comment on column plays.start_time is 'when it began';
comment on column plays.start_date is 'UTC day on which it started';
comment on column plays.hour is '0 to 23';
comment on column plays.day is '1 to 31';
comment on column plays.week is 'ISO 8601 week, 1 to 53';
comment on column plays.month is '1 to 12';
comment on column plays.year is 'calendar year';
comment on column plays.weekday is '1 = Monday to 7 = Sunday';
comment on column plays.weekday_name is 'Monday to Sunday';
comment on column plays.songplay_id is 'session_id * 1048576 + item_in_session';
comment on column plays.user_id is 'who listened';
comment on column plays.level is 'free or paid, at that moment';
comment on column plays.song_id is 'null if not in the catalog';
comment on column plays.artist_id is 'null if not in the catalog';
comment on column plays.session_id is 'session of the app';
comment on column plays.item_in_session is 'position in the session, from 0';
comment on column plays.location is 'metropolitan area of the user';
comment on column plays.user_agent is 'browser of the user';
comment on column plays.song_title is 'title as the event reports it';
comment on column plays.artist_name is 'artist as the event reports it';
comment on column plays.length is 'length of the song in seconds, as the event reports it';
comment on column plays.first_name is 'first name';
comment on column plays.last_name is 'last name';
comment on column plays.gender is 'F or M';
comment on column plays.song_year is 'year of release';
comment on column plays.artist_location is 'place, free text';
comment on column plays.artist_latitude is 'degrees north';
comment on column plays.artist_longitude is 'degrees east';
comment on column plays.load_id is 'load that added it';

-- dropPlaysView
drop view if exists plays;

-- recordSchemaVersion
insert into schema_versions (version, applied_at, applied_by)
values (2, timestamp '2018-11-30 00:00:00.000', '1.0.0');

-- dropTable
drop table if exists schema_versions;

-- commentOnColumn
comment on column users.country is 'where from';

-- addColumn
alter table users add column country varchar;

-- alterType
alter table users alter column level type varchar;

-- dropColumn
alter table users drop column country;

-- dropTemporary
drop table if exists sparkify_changed_users;

-- latestVersions
select object_key, etag, source
from (
  select object_key, etag, source, row_number() over (partition by object_key order by load_id desc) as recency
  from load_ledger
) versions
where recency = 1;

-- latestLoadId
select max(load_id) as load_id from loads;

-- findLoad
select load_id from loads where load_id = '20181130T000000000Z-0a1b2c';

-- clear staging_events
delete from staging_events;

-- clear staging_songs
delete from staging_songs;

-- createTemporary staging_events
create or replace temp table staging_events (
  artist          varchar,
  auth            varchar,
  first_name      varchar,
  gender          varchar,
  item_in_session integer not null,
  last_name       varchar,
  length          decimal(10,5),
  level           varchar,
  location        varchar,
  method          varchar,
  page            varchar not null,
  registration    double,
  session_id      bigint not null,
  song            varchar,
  status          integer,
  ts              timestamp not null,
  user_agent      varchar,
  user_id         varchar
);

-- createTemporary staging_songs
create or replace temp table staging_songs (
  artist_id        varchar not null,
  artist_latitude  decimal(10,5),
  artist_location  varchar,
  artist_longitude decimal(10,5),
  artist_name      varchar,
  duration         decimal(10,5),
  num_songs        integer,
  song_id          varchar not null,
  title            varchar,
  year             integer
);

-- copyFiles staging_events
insert into staging_events (artist, auth, first_name, gender, item_in_session, last_name, length, level, location, method, page, registration, session_id, song, status, ts, user_agent, user_id)
select "artist", "auth", "firstName", "gender", "itemInSession", "lastName", "length", "level", "location", "method", "page", "registration", "sessionId", "song", "status", epoch_ms("ts"), "userAgent", "userId"
from read_json(
  ['/a/it''s.json', '/a/b.json'],
  columns = {"artist": 'varchar', "auth": 'varchar', "firstName": 'varchar', "gender": 'varchar', "itemInSession": 'integer', "lastName": 'varchar', "length": 'decimal(10,5)', "level": 'varchar', "location": 'varchar', "method": 'varchar', "page": 'varchar', "registration": 'double', "sessionId": 'bigint', "song": 'varchar', "status": 'integer', "ts": 'bigint', "userAgent": 'varchar', "userId": 'varchar'},
  format = 'newline_delimited',
  records = 'true',
  auto_detect = false,
  sample_size = 1,
  maximum_sample_files = 1,
  maximum_depth = -1,
  field_appearance_threshold = 0,
  map_inference_threshold = -1,
  convert_strings_to_integers = false,
  dateformat = 'iso',
  timestampformat = 'iso',
  hive_partitioning = false,
  hive_types_autocast = false,
  filename = false,
  union_by_name = false,
  compression = 'auto_detect',
  ignore_errors = false,
  maximum_object_size = 16777216
);

-- copyFiles staging_songs
insert into staging_songs (artist_id, artist_latitude, artist_location, artist_longitude, artist_name, duration, num_songs, song_id, title, year)
select "artist_id", "artist_latitude", "artist_location", "artist_longitude", "artist_name", "duration", "num_songs", "song_id", "title", "year"
from read_json(
  ['/a/it''s.json', '/a/b.json'],
  columns = {"artist_id": 'varchar', "artist_latitude": 'decimal(10,5)', "artist_location": 'varchar', "artist_longitude": 'decimal(10,5)', "artist_name": 'varchar', "duration": 'decimal(10,5)', "num_songs": 'integer', "song_id": 'varchar', "title": 'varchar', "year": 'integer'},
  format = 'newline_delimited',
  records = 'true',
  auto_detect = false,
  sample_size = 1,
  maximum_sample_files = 1,
  maximum_depth = -1,
  field_appearance_threshold = 0,
  map_inference_threshold = -1,
  convert_strings_to_integers = false,
  dateformat = 'iso',
  timestampformat = 'iso',
  hive_partitioning = false,
  hive_types_autocast = false,
  filename = false,
  union_by_name = false,
  compression = 'auto_detect',
  ignore_errors = false,
  maximum_object_size = 16777216
);

-- createChangedArtists
create temp table sparkify_changed_artists as
with staged as (
  select
    case when artist_id like ' %' or artist_id like '% ' or artist_id = '' then nullif(trim(both ' ' from artist_id), '') else artist_id end as artist_id,
    case when artist_name like ' %' or artist_name like '% ' or artist_name = '' then nullif(trim(both ' ' from artist_name), '') else artist_name end as name,
    case when artist_location like ' %' or artist_location like '% ' or artist_location = '' then nullif(trim(both ' ' from artist_location), '') else artist_location end as location,
    artist_latitude as latitude,
    artist_longitude as longitude
  from staging_songs
),
candidates as (
  select * from staged
  union all
  select artist_id, name, location, latitude, longitude from artists where artist_id in (select artist_id from staged)
),
ranked as (
  select candidates.*,
    row_number() over (
      partition by artist_id
      order by
        case when latitude is not null and longitude is not null then 0 else 1 end,
        case when location is not null then 0 else 1 end,
        name nulls last, location nulls last, latitude nulls last, longitude nulls last
    ) as place
  from candidates
)
select artist_id, name, location, latitude, longitude from ranked where place = 1
except
select artist_id, name, location, latitude, longitude from artists;

-- deleteChanged artists
delete from artists
where artist_id in (select artist_id from sparkify_changed_artists);

-- insertChanged artists
insert into artists (artist_id, name, location, latitude, longitude)
select artist_id, name, location, latitude, longitude from sparkify_changed_artists;

-- createChangedSongs
create temp table sparkify_changed_songs as
with cleaned as (
  select
    case when song_id like ' %' or song_id like '% ' or song_id = '' then nullif(trim(both ' ' from song_id), '') else song_id end as song_id,
    case when title like ' %' or title like '% ' or title = '' then nullif(trim(both ' ' from title), '') else title end as title,
    case when artist_id like ' %' or artist_id like '% ' or artist_id = '' then nullif(trim(both ' ' from artist_id), '') else artist_id end as artist_id,
    case when artist_name like ' %' or artist_name like '% ' or artist_name = '' then nullif(trim(both ' ' from artist_name), '') else artist_name end as artist_name,
    nullif(year, 0) as year,
    duration
  from staging_songs
),
ranked as (
  select cleaned.*,
    row_number() over (
      partition by song_id
      order by title nulls last, artist_id, artist_name nulls last, year nulls last, duration nulls last
    ) as place
  from cleaned
)
select song_id, title, artist_id, artist_name, year, duration from ranked where place = 1
except
select song_id, title, artist_id, artist_name, year, duration from songs;

-- createChangedArtistNames
create temp table sparkify_changed_artist_names as
select artist_name from sparkify_changed_songs where artist_name is not null
union
select artist_name from songs
where song_id in (select song_id from sparkify_changed_songs) and artist_name is not null;

-- deleteChanged songs
delete from songs
where song_id in (select song_id from sparkify_changed_songs);

-- insertChanged songs
insert into songs (song_id, title, artist_id, artist_name, year, duration)
select song_id, title, artist_id, artist_name, year, duration from sparkify_changed_songs;

-- createRematchedPlays
create temp table sparkify_rematched_plays as
with touched_songs as (
  select s.* from songs s join sparkify_changed_artist_names n on n.artist_name = s.artist_name
),
song_matches as (
  select song_id, artist_id, title, artist_name, duration
  from touched_songs
  where song_id in (select min(song_id) from touched_songs group by title, artist_name, duration)
),
artist_matches as (
  select min(artist_id) as artist_id, artist_name
  from touched_songs
  group by artist_name
)
select p.songplay_id, m.song_id as song_id, coalesce(m.artist_id, a.artist_id) as artist_id
from songplays p
join sparkify_changed_artist_names n on n.artist_name = p.artist_name
left join song_matches m
  on m.title = p.song_title
  and m.artist_name = p.artist_name
  and m.duration = p.length
left join artist_matches a on a.artist_name = p.artist_name
where coalesce(p.song_id, '') <> coalesce(m.song_id, '')
  or coalesce(p.artist_id, '') <> coalesce(coalesce(m.artist_id, a.artist_id), '');

-- updateRematchedPlays
update songplays
set song_id = r.song_id, artist_id = r.artist_id
from sparkify_rematched_plays r
where songplays.songplay_id = r.songplay_id;

-- createChangedUsers
create temp table sparkify_changed_users as
with latest as (
  select case when user_id like ' %' or user_id like '% ' or user_id = '' then nullif(trim(both ' ' from user_id), '') else user_id end as user_id, max(ts) as ts from staging_events group by 1
),
candidates as (
  select
    l.user_id,
    case when e.first_name like ' %' or e.first_name like '% ' or e.first_name = '' then nullif(trim(both ' ' from e.first_name), '') else e.first_name end as first_name,
    case when e.last_name like ' %' or e.last_name like '% ' or e.last_name = '' then nullif(trim(both ' ' from e.last_name), '') else e.last_name end as last_name,
    case when e.gender like ' %' or e.gender like '% ' or e.gender = '' then nullif(trim(both ' ' from e.gender), '') else e.gender end as gender,
    case when e.level like ' %' or e.level like '% ' or e.level = '' then nullif(trim(both ' ' from e.level), '') else e.level end as level,
    e.ts as last_event_at,
    e.session_id as last_session_id,
    e.item_in_session as last_item_in_session,
    1 as is_staged
  from staging_events e
  join latest l on l.user_id = case when e.user_id like ' %' or e.user_id like '% ' or e.user_id = '' then nullif(trim(both ' ' from e.user_id), '') else e.user_id end and l.ts = e.ts
  union all
  select user_id, first_name, last_name, gender, level, last_event_at, last_session_id, last_item_in_session, 0 as is_staged
  from users
  where user_id in (select user_id from latest)
),
ranked as (
  select candidates.*,
    row_number() over (
      partition by user_id
      order by last_event_at desc, last_session_id desc, last_item_in_session desc,
        first_name nulls last, last_name nulls last, gender nulls last, level nulls last, is_staged
    ) as place
  from candidates
)
select user_id, first_name, last_name, gender, level, last_event_at, last_session_id, last_item_in_session from ranked where place = 1 and is_staged = 1;

-- deleteChanged users
delete from users
where user_id in (select user_id from sparkify_changed_users);

-- insertChanged users
insert into users (user_id, first_name, last_name, gender, level, last_event_at, last_session_id, last_item_in_session)
select user_id, first_name, last_name, gender, level, last_event_at, last_session_id, last_item_in_session from sparkify_changed_users;

-- createNonAsciiTexts
create temp table sparkify_non_ascii_texts as
select case when artist like ' %' or artist like '% ' or artist = '' then nullif(trim(both ' ' from artist), '') else artist end as arrived
from staging_events
where (page = 'NextSong' or trim(both ' ' from page) = 'NextSong') and strlen(artist) <> length(artist)
union
select case when song like ' %' or song like '% ' or song = '' then nullif(trim(both ' ' from song), '') else song end as arrived
from staging_events
where (page = 'NextSong' or trim(both ' ' from page) = 'NextSong') and strlen(song) <> length(song);

-- createRepairedTexts
create temp table sparkify_repaired_texts as
with spelled as (
  select arrived, regexp_replace(hex(arrived), '(..)', '\1 ', 'g') as bytes from sparkify_non_ascii_texts
),
decoded_once as (
  select arrived, replace(replace(replace(replace(replace(bytes, 'C2 ', ''), 'C3 8', 'c'), 'C3 9', 'd'), 'C3 A', 'e'), 'C3 B', 'f') as bytes
  from spelled
  where bytes ~ '^([0-7][0-9A-F] |C[23] [89AB][0-9A-F] )*$' and replace(replace(replace(replace(replace(bytes, 'C2 ', ''), 'C3 8', 'c'), 'C3 9', 'd'), 'C3 A', 'e'), 'C3 B', 'f') ~ '^([0-7][0-9A-Fa-f] |[Cc][2-9A-Fa-f] [89ABab][0-9A-Fa-f] |[Dd][0-9A-Fa-f] [89ABab][0-9A-Fa-f] |[Ee]0 [ABab][0-9A-Fa-f] [89ABab][0-9A-Fa-f] |[Ee][1-9A-CEFa-cef] [89ABab][0-9A-Fa-f] [89ABab][0-9A-Fa-f] |[Ee][Dd] [89][0-9A-Fa-f] [89ABab][0-9A-Fa-f] |[Ff]0 [9ABab][0-9A-Fa-f] [89ABab][0-9A-Fa-f] [89ABab][0-9A-Fa-f] |[Ff][1-3] [89ABab][0-9A-Fa-f] [89ABab][0-9A-Fa-f] [89ABab][0-9A-Fa-f] |[Ff]4 8[0-9A-Fa-f] [89ABab][0-9A-Fa-f] [89ABab][0-9A-Fa-f] )*$'
),
decoded_twice as (
  select arrived, replace(replace(replace(replace(replace(upper(bytes), 'C2 ', ''), 'C3 8', 'c'), 'C3 9', 'd'), 'C3 A', 'e'), 'C3 B', 'f') as bytes
  from decoded_once
  where upper(bytes) ~ '^([0-7][0-9A-F] |C[23] [89AB][0-9A-F] )*$' and replace(replace(replace(replace(replace(upper(bytes), 'C2 ', ''), 'C3 8', 'c'), 'C3 9', 'd'), 'C3 A', 'e'), 'C3 B', 'f') ~ '^([0-7][0-9A-Fa-f] |[Cc][2-9A-Fa-f] [89ABab][0-9A-Fa-f] |[Dd][0-9A-Fa-f] [89ABab][0-9A-Fa-f] |[Ee]0 [ABab][0-9A-Fa-f] [89ABab][0-9A-Fa-f] |[Ee][1-9A-CEFa-cef] [89ABab][0-9A-Fa-f] [89ABab][0-9A-Fa-f] |[Ee][Dd] [89][0-9A-Fa-f] [89ABab][0-9A-Fa-f] |[Ff]0 [9ABab][0-9A-Fa-f] [89ABab][0-9A-Fa-f] [89ABab][0-9A-Fa-f] |[Ff][1-3] [89ABab][0-9A-Fa-f] [89ABab][0-9A-Fa-f] [89ABab][0-9A-Fa-f] |[Ff]4 8[0-9A-Fa-f] [89ABab][0-9A-Fa-f] [89ABab][0-9A-Fa-f] )*$'
)
select
  o.arrived,
  decode(from_hex(replace(coalesce(t.bytes, o.bytes), ' ', ''))) as repaired
from decoded_once o
left join decoded_twice t on t.arrived = o.arrived;

-- createDuplicateIds
create temp table sparkify_duplicate_ids as
with staged as (
  select session_id * 1048576 + item_in_session as songplay_id from staging_events where (page = 'NextSong' or trim(both ' ' from page) = 'NextSong')
)
select songplay_id from staged group by songplay_id having count(*) > 1
union
select p.songplay_id from songplays p join staged s on s.songplay_id = p.songplay_id;

-- createDuplicatePlays
create temp table sparkify_duplicate_plays as
with candidates as (
  select songplay_id, session_id, item_in_session, start_time, user_id, level, location, user_agent, song_title, artist_name, length, 0 as is_staged
  from songplays
  where songplay_id in (select songplay_id from sparkify_duplicate_ids)
  union all
  select songplay_id, session_id, item_in_session, start_time, user_id, level, location, user_agent, song_title, artist_name, length, 1 as is_staged
  from (
    select
      session_id * 1048576 + item_in_session as songplay_id,
      e.ts as start_time,
      case when e.user_id like ' %' or e.user_id like '% ' or e.user_id = '' then nullif(trim(both ' ' from e.user_id), '') else e.user_id end as user_id,
      case when e.level like ' %' or e.level like '% ' or e.level = '' then nullif(trim(both ' ' from e.level), '') else e.level end as level,
      e.session_id,
      e.item_in_session,
      case when e.location like ' %' or e.location like '% ' or e.location = '' then nullif(trim(both ' ' from e.location), '') else e.location end as location,
      case
        when e.user_agent like '"%' and e.user_agent like '%"' and length(e.user_agent) > 3
          and not (
            e.user_agent like '" %' or e.user_agent like '""%' or e.user_agent like '% "' or e.user_agent like '%""'
          )
          then substring(e.user_agent, 2, length(e.user_agent) - 2)
        when e.user_agent <> '' and not (
            e.user_agent like '"%' or e.user_agent like '%"' or e.user_agent like ' %' or e.user_agent like '% '
          )
          then e.user_agent
        else nullif(trim(both ' "' from e.user_agent), '')
      end as user_agent,
      coalesce(s.repaired, case when e.song like ' %' or e.song like '% ' or e.song = '' then nullif(trim(both ' ' from e.song), '') else e.song end) as song_title,
      coalesce(a.repaired, case when e.artist like ' %' or e.artist like '% ' or e.artist = '' then nullif(trim(both ' ' from e.artist), '') else e.artist end) as artist_name,
      e.length
    from staging_events e
    left join sparkify_repaired_texts s on s.arrived = case when e.song like ' %' or e.song like '% ' or e.song = '' then nullif(trim(both ' ' from e.song), '') else e.song end
    left join sparkify_repaired_texts a on a.arrived = case when e.artist like ' %' or e.artist like '% ' or e.artist = '' then nullif(trim(both ' ' from e.artist), '') else e.artist end
    where (page = 'NextSong' or trim(both ' ' from page) = 'NextSong')
  ) staged
  where songplay_id in (select songplay_id from sparkify_duplicate_ids)
),
versions as (
  select candidates.*, dense_rank() over (partition by songplay_id order by start_time nulls last, user_id nulls last, level nulls last, location nulls last, user_agent nulls last, song_title nulls last, artist_name nulls last, length nulls last) as version
  from candidates
),
copies as (
  select versions.*,
    row_number() over (partition by songplay_id, version order by is_staged) as copy,
    max(case when is_staged = 0 then version end) over (partition by songplay_id) as loaded_version
  from versions
)
select songplay_id, session_id, item_in_session, start_time, user_id, level, location, user_agent, song_title, artist_name, length,
  case
    when version = loaded_version then 'already_loaded'
    when copy > 1 then 'duplicate'
    when version > 1 or loaded_version is not null then 'conflict'
    else 'inserted'
  end as outcome
from copies
where is_staged = 1;

-- insertPlays
insert into songplays (songplay_id, start_time, user_id, level, song_id, artist_id, session_id, item_in_session, location, user_agent, song_title, artist_name, length, load_id)
with new_plays as (
  select songplay_id, session_id, item_in_session, start_time, user_id, level, location, user_agent, song_title, artist_name, length
  from (
    select
      session_id * 1048576 + item_in_session as songplay_id,
      e.ts as start_time,
      case when e.user_id like ' %' or e.user_id like '% ' or e.user_id = '' then nullif(trim(both ' ' from e.user_id), '') else e.user_id end as user_id,
      case when e.level like ' %' or e.level like '% ' or e.level = '' then nullif(trim(both ' ' from e.level), '') else e.level end as level,
      e.session_id,
      e.item_in_session,
      case when e.location like ' %' or e.location like '% ' or e.location = '' then nullif(trim(both ' ' from e.location), '') else e.location end as location,
      case
        when e.user_agent like '"%' and e.user_agent like '%"' and length(e.user_agent) > 3
          and not (
            e.user_agent like '" %' or e.user_agent like '""%' or e.user_agent like '% "' or e.user_agent like '%""'
          )
          then substring(e.user_agent, 2, length(e.user_agent) - 2)
        when e.user_agent <> '' and not (
            e.user_agent like '"%' or e.user_agent like '%"' or e.user_agent like ' %' or e.user_agent like '% '
          )
          then e.user_agent
        else nullif(trim(both ' "' from e.user_agent), '')
      end as user_agent,
      coalesce(s.repaired, case when e.song like ' %' or e.song like '% ' or e.song = '' then nullif(trim(both ' ' from e.song), '') else e.song end) as song_title,
      coalesce(a.repaired, case when e.artist like ' %' or e.artist like '% ' or e.artist = '' then nullif(trim(both ' ' from e.artist), '') else e.artist end) as artist_name,
      e.length
    from staging_events e
    left join sparkify_repaired_texts s on s.arrived = case when e.song like ' %' or e.song like '% ' or e.song = '' then nullif(trim(both ' ' from e.song), '') else e.song end
    left join sparkify_repaired_texts a on a.arrived = case when e.artist like ' %' or e.artist like '% ' or e.artist = '' then nullif(trim(both ' ' from e.artist), '') else e.artist end
    where (page = 'NextSong' or trim(both ' ' from page) = 'NextSong')
  ) staged
  where songplay_id not in (select songplay_id from sparkify_duplicate_ids)
  union all
  select songplay_id, session_id, item_in_session, start_time, user_id, level, location, user_agent, song_title, artist_name, length
  from sparkify_duplicate_plays
  where outcome = 'inserted'
),
song_matches as (
  select song_id, artist_id, title, artist_name, duration
  from songs
  where song_id in (select min(song_id) from songs group by title, artist_name, duration)
),
artist_matches as (
  select min(artist_id) as artist_id, artist_name
  from songs
  group by artist_name
)
select
  p.songplay_id, p.start_time, p.user_id, p.level, m.song_id, coalesce(m.artist_id, a.artist_id),
  p.session_id, p.item_in_session, p.location, p.user_agent, p.song_title, p.artist_name, p.length,
  '20181130T000000000Z-0a1b2c'
from new_plays p
left join song_matches m
  on m.title = p.song_title
  and m.artist_name = p.artist_name
  and m.duration = p.length
left join artist_matches a on a.artist_name = p.artist_name;

-- insertTime
insert into time (start_time, hour, day, week, month, year, weekday)
select
  start_time,
  extract(hour from start_time),
  extract(day from start_time),
  extract(week from start_time),
  extract(month from start_time),
  extract(year from start_time),
  case when extract(dow from start_time) = 0 then 7 else extract(dow from start_time) end
from (
  select distinct start_time from songplays where load_id = '20181130T000000000Z-0a1b2c'
) started
where not exists (select 1 from time t where t.start_time = started.start_time);

-- conflictingPlays
select session_id, item_in_session, start_time, user_id, level, location, user_agent, song_title, artist_name, length
from sparkify_duplicate_plays
where outcome = 'conflict'
order by songplay_id, start_time, user_id, level, location, user_agent, song_title, artist_name, length;

-- repairedInConflicts
select arrived, repaired
from sparkify_repaired_texts
where repaired in (
  select song_title from sparkify_duplicate_plays where outcome = 'conflict'
  union all
  select artist_name from sparkify_duplicate_plays where outcome = 'conflict'
);

-- reconciliation
select
  e.events,
  e.events - e.plays as not_a_play,
  e.plays,
  (select count(*) from sparkify_duplicate_plays where outcome = 'already_loaded') as already_loaded,
  (select count(*) from sparkify_duplicate_plays where outcome = 'duplicate') as duplicates,
  (select count(*) from sparkify_duplicate_plays where outcome = 'conflict') as conflicts,
  p.plays as inserted,
  p.with_song,
  p.with_artist
from
  (select count(*) as events, count(case when (page = 'NextSong' or trim(both ' ' from page) = 'NextSong') then 1 end) as plays from staging_events) e,
  (
    select count(*) as plays, count(song_id) as with_song, count(artist_id) as with_artist
    from songplays
    where load_id = '20181130T000000000Z-0a1b2c'
  ) p;

-- insertLoad
insert into loads (load_id, started_at, finished_at, version, events, not_a_play, plays, already_loaded, duplicates, conflicts, quarantined, inserted, with_song, with_artist)
values (
  '20181130T000000000Z-0a1b2c', timestamp '2018-11-30 00:00:00.000', timestamp '2018-11-30 00:00:00.000', '1.0.0',
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9
);

-- deleteSupersededQuarantine
delete from quarantine
where load_id <> '20181130T000000000Z-0a1b2c'
  and object_key in (select object_key from load_ledger where load_id = '20181130T000000000Z-0a1b2c');

-- countValues staging_events
select count(*) as records, count(artist) as artist, count(auth) as auth, count(first_name) as first_name, count(gender) as gender, count(item_in_session) as item_in_session, count(last_name) as last_name, count(length) as length, count(level) as level, count(location) as location, count(method) as method, count(page) as page, count(registration) as registration, count(session_id) as session_id, count(song) as song, count(status) as status, count(ts) as ts, count(user_agent) as user_agent, count(user_id) as user_id
from staging_events
where (page = 'NextSong' or trim(both ' ' from page) = 'NextSong');

-- countValues staging_songs
select count(*) as records, count(artist_id) as artist_id, count(artist_latitude) as artist_latitude, count(artist_location) as artist_location, count(artist_longitude) as artist_longitude, count(artist_name) as artist_name, count(duration) as duration, count(num_songs) as num_songs, count(song_id) as song_id, count(title) as title, count(year) as year
from staging_songs
where true;

-- filledBefore
select 'artist' as name
where exists (select 1 from songplays where artist_name is not null)
union all
select 'first_name' as name
where exists (select 1 from users where first_name is not null)
union all
select 'gender' as name
where exists (select 1 from users where gender is not null)
union all
select 'last_name' as name
where exists (select 1 from users where last_name is not null)
union all
select 'length' as name
where exists (select 1 from songplays where length is not null)
union all
select 'level' as name
where exists (select 1 from songplays where level is not null)
union all
select 'location' as name
where exists (select 1 from songplays where location is not null)
union all
select 'song' as name
where exists (select 1 from songplays where song_title is not null)
union all
select 'user_agent' as name
where exists (select 1 from songplays where user_agent is not null)
union all
select 'user_id' as name
where exists (select 1 from songplays where user_id is not null);

-- countOutside
select count(*) as n from staging_events where ts < timestamp '2018-11-30 00:00:00.000' or ts > timestamp '2018-11-30 00:00:00.000';

-- runChecks
select 'users.user_id is unique' as name, offenders
from (
  select count(*) as offenders
  from (
    select user_id from users group by user_id having count(*) > 1
  ) repeated
) counted
union all
select 'users has no null in required columns' as name, offenders
from (
  select count(*) as offenders
  from users
  where user_id is null or last_event_at is null or last_session_id is null or last_item_in_session is null
) counted
union all
select 'songs.song_id is unique' as name, offenders
from (
  select count(*) as offenders
  from (
    select song_id from songs group by song_id having count(*) > 1
  ) repeated
) counted
union all
select 'songs has no null in required columns' as name, offenders
from (
  select count(*) as offenders
  from songs
  where song_id is null or artist_id is null
) counted
union all
select 'songs.artist_id is in artists.artist_id' as name, offenders
from (
  select count(*) as offenders
  from songs
  left join artists target on target.artist_id = songs.artist_id
  where songs.artist_id is not null and target.artist_id is null
) counted
union all
select 'artists.artist_id is unique' as name, offenders
from (
  select count(*) as offenders
  from (
    select artist_id from artists group by artist_id having count(*) > 1
  ) repeated
) counted
union all
select 'artists has no null in required columns' as name, offenders
from (
  select count(*) as offenders
  from artists
  where artist_id is null
) counted
union all
select 'time.start_time is unique' as name, offenders
from (
  select count(*) as offenders
  from (
    select start_time from (select * from time where start_time in (select start_time from songplays where load_id = '20181130T000000000Z-0a1b2c')) time group by start_time having count(*) > 1
  ) repeated
) counted
union all
select 'time has no null in required columns' as name, offenders
from (
  select count(*) as offenders
  from (select * from time where start_time in (select start_time from songplays where load_id = '20181130T000000000Z-0a1b2c')) time
  where start_time is null or hour is null or day is null or week is null or month is null or year is null or weekday is null
) counted
union all
select 'songplays.songplay_id is unique' as name, offenders
from (
  select count(*) as offenders
  from (
    select songplay_id from songplays where songplay_id in (select songplay_id from songplays where load_id = '20181130T000000000Z-0a1b2c') group by songplay_id having count(*) > 1
  ) repeated
) counted
union all
select 'songplays has no null in required columns' as name, offenders
from (
  select count(*) as offenders
  from (select * from songplays where load_id = '20181130T000000000Z-0a1b2c') songplays
  where songplay_id is null or start_time is null or session_id is null or item_in_session is null or load_id is null
) counted
union all
select 'songplays.start_time is in time.start_time' as name, offenders
from (
  select count(*) as offenders
  from (select * from songplays where load_id = '20181130T000000000Z-0a1b2c') songplays
  left join time target on target.start_time = songplays.start_time
  where songplays.start_time is not null and target.start_time is null
) counted
union all
select 'songplays.user_id is in users.user_id' as name, offenders
from (
  select count(*) as offenders
  from (select * from songplays where load_id = '20181130T000000000Z-0a1b2c') songplays
  left join users target on target.user_id = songplays.user_id
  where songplays.user_id is not null and target.user_id is null
) counted
union all
select 'songplays.song_id is in songs.song_id' as name, offenders
from (
  select count(*) as offenders
  from (select * from songplays where load_id = '20181130T000000000Z-0a1b2c') songplays
  left join songs target on target.song_id = songplays.song_id
  where songplays.song_id is not null and target.song_id is null
) counted
union all
select 'songplays.artist_id is in artists.artist_id' as name, offenders
from (
  select count(*) as offenders
  from (select * from songplays where load_id = '20181130T000000000Z-0a1b2c') songplays
  left join artists target on target.artist_id = songplays.artist_id
  where songplays.artist_id is not null and target.artist_id is null
) counted
union all
select 'songplays.load_id is in loads.load_id' as name, offenders
from (
  select count(*) as offenders
  from (select * from songplays where load_id = '20181130T000000000Z-0a1b2c') songplays
  left join loads target on target.load_id = songplays.load_id
  where songplays.load_id is not null and target.load_id is null
) counted
union all
select 'loads.events = not_a_play + plays' as name, offenders
from (
  select abs(events - not_a_play - plays) as offenders from loads where load_id = '20181130T000000000Z-0a1b2c'
) counted
union all
select 'loads.plays = already_loaded + duplicates + conflicts + inserted' as name, offenders
from (
  select abs(plays - already_loaded - duplicates - conflicts - inserted) as offenders from loads where load_id = '20181130T000000000Z-0a1b2c'
) counted
union all
select 'loads.events = rows in staging_events' as name, offenders
from (
  select abs(events - (select count(*) from staging_events)) as offenders from loads where load_id = '20181130T000000000Z-0a1b2c'
) counted
union all
select 'loads.quarantined = records in quarantine' as name, offenders
from (
  select abs(quarantined - (select count(*) from quarantine where load_id = '20181130T000000000Z-0a1b2c' and part = 1)) as offenders from loads where load_id = '20181130T000000000Z-0a1b2c'
) counted
union all
select 'rows in songplays = plays inserted by all loads' as name, offenders
from (
  select abs(sum(inserted) - (select count(*) from songplays)) as offenders
  from loads
  where load_id in (select load_id from load_ledger)
) counted
union all
select 'the engine converts text to bytes and back' as name, offenders
from (
  select case when regexp_replace(hex(word), '(..)', '\1 ', 'g') = '42 6A C3 B6 ' and decode(from_hex(bytes)) = word then 0 else 1 end as offenders
  from (select 'Bjö' as word, '426AC3B6' as bytes) sample
) counted;

-- countRows users
select count(*) as n from users;

-- countRows songs
select count(*) as n from songs;

-- countRows artists
select count(*) as n from artists;

-- countRows time
select count(*) as n from time;

-- countRows songplays
select count(*) as n from songplays;

-- countAllRows
select 'users' as table_name, count(*) as n from users
union all
select 'songs' as table_name, count(*) as n from songs
union all
select 'artists' as table_name, count(*) as n from artists
union all
select 'time' as table_name, count(*) as n from time
union all
select 'songplays' as table_name, count(*) as n from songplays;

-- starPage
select cast(songplay_id as varchar) as songplay_id, start_time, user_id, level, song_id, artist_id, cast(session_id as varchar) as session_id, item_in_session, location, user_agent, song_title, artist_name, length
from songplays
where songplay_id > 1048576
order by songplays.songplay_id
limit 50000;

-- recentLoads
select load_id, started_at, finished_at, version, events, not_a_play, plays, already_loaded, duplicates, conflicts, quarantined, inserted, with_song, with_artist
from loads
order by load_id desc
limit 5;

-- quarantineByReason
select reason, count(*) as records from quarantine where part = 1 group by reason order by records desc, reason;

-- quarantinedObjects
select distinct object_key from quarantine where object_key is not null;

-- grantedPrivileges
select 'create in the schema' as privilege, has_schema_privilege(current_schema(), 'create') as granted
union all
select 'temporary tables' as privilege, has_database_privilege('dwh', 'temp') as granted
union all
select 'select on songplays' as privilege, has_table_privilege('songplays', 'select') as granted
union all
select 'insert on songplays' as privilege, has_table_privilege('songplays', 'insert') as granted
union all
select 'update on songplays' as privilege, has_table_privilege('songplays', 'update') as granted
union all
select 'delete on songplays' as privilege, has_table_privilege('songplays', 'delete') as granted;

-- orphansOfLoads
select 'load_ledger' as table_name, count(*) as orphans
from load_ledger orphan
left join loads on loads.load_id = orphan.load_id
where loads.load_id is null
union all
select 'songplays' as table_name, count(*) as orphans
from songplays orphan
left join loads on loads.load_id = orphan.load_id
where loads.load_id is null;

-- playWindow
select
  count(*) as plays,
  min(start_time) as first_play_at,
  max(start_time) as last_play_at,
  (select count(*) from loads) as loads,
  (select max(load_id) from loads) as latest_load,
  (select max(finished_at) from loads) as loaded_at
from songplays;
