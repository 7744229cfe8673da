-- Most browsers also claim to be Safari or Chrome, so rarer names come first.
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
  end as browser,
  count(*) as plays
from songplays
group by 1
order by plays desc, browser
