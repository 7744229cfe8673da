-- question: How long is a session?
-- answer: The most common length is {_common}: {_sessions} of {_all session}. Sessions of {_long} have the most plays: {_share} %.
-- chart: bar, x = sessions, y = session_length
-- From the start of a session's first play to the end of its last.
-- extract(epoch …) has fractions on DuckDB and none on Redshift, so it is rounded down to whole seconds.
with starts as (
  select session_id, cast(floor(extract(epoch from start_time)) as bigint) as started, coalesce(length, 0) as length
  from plays
),
sessions as (
  select session_id, count(*) as plays, max(started + length) - min(started) as seconds
  from starts
  group by session_id
),
named as (
  select
    case
      when seconds < 600 then 'under 10 minutes'
      when seconds < 1800 then '10 to 30 minutes'
      when seconds < 3600 then '30 to 60 minutes'
      when seconds < 7200 then '1 to 2 hours'
      when seconds < 14400 then '2 to 4 hours'
      else '4 hours or more'
    end as session_length,
    seconds,
    plays
  from sessions
),
lengths as (
  select session_length, min(seconds) as shortest, count(*) as sessions, cast(sum(plays) as bigint) as plays
  from named
  group by session_length
),
common as (
  select session_length, sessions from lengths order by sessions desc, shortest limit 1
),
busiest as (
  select session_length, plays from lengths order by plays desc, shortest limit 1
),
totals as (
  select cast(sum(sessions) as bigint) as sessions, sum(plays) as plays from lengths
)
select
  l.session_length,
  l.sessions,
  l.plays,
  c.session_length as _common,
  c.sessions as _sessions,
  t.sessions as _all,
  b.session_length as _long,
  round(100.0 * b.plays / t.plays, 1) as _share
from lengths l
cross join common c
cross join busiest b
cross join totals t
order by l.shortest
