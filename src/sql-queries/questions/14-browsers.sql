-- question: In which browsers do people listen?
-- answer: {browser} leads with {_share} % of the plays.
-- chart: bar, x = plays, y = browser, percent
-- Most browsers also claim to be Safari or Chrome, so rarer names come first.
with named as (
  select
    case
      when user_agent like '%Edg%' then 'Edge'
      when user_agent like '%OPR/%' or user_agent like 'Opera%' then 'Opera'
      when user_agent like '%Chromium/%' then 'Chromium'
      when user_agent like '%Chrome/%' or user_agent like '%CriOS/%' then 'Chrome'
      when user_agent like '%Firefox/%' or user_agent like '%FxiOS/%' then 'Firefox'
      when user_agent like '%MSIE %' or user_agent like '%Trident/%' then 'Internet Explorer'
      when user_agent like '%Safari/%' or user_agent like '%AppleWebKit/%' then 'Safari'
      else 'other'
    end as browser
  from plays
),
totals as (
  select count(*) as plays from named
)
select n.browser, count(*) as plays, round(100.0 * count(*) / max(t.plays), 1) as _share
from named n
cross join totals t
group by n.browser
order by plays desc, n.browser
