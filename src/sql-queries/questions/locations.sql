select location, count(*) as plays, count(distinct user_id) as listeners
from songplays
where location is not null
group by location
order by plays desc, location
limit 10
