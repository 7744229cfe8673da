select
  case
    when song_id is not null then 'song and artist known'
    when artist_id is not null then 'artist known'
    else 'not in the catalog'
  end as catalog,
  count(*) as plays
from songplays
group by 1
order by plays desc, catalog
