/** What a column of the star is made from: columns of staging, whose source keys the staging tables name. Tests prove it on an engine. */
export type Origins = Readonly<Record<string, readonly `staging_${'events' | 'songs'}.${string}`[]>>

/**
 * Where the values of every column of the star come from, by table and column. Only values count: that a play is matched to a song by title,
 * artist and length decides which song_id it gets, but the id itself comes from the song record. `load_id` comes from no source.
 */
export const lineage: Readonly<Record<string, Origins>> = {
  users: {
    user_id: ['staging_events.user_id'],
    first_name: ['staging_events.first_name'],
    last_name: ['staging_events.last_name'],
    gender: ['staging_events.gender'],
    level: ['staging_events.level'],
    last_event_at: ['staging_events.ts'],
    last_session_id: ['staging_events.session_id'],
    last_item_in_session: ['staging_events.item_in_session'],
  },
  songs: {
    song_id: ['staging_songs.song_id'],
    title: ['staging_songs.title'],
    artist_id: ['staging_songs.artist_id'],
    artist_name: ['staging_songs.artist_name'],
    year: ['staging_songs.year'],
    duration: ['staging_songs.duration'],
  },
  artists: {
    artist_id: ['staging_songs.artist_id'],
    name: ['staging_songs.artist_name'],
    location: ['staging_songs.artist_location'],
    latitude: ['staging_songs.artist_latitude'],
    longitude: ['staging_songs.artist_longitude'],
  },
  time: {
    start_time: ['staging_events.ts'],
    hour: ['staging_events.ts'],
    day: ['staging_events.ts'],
    week: ['staging_events.ts'],
    month: ['staging_events.ts'],
    year: ['staging_events.ts'],
    weekday: ['staging_events.ts'],
  },
  songplays: {
    songplay_id: ['staging_events.session_id', 'staging_events.item_in_session'],
    start_time: ['staging_events.ts'],
    user_id: ['staging_events.user_id'],
    level: ['staging_events.level'],
    song_id: ['staging_songs.song_id'],
    artist_id: ['staging_songs.artist_id'],
    session_id: ['staging_events.session_id'],
    item_in_session: ['staging_events.item_in_session'],
    location: ['staging_events.location'],
    user_agent: ['staging_events.user_agent'],
    song_title: ['staging_events.song'],
    artist_name: ['staging_events.artist'],
    length: ['staging_events.length'],
    load_id: [],
  },
}
