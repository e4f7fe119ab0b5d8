-- W3C extended: fields of the lines in `block` by their place in the `#Fields:` line, 0 when it does not name them.
-- Times are UTC. A "+" in a header stands for a space; tab separated files (CloudFront's) write it percent-encoded, and
-- the "%" of what was encoded already once more.
with split as (
    select line, string_split(rtrim(line, e'\r\n'), $separator) as field from block
), cut as (
    select line, len(field) as fields, field[$date] as day, field[$time] as clock, field[$method] as method,
        field[$status] as status, field[$address] as address, field[$stem] as stem, field[$query] as query,
        field[$referrer] as referrer, field[$agent] as agent, field[$host] as host, field[$language] as language,
        field[$gpc] as gpc, field[$dnt] as dnt, field[$purpose] as purpose, field[$first_byte] as first_byte
    from split
)
select
    case
        when starts_with(line, '#') or trim(line, e' \t\r\n') = '' then 'blank'
        when fields <> $fields then 'not as many fields as #Fields names'
        when not regexp_full_match(day || ' ' || clock, '\d{4}-\d\d-\d\d \d\d:[0-5]\d:[0-6]\d(\.\d+)?')
            then 'no date and time'
        when not regexp_full_match(status, '[0-5]\d\d') then 'no status'
    end as problem,
    day || ' ' || left(clock, 2) || 'Z' as hour,
    try_cast(substr(clock, 4, 2) as integer) * 60 + try_cast(substr(clock, 7, 2) as integer) as seconds,
    method,
    status,
    address,
    case when $separator = ' ' then target else replace(target, '%25', '%') end as target,
    case when $separator = ' ' then referrer else replace(referrer, '%25', '%') end as referrer,
    case when $separator = ' ' then replace(agent, '+', ' ') else url_decode(replace(agent, '%25', '%')) end as agent,
    case when not ends_with(host, '.cloudfront.net') then host end as host,
    case when $separator = ' ' then language else url_decode(language) end as language,
    coalesce(gpc = '1' or dnt = '1', false) as is_opt_out,
    purpose,
    nullif(first_byte, '-') as first_byte
from (
    select *, stem || case when query not in ('-', '') then '?' || query else '' end as target from cut
)
