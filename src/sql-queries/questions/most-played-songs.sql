select song_title as song, artist_name as artist, count(*) as plays
from songplays
where song_title is not null
group by song_title, artist_name
order by plays desc, song, artist
limit 10
