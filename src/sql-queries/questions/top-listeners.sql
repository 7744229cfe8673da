-- The listeners in ten groups of the same size, busiest first.
with listeners as (
  select user_id, count(*) as plays
  from songplays
  where user_id is not null
  group by user_id
),
ranked as (
  select plays, ntile(10) over (order by plays desc) as tenth
  from listeners
)
select tenth, count(*) as listeners, cast(sum(plays) as bigint) as plays
from ranked
group by tenth
order by tenth
