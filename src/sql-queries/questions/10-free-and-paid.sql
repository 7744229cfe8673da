-- question: How much is played by paying users?
-- answer: {_paid} % of the plays are by paying users.
-- chart: bar, x = plays, y = level, percent
with totals as (
  select round(100.0 * sum(case when level = 'paid' then 1 else 0 end) / count(*), 1) as paid
  from plays
)
select p.level, count(*) as plays, count(distinct p.user_id) as users, max(t.paid) as _paid
from plays p
cross join totals t
group by p.level
order by plays desc, p.level
