-- JSON lines: fields of the objects in `block` under the names that servers commonly give them (docs/logs.md).
-- A time is ISO 8601 (UTC when it names no offset), a number of seconds or milliseconds, or as in Apache's logs.
-- What Caddy logs besides requests is no line.
with parsed as (
    select line, starts_with(ltrim(line), '{') and json_valid(line) as is_object from block
), cut as (
    select line, is_object, json_extract_string(case when is_object then line end, [
        '$.time', '$.timestamp', '$.ts', '$."@timestamp"', '$.time_iso8601', '$.time_local', '$.msec',  -- 1 to 7
        '$.method', '$.request_method', '$.request.method',  -- 8 to 10
        '$.request_uri', '$.request.uri', '$.request.url', '$.request',  -- 11 to 14
        '$.uri', '$.path', '$.url',  -- 15 to 17
        '$.args', '$.query_string', '$.query',  -- 18 to 20
        '$.status', '$.status_code', '$.response.status',  -- 21 to 23
        '$.remote_addr', '$.client_ip', '$.ip', '$.remote_ip', '$.request.client_ip', '$.request.remote_ip',
        '$.request.remote_addr',  -- 24 to 30
        '$.referer', '$.http_referer', '$.referrer', '$.http_referrer', '$.request.headers.Referer[0]',  -- 31 to 35
        '$.user_agent', '$.http_user_agent', '$.agent', '$.request.headers."User-Agent"[0]',  -- 36 to 39
        '$.http_host', '$.host', '$.request.host', '$.server_name', '$.vhost',  -- 40 to 44
        '$.http_accept_language', '$.accept_language', '$.request.headers."Accept-Language"[0]',  -- 45 to 47
        '$.http_sec_gpc', '$.sec_gpc', '$.request.headers."Sec-Gpc"[0]',  -- 48 to 50
        '$.http_dnt', '$.dnt', '$.request.headers.Dnt[0]',  -- 51 to 53
        '$.http_sec_purpose', '$.sec_purpose', '$.request.headers."Sec-Purpose"[0]',
        '$.http_purpose', '$.request.headers.Purpose[0]', '$.http_x_moz', '$.request.headers."X-Moz"[0]',  -- 54 to 60
        '$.http_range', '$.range', '$.request.headers.Range[0]',  -- 61 to 63
        '$.logger',  -- 64
        '$.http_x_purpose', '$.request.headers."X-Purpose"[0]'  -- 65, 66
    ]) as value
    from parsed
), named as (
    select line, is_object,
        list_any_value(value[1:7]) as stamp,
        list_any_value(value[8:10]) as named_method,
        list_any_value(value[11:13]) as whole_target,
        case when not starts_with(value[14], '{') then value[14] end as request,
        list_any_value(value[15:17]) as path,
        list_any_value(value[18:20]) as query,
        list_any_value(value[21:23]) as status,
        list_any_value(value[24:30]) as address,
        list_any_value(value[31:35]) as referrer,
        list_any_value(value[36:39]) as agent,
        list_any_value(value[40:44]) as host,
        list_any_value(value[45:47]) as language,
        list_any_value(value[48:50]) as gpc,
        list_any_value(value[51:53]) as dnt,
        array_to_string(value[54:60] || value[65:66], ' ') as purpose,
        list_any_value(value[61:63]) as byte_range,
        value[64] as logger
    from cut
), timed as (
    select *,
        coalesce(named_method, split_part(request, ' ', 1)) as method,
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
        when starts_with(logger, 'http.') and not starts_with(logger, 'http.log.access') then 'blank'
        when logger is not null and status is null then 'blank'
        when not coalesce(number is not null or is_iso or is_clf, false) then 'no time'
        when not coalesce(regexp_full_match(status, '[0-5]\d\d|0'), false) then 'no status'
        when method is null then 'no method'
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
    method,
    status,
    trim(case when contains(address, '.') or starts_with(address, '[') then regexp_replace(address, ':\d+$', '')
        else address end, '[]') as address,
    coalesce(
        whole_target,
        case when starts_with(request, method || ' ') then substr(request, len(method) + 2) end,
        path || case when query not in ('', '-') and not contains(path, '?') then '?' || query else '' end
    ) as target,
    coalesce(referrer, '') as referrer,
    agent,
    host,
    language,
    coalesce(gpc = '1' or dnt = '1', false) as is_opt_out,
    purpose,
    case
        when byte_range in ('', '-') then null
        when starts_with(byte_range, 'bytes=0-') then '0'
        when byte_range is not null then 'later'
    end as first_byte
from timed
