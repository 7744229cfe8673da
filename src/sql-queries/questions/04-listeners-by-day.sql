-- question: How many people listen on a day, and how many come back?
-- answer: A day has {_average} listeners on average. {_day} has the most: {_listeners}, of whom {_before} had listened before.
-- chart: column, x = day, y = listeners, color = kind
-- On the day of their first play listeners count as first time, on all later days as returning.
with listener_days as (
  select distinct user_id, start_date as day
  from plays
  where user_id is not null
),
first_days as (
  select user_id, min(day) as first_day
  from listener_days
  group by user_id
),
days as (
  select d.day, count(*) as listeners, cast(sum(case when d.day > f.first_day then 1 else 0 end) as bigint) as earlier
  from listener_days d
  join first_days f on f.user_id = d.user_id
  group by d.day
),
average as (
  select round(1.0 * sum(listeners) / count(*), 1) as listeners
  from days
),
busiest as (
  select day, listeners, earlier
  from days
  order by listeners desc, day
  limit 1
),
kinds as (
  select day, 'first time' as kind, listeners - earlier as listeners from days
  union all
  select day, 'returning' as kind, earlier as listeners from days
)
select
  k.day,
  k.kind,
  k.listeners,
  a.listeners as _average,
  b.day as _day,
  b.listeners as _listeners,
  b.earlier as _before
from kinds k
cross join average a
cross join busiest b
where k.listeners > 0
order by k.day, k.kind
