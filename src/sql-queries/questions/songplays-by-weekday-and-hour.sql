-- Adds up all Mondays, all Tuesdays, and so on.
select
  case t.weekday
    when 1 then 'Monday'
    when 2 then 'Tuesday'
    when 3 then 'Wednesday'
    when 4 then 'Thursday'
    when 5 then 'Friday'
    when 6 then 'Saturday'
    else 'Sunday'
  end as weekday,
  t.hour,
  count(*) as plays
from songplays p
join time t on t.start_time = p.start_time
group by t.weekday, t.hour
order by t.weekday, t.hour
