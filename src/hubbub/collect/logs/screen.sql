-- One row a line, in the order of the file, for any format's `fields`: what becomes of the line, and its values
-- where it may become a row. The order of the reasons is that of `reasons.py`.
select
    (case
        when problem is not null then problem
        when method is distinct from 'GET' then 'method'
        when not (status between '200' and '299' or status in ('304', '404')) then 'status'
        else 'candidate'
    end)::verdict as verdict,
    case when problem is null then hour end as hour,
    case when problem is null then seconds end as seconds,
    status = '404' as is_missing,
    case when verdict = 'candidate' then address end as address,
    case when verdict = 'candidate' then target end as target,
    case when verdict = 'candidate' then referrer end as referrer,
    case when verdict = 'candidate' then agent end as agent
from fields
