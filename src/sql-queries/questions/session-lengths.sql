-- From the start of a session's first play to the end of its last.
-- extract(epoch …) has fractions on DuckDB and none on Redshift, so it is rounded down to whole seconds.
with sessions as (
  select
    session_id,
    count(*) as plays,
    max(cast(floor(extract(epoch from start_time)) as bigint) + coalesce(length, 0)) - min(cast(floor(extract(epoch from start_time)) as bigint)) as seconds
  from songplays
  group by session_id
)
select
  case
    when seconds < 600 then 'under 10 minutes'
    when seconds < 1800 then '10 to 30 minutes'
    when seconds < 3600 then '30 to 60 minutes'
    when seconds < 7200 then '1 to 2 hours'
    when seconds < 14400 then '2 to 4 hours'
    else '4 hours or more'
  end as session_length,
  count(*) as sessions,
  cast(sum(plays) as bigint) as plays
from sessions
group by 1
order by min(seconds)
