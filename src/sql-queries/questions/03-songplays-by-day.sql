-- question: How many plays does a day have?
-- answer: The busiest day is {_day} with {_plays play}.
-- chart: line, x = day, y = plays
with days as (
  select start_date as day, count(*) as plays
  from plays
  group by start_date
),
busiest as (
  select day, plays
  from days
  order by plays desc, day
  limit 1
)
select d.day, d.plays, b.day as _day, b.plays as _plays
from days d
cross join busiest b
order by d.day
