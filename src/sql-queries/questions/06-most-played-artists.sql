-- question: Which artists are played most?
-- answer: {artist} is played most: {plays time}.
-- chart: bar, x = plays, y = artist
select artist_name as artist, count(*) as plays
from plays
where artist_name is not null
group by artist_name
order by plays desc, artist
limit 10
