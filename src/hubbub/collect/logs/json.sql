-- JSON lines: fields of the objects in `block` under the names that servers commonly give them.
-- A time is ISO 8601 (UTC when it names no offset), a number of seconds or milliseconds, or as in Apache's logs.
with parsed as (
    select line, starts_with(ltrim(line), '{') and json_valid(line) as is_object from block
), cut as (
    select line, is_object, json_extract_string(case when is_object then line end, [
        '$.time', '$.timestamp', '$.ts', '$."@timestamp"', '$.time_iso8601', '$.time_local', '$.msec',
        '$.method', '$.request_method', '$.request.method',
        '$.uri', '$.path', '$.url', '$.request_uri', '$.request.uri', '$.request.url',
        '$.status', '$.status_code', '$.response.status',
        '$.remote_addr', '$.client_ip', '$.ip', '$.remote_ip', '$.request.client_ip', '$.request.remote_ip',
        '$.referer', '$.http_referer', '$.referrer', '$.request.headers.Referer[0]',
        '$.user_agent', '$.http_user_agent', '$.agent', '$.request.headers."User-Agent"[0]',
        '$.request'
    ]) as value
    from parsed
), named as (
    select line, is_object,
        coalesce(value[1], value[2], value[3], value[4], value[5], value[6], value[7]) as stamp,
        coalesce(value[8], value[9], value[10]) as method,
        coalesce(value[11], value[12], value[13], value[14], value[15], value[16]) as target,
        coalesce(value[17], value[18], value[19]) as status,
        coalesce(value[20], value[21], value[22], value[23], value[24], value[25]) as address,
        coalesce(value[26], value[27], value[28], value[29]) as referrer,
        coalesce(value[30], value[31], value[32], value[33]) as agent,
        case when not starts_with(value[34], '{') then value[34] end as request
    from cut
), timed as (
    select *,
        case when regexp_full_match(stamp, '\d{9,14}(\.\d+)?') then stamp::double end as number,
        regexp_full_match(
            stamp, '\d{4}-\d\d-\d\d[T ]\d\d:[0-5]\d:[0-6]\d([.,]\d+)?( ?(Z|[+-]\d\d:?\d\d))?'
        ) as is_iso,
        regexp_full_match(stamp, '\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:[0-5]\d:[0-6]\d [+-]\d{4}') as is_clf
    from named
)
select
    case
        when trim(line, e' \t\r\n') = '' then 'blank'
        when not is_object then 'not a JSON object'
        when not coalesce(number is not null or is_iso or is_clf, false) then 'no time'
        when not coalesce(regexp_full_match(status, '[1-5]\d\d'), false) then 'no status'
        when coalesce(method, request) is null then 'no method'
    end as problem,
    case
        when number is not null then '1970-01-01 00Z'
        when is_iso then left(stamp, 10) || ' ' || substr(stamp, 12, 2)
            || coalesce(nullif(regexp_extract(stamp, '(Z|[+-]\d\d:?\d\d)$'), ''), 'Z')
        when is_clf then left(stamp, 14) || right(stamp, 5)
    end as hour,
    case
        when number is not null then if(number >= 1e11, number / 1000, number)
        when is_iso then try_cast(substr(stamp, 15, 2) as integer) * 60
            + try_cast(replace(regexp_extract(stamp, '^.{17}(\d\d([.,]\d+)?)', 1), ',', '.') as double)
        when is_clf then try_cast(substr(stamp, 16, 2) as integer) * 60 + try_cast(substr(stamp, 19, 2) as integer)
    end as seconds,
    coalesce(method, split_part(request, ' ', 1)) as method,
    status,
    address,
    case when method is null or target is null then substr(request, 5) else target end as target,
    coalesce(referrer, '') as referrer,
    agent
from timed
