-- A user's level changes at a play with a level other than that of their previous play.
with plays as (
  select
    cast(start_time as date) as day,
    level,
    lag(level) over (partition by user_id order by start_time, session_id, item_in_session) as earlier_level
  from songplays
  where user_id is not null and level is not null
)
select
  day,
  case when level = 'paid' then 'upgrade' else 'downgrade' end as change,
  count(*) as changes
from plays
where level <> earlier_level
group by 1, 2
order by 1, 2
