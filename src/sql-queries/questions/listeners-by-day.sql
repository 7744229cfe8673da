-- On the day of their first play listeners count as first time, on all later days as returning.
with listener_days as (
  select distinct user_id, cast(start_time as date) as day
  from songplays
  where user_id is not null
),
first_days as (
  select user_id, min(day) as first_day
  from listener_days
  group by user_id
)
select
  d.day,
  case when d.day = f.first_day then 'first time' else 'returning' end as kind,
  count(*) as listeners
from listener_days d
join first_days f on f.user_id = d.user_id
group by 1, 2
order by 1, 2
