-- question: When do users upgrade, and when do they downgrade?
-- answer: There are {_upgrades upgrade} and {_downgrades downgrade}, the first on {_first} and the last on {_last}.
-- none: No user changed between free and paid.
-- chart: column, x = day, y = changes, color = change
-- A user's level changes at a play with a level other than that of their previous play.
with levels as (
  select
    start_date as day,
    level,
    lag(level) over (partition by user_id order by start_time, session_id, item_in_session) as earlier_level
  from plays
  where user_id is not null and level is not null
),
changed as (
  select day, case when level = 'paid' then 'upgrade' else 'downgrade' end as change
  from levels
  where level <> earlier_level
),
totals as (
  select
    sum(case when change = 'upgrade' then 1 else 0 end) as upgrades,
    sum(case when change = 'downgrade' then 1 else 0 end) as downgrades,
    min(day) as first_day,
    max(day) as last_day
  from changed
)
select
  c.day,
  c.change,
  count(*) as changes,
  cast(max(t.upgrades) as bigint) as _upgrades,
  cast(max(t.downgrades) as bigint) as _downgrades,
  max(t.first_day) as _first,
  max(t.last_day) as _last
from changed c
cross join totals t
group by c.day, c.change
order by c.day, c.change
