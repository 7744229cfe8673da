import type { Table } from './types.ts'

export const users: Table = {
  name: 'users',
  layer: 'dimension',
  grain: 'one user, as in the latest event of that user',
  key: ['user_id'],
  distribution: 'all',
  sortKey: ['user_id'],
  columns: [
    { name: 'user_id', type: 'text(64)', required: true, comment: 'natural key, as the app sent it' },
    { name: 'first_name', type: 'text(256)', comment: 'first name' },
    { name: 'last_name', type: 'text(256)', comment: 'last name' },
    { name: 'gender', type: 'text(16)', comment: 'F or M' },
    { name: 'level', type: 'text(16)', comment: 'free or paid, at the latest event' },
    { name: 'last_event_at', type: 'timestamp', required: true, comment: 'instant of the latest event' },
    { name: 'last_session_id', type: 'bigint', required: true, comment: 'session of the latest event; settles ties' },
    { name: 'last_item_in_session', type: 'integer', required: true, comment: 'item of that event; settles ties' },
  ],
}

export const artists: Table = {
  name: 'artists',
  layer: 'dimension',
  grain:
    'one artist; of several spellings, one with coordinates wins, then one with a location, then the first in order',
  key: ['artist_id'],
  distribution: 'all',
  sortKey: ['artist_id'],
  columns: [
    { name: 'artist_id', type: 'text(64)', required: true, comment: 'natural key of the catalog' },
    { name: 'name', type: 'text(1024)', comment: 'name' },
    { name: 'location', type: 'text(1024)', comment: 'place, free text' },
    { name: 'latitude', type: 'decimal(10,5)', comment: 'degrees north' },
    { name: 'longitude', type: 'decimal(10,5)', comment: 'degrees east' },
  ],
}

export const songs: Table = {
  name: 'songs',
  layer: 'dimension',
  grain: 'one song; the record of the latest load wins',
  key: ['song_id'],
  distribution: 'all',
  sortKey: ['song_id'],
  columns: [
    { name: 'song_id', type: 'text(64)', required: true, comment: 'natural key of the catalog' },
    { name: 'title', type: 'text(1024)', comment: 'title' },
    { name: 'artist_id', type: 'text(64)', required: true, references: 'artists.artist_id', comment: 'artist' },
    { name: 'artist_name', type: 'text(1024)', comment: "artist as this song's record spells it" },
    { name: 'year', type: 'integer', comment: 'year of release' },
    { name: 'duration', type: 'decimal(10,5)', comment: 'length in seconds' },
  ],
}

export const time: Table = {
  name: 'time',
  layer: 'dimension',
  grain: 'one instant at which a play started, UTC',
  key: ['start_time'],
  distribution: 'all',
  sortKey: ['start_time'],
  columns: [
    { name: 'start_time', type: 'timestamp', required: true, comment: 'the instant' },
    { name: 'hour', type: 'integer', required: true, comment: '0 to 23' },
    { name: 'day', type: 'integer', required: true, comment: '1 to 31' },
    { name: 'week', type: 'integer', required: true, comment: 'ISO 8601 week, 1 to 53' },
    { name: 'month', type: 'integer', required: true, comment: '1 to 12' },
    { name: 'year', type: 'integer', required: true, comment: 'calendar year' },
    { name: 'weekday', type: 'integer', required: true, comment: '1 = Monday to 7 = Sunday' },
  ],
}

export const songplays: Table = {
  name: 'songplays',
  layer: 'fact',
  grain: 'one play of one song by one user: one NextSong event',
  key: ['songplay_id'],
  distribution: 'even',
  sortKey: ['start_time'],
  columns: [
    { name: 'songplay_id', type: 'bigint', required: true, comment: 'session_id * 1048576 + item_in_session' },
    { name: 'start_time', type: 'timestamp', required: true, references: 'time.start_time', comment: 'when it began' },
    { name: 'user_id', type: 'text(64)', references: 'users.user_id', comment: 'who listened' },
    { name: 'level', type: 'text(16)', comment: 'free or paid, at that moment' },
    { name: 'song_id', type: 'text(64)', references: 'songs.song_id', comment: 'null if not in the catalog' },
    { name: 'artist_id', type: 'text(64)', references: 'artists.artist_id', comment: 'null if not in the catalog' },
    { name: 'session_id', type: 'bigint', required: true, comment: 'session of the app' },
    { name: 'item_in_session', type: 'integer', required: true, comment: 'position in the session, from 0' },
    { name: 'location', type: 'text(512)', comment: 'metropolitan area of the user' },
    { name: 'user_agent', type: 'text(1024)', comment: 'browser of the user' },
    { name: 'song_title', type: 'text(1024)', comment: 'title as the event reports it' },
    { name: 'artist_name', type: 'text(1024)', comment: 'artist as the event reports it' },
    { name: 'length', type: 'decimal(10,5)', comment: 'length of the song in seconds, as the event reports it' },
    { name: 'load_id', type: 'text(64)', required: true, references: 'loads.load_id', comment: 'load that added it' },
  ],
}
