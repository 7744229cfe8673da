select artist_name as artist, count(*) as plays
from songplays
where artist_name is not null
group by artist_name
order by plays desc, artist
limit 10
