-- question: On which operating systems do people listen?
-- answer: {operating_system} leads with {_share} % of the plays.
-- chart: bar, x = plays, y = operating_system, percent
-- The order matters for agents that name several systems.
with named as (
  select
    case
      when user_agent like '%iPhone%' then 'iPhone'
      when user_agent like '%iPad%' then 'iPad'
      when user_agent like '%Android%' then 'Android'
      when user_agent like '%Windows%' then 'Windows'
      when user_agent like '%Macintosh%' then 'macOS'
      when user_agent like '%Linux%' then 'Linux'
      else 'other'
    end as operating_system
  from plays
),
totals as (
  select count(*) as plays from named
)
select n.operating_system, count(*) as plays, round(100.0 * count(*) / max(t.plays), 1) as _share
from named n
cross join totals t
group by n.operating_system
order by plays desc, n.operating_system
