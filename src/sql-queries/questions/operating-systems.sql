-- The order matters for agents that name several systems.
select
  case
    when user_agent like '%iPhone%' then 'iPhone'
    when user_agent like '%iPad%' then 'iPad'
    when user_agent like '%Android%' then 'Android'
    when user_agent like '%Windows%' then 'Windows'
    when user_agent like '%Macintosh%' then 'macOS'
    when user_agent like '%Linux%' then 'Linux'
    else 'other'
  end as operating_system,
  count(*) as plays
from songplays
group by 1
order by plays desc, operating_system
