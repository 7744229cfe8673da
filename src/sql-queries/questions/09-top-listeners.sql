-- question: How much of all listening do the top listeners do?
-- answer: The busiest {listeners} of {_all listener} have {_share} % of the plays.
-- chart: bar, x = plays, y = busiest, percent
-- The listeners in ten groups of the same size, busiest first.
with listeners as (
  select user_id, count(*) as plays
  from plays
  where user_id is not null
  group by user_id
),
ranked as (
  select plays, ntile(10) over (order by plays desc) as tenth
  from listeners
),
tenths as (
  select tenth, count(*) as listeners, cast(sum(plays) as bigint) as plays
  from ranked
  group by tenth
),
totals as (
  select cast(sum(listeners) as bigint) as listeners, sum(plays) as plays from tenths
)
select
  cast((h.tenth - 1) * 10 as varchar(4)) || ' to ' || cast(h.tenth * 10 as varchar(4)) || ' %' as busiest,
  h.listeners,
  h.plays,
  t.listeners as _all,
  round(100.0 * h.plays / t.plays, 1) as _share
from tenths h
cross join totals t
order by h.tenth
