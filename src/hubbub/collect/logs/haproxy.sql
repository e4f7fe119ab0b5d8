-- HAProxy's HTTP log: fields of the lines in `block`. The headers that it captured stand in braces, at the places
-- $agent, $referrer, $host, $language, 0 when they were not. It writes `#XX` for bytes that could end a value;
-- they become `\xXX`, which is unescaped once a distinct value. Times are the machine's, without an offset.
with split as (
    select line, string_split(line, '"') as part from block
), cut as (
    select line, len(part) as parts, part[2] as request, regexp_extract(
        part[1],
        '^(\S+):\d+ \[(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d):([0-5]\d):([0-6]\d\.\d+)\] \S+ \S+ [-+\d/]+ (-1|[1-5]\d\d) \+?\d+ '
        || '\S+ \S+ \S+ [\d/+]+ [\d/]+ (?:\{([^}]*)\} )?(?:\{[^}]*\} )?$',
        ['address', 'hour', 'minute', 'second', 'status', 'captured']
    ) as found
    from split
), named as (
    select *, string_split(regexp_replace(replace(found.captured, '\', '\\'), '#([0-9A-Fa-f]{2})', '\\x\1', 'g'), '|')
        as header
    from cut
)
select
    case
        when trim(line, e' \t\r\n') = '' then 'blank'
        when parts < 3 then 'no quoted request'
        when found.hour = '' then 'no fields of an HTTP log'
    end as problem,
    found.hour as hour,
    try_cast(found.minute as integer) * 60 + try_cast(found.second as double) as seconds,
    if(starts_with(request, 'GET '), 'GET', 'other') as method,
    found.status as status,
    trim(found.address, '[]') as address,
    regexp_replace(replace(substr(request, 5), '\', '\\'), '#([0-9A-Fa-f]{2})', '\\x\1', 'g') as target,
    coalesce(header[$referrer], '') as referrer,
    coalesce(header[$agent], '') as agent,
    header[$host] as host,
    header[$language] as language,
    false as is_opt_out,
    null::varchar as purpose,
    null::varchar as first_byte
from named
