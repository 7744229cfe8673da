-- question: How much of what is played does the catalog explain?
-- answer: The catalog has song and artist for {_songs} % of the plays, only the artist for {_artists} %, and neither for {_neither} %.
-- chart: bar, x = plays, y = catalog, percent
with known as (
  select
    case
      when song_id is not null then 'song and artist known'
      when artist_id is not null then 'artist known'
      else 'not in the catalog'
    end as catalog
  from plays
),
totals as (
  select
    round(100.0 * sum(case when catalog = 'song and artist known' then 1 else 0 end) / count(*), 1) as songs,
    round(100.0 * sum(case when catalog = 'artist known' then 1 else 0 end) / count(*), 1) as artists,
    round(100.0 * sum(case when catalog = 'not in the catalog' then 1 else 0 end) / count(*), 1) as neither
  from known
)
select k.catalog, count(*) as plays, max(t.songs) as _songs, max(t.artists) as _artists, max(t.neither) as _neither
from known k
cross join totals t
group by k.catalog
order by plays desc, k.catalog
