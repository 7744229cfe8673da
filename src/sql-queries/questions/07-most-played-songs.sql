-- question: Which songs are played most?
-- answer: “{song}” by {_artist} is played most: {plays time}.
-- chart: bar, x = plays, y = song
select
  song_title as song,
  artist_name as artist,
  count(*) as plays,
  coalesce(artist_name, 'an unknown artist') as _artist
from plays
where song_title is not null
group by song_title, artist_name
order by plays desc, song, artist
limit 10
