-- question: Where do people listen?
-- answer: {location} leads with {plays play} by {listeners listener}.
-- chart: bar, x = plays, y = location
select location, count(*) as plays, count(distinct user_id) as listeners
from plays
where location is not null
group by location
order by plays desc, location
limit 10
