-- Amazon's Application Load Balancer: fields of the lines in `block`, split at the quotation marks, the first ones
-- then at the spaces: type, time, load balancer, client:port, target:port, three durations, status.
with split as (
    select line, string_split(
        case when contains(line, '\"') then replace(replace(line, '\\', chr(1)), '\"', chr(2)) else line end,
        '"'
    ) as part
    from block
), cut as (
    select line, len(part) as parts, string_split(part[1], ' ') as field, part[2] as request, part[4] as agent from split
)
select
    case
        when trim(line, e' \t\r\n') = '' then 'blank'
        when parts < 5 then 'no quoted request'
        when not coalesce(regexp_full_match(field[2], '\d{4}-\d\d-\d\dT\d\d:[0-5]\d:[0-6]\d(\.\d+)?Z'), false)
            then 'no date and time'
        when not coalesce(regexp_full_match(field[9], '[1-5]\d\d|-'), false) then 'no status'
    end as problem,
    left(field[2], 10) || ' ' || substr(field[2], 12, 2) || 'Z' as hour,
    try_cast(substr(field[2], 15, 2) as integer) * 60
        + try_cast(rtrim(substr(field[2], 18), 'Z') as double) as seconds,
    if(starts_with(request, 'GET '), 'GET', 'other') as method,
    field[9] as status,
    trim(regexp_replace(field[4], ':\d+$', ''), '[]') as address,
    regexp_replace(substr(request, 5), '^[a-z0-9]+://[^/? ]*/?', '/') as target,
    '' as referrer,
    agent,
    regexp_extract(request, '^\S+ [a-z0-9]+://([^/? ]*)', 1) as host,
    null::varchar as language,
    false as is_opt_out,
    null::varchar as purpose,
    null::varchar as first_byte
from cut
