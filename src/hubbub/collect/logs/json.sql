-- JSON lines: fields of the objects in `block` under the names that servers commonly give them.
-- A time is ISO 8601 (UTC when it names no offset), a number of seconds or milliseconds, or as in Apache's logs.
with parsed as (
    select line, case when json_valid(line) then line::json end as object from block
), cut as (
    select line, json_type(object) as kind,
        json_extract_string(object, [
            '$.time', '$.timestamp', '$.ts', '$."@timestamp"', '$.time_iso8601', '$.time_local', '$.msec'
        ]) as times,
        json_extract_string(object, ['$.method', '$.request_method', '$.request.method']) as methods,
        json_extract_string(object, [
            '$.uri', '$.path', '$.url', '$.request_uri', '$.request.uri', '$.request.url'
        ]) as targets,
        json_extract_string(object, '$.request') as request,
        json_extract_string(object, ['$.status', '$.status_code', '$.response.status']) as statuses,
        json_extract_string(object, [
            '$.remote_addr', '$.client_ip', '$.ip', '$.remote_ip', '$.request.client_ip', '$.request.remote_ip'
        ]) as addresses,
        json_extract_string(object, [
            '$.referer', '$.http_referer', '$.referrer', '$.request.headers.Referer[0]'
        ]) as referrers,
        json_extract_string(object, [
            '$.user_agent', '$.http_user_agent', '$.agent', '$.request.headers."User-Agent"[0]'
        ]) as agents
    from parsed
), named as (
    select line, kind, list_first(list_filter(times, lambda x: x is not null)) as stamp,
        list_first(list_filter(methods, lambda x: x is not null)) as method,
        list_first(list_filter(targets, lambda x: x is not null)) as target,
        case when not starts_with(request, '{') then request end as request,
        list_first(list_filter(statuses, lambda x: x is not null)) as status,
        list_first(list_filter(addresses, lambda x: x is not null)) as address,
        list_first(list_filter(referrers, lambda x: x is not null)) as referrer,
        list_first(list_filter(agents, lambda x: x is not null)) as agent
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
        when kind is null or kind <> 'OBJECT' then 'not a JSON object'
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
