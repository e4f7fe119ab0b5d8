-- Apache common and combined, nginx' default: fields of the lines in `block`, split at the quotation marks.
-- Escaped marks and backslashes stand as characters 2 and 1 until they are unescaped, once a distinct value.
-- $leading: how many words stand before the address: 0, or 1 for a virtual host.
with split as (
    select line, string_split(
        case when contains(line, '\"') then replace(replace(line, '\\', chr(1)), '\"', chr(2)) else line end,
        '"'
    ) as part
    from block
), cut as (
    select line, len(part) as parts,
        case when $leading = 0 then part[1] else substr(part[1], strpos(part[1], ' ') + 1) end as head, 
        right(part[1], 29) as stamp, part[2] as request, left(part[3], 5) as answer, part[4] as referrer, part[5] as gap, part[6] as agent
    from split
)
select
    case
        when parts < 3 then if(trim(line, e' \t\r\n') = '', 'blank', 'no quoted request')
        when not regexp_full_match(stamp, '\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:[0-5]\d:[0-6]\d [+-]\d{4}\] ')
            then 'no time in brackets'
        when not regexp_full_match(answer, ' [1-5]\d\d\s') then 'no status after the request'
        when parts <> 3 and (parts < 7 or gap <> ' ') then 'quotation marks that do not pair'
    end as problem,
    substr(stamp, 2, 14) || substr(stamp, 23, 5) as hour,
    try_cast(substr(stamp, 17, 2) as integer) * 60 + try_cast(substr(stamp, 20, 2) as integer) as seconds,
    case when starts_with(request, 'GET ') then 'GET' else 'other' end as method,
    substr(answer, 2, 3) as status,
    left(head, strpos(head, ' ') - 1) as address,
    substr(request, 5) as target,
    case when parts > 3 then referrer end as referrer,
    case when parts > 3 then agent end as agent,
    case when $leading = 1 then left(line, strpos(line, ' ') - 1) end as host,
    null::varchar as language,
    false as is_opt_out,
    null::varchar as purpose,
    null::varchar as first_byte
from cut
