-- question: When in the week (UTC) do people listen?
-- answer: The busiest hour of the week is {_weekday} between {_from}:00 and {_to}:00 UTC: {_plays play}.
-- chart: heatmap, x = hour, y = weekday, color = plays
-- Adds up all Mondays, all Tuesdays, and so on.
with hours as (
  select weekday, weekday_name, hour, count(*) as plays
  from plays
  group by weekday, weekday_name, hour
),
busiest as (
  select weekday_name, hour, plays
  from hours
  order by plays desc, weekday, hour
  limit 1
)
select
  h.weekday_name as weekday,
  h.hour,
  h.plays,
  b.weekday_name as _weekday,
  b.hour as _from,
  b.hour + 1 as _to,
  b.plays as _plays
from hours h
cross join busiest b
order by h.weekday, h.hour
