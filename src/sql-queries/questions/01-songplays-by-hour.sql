-- question: At what hours (UTC) do people listen?
-- answer: Most plays start between {_from}:00 and {_to}:00 UTC: {_plays}.
-- chart: column, x = hour, y = plays
with hours as (
  select hour, count(*) as plays
  from plays
  group by hour
),
busiest as (
  select hour, plays
  from hours
  order by plays desc, hour
  limit 1
)
select h.hour, h.plays, b.hour as _from, b.hour + 1 as _to, b.plays as _plays
from hours h
cross join busiest b
order by h.hour
