-- One row a line, in the order of the file, for any format's `fields`: what becomes of the line, and its values
-- where it may become a row. The order of the reasons is that of `reasons.py`. No long `in` here: DuckDB makes a join of
-- it, which loses the order of the lines.
select
    (case
        when problem is not null then problem
        when method is distinct from 'GET' then 'method'
        when not (status = '200' or status = '304' or status = '404' or status = '206' or status = '203') then 'status'
        when status = '206' and first_byte <> '0' then 'status'
        when is_opt_out then 'opt_out'
        when purpose is not null and regexp_matches(purpose, 'prefetch|prerender|preview|preload', 'i') then 'prefetch'
        else 'candidate'
    end)::verdict as verdict,
    case when problem is null then hour end as hour,
    case when problem is null then seconds end as seconds,
    status = '404' as is_missing,
    status = '206' and first_byte is null as is_part,
    case when verdict = 'candidate' then address end as address,
    case when verdict = 'candidate' then target end as target,
    case when verdict = 'candidate' then referrer end as referrer,
    case when verdict = 'candidate' then agent end as agent,
    case when verdict = 'candidate' then host end as host,
    case when verdict = 'candidate' then language end as language
from fields
