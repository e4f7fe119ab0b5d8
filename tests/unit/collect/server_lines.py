"""Lines as servers write them, all of the same three requests."""

import json
from typing import Any

from log_samples import FIREFOX, line

GOOGLE = "https://www.google.com/"
REQUESTS = (("/caf%C3%A9?x=1", 200, GOOGLE), ("/img.png", 200, ""), ("/gone", 404, ""))
MS = 1718020800500  # 2024-06-10 12:00:00.5 UTC


def caddy_entry(target: str, status: int, referrer: str, **headers: str) -> dict[str, Any]:
    """An access entry of Caddy."""
    sent = {"User-Agent": [FIREFOX], "Accept-Language": ["de-AT,de;q=0.8"]} | {k: [v] for k, v in headers.items()}
    if referrer:
        sent["Referer"] = [referrer]
    return {
        "level": "info", "ts": MS / 1000, "logger": "http.log.access.log0", "msg": "handled request",
        "request": {
            "remote_ip": "198.51.100.1", "remote_port": "40000", "client_ip": "192.0.2.7", "proto": "HTTP/2.0",
            "method": "GET", "host": "www.portal.example", "uri": target, "headers": sent,
            "tls": {"resumed": False, "version": 772, "cipher_suite": 4865, "proto": "h2", "server_name": "x"},
        },
        "bytes_read": 0, "user_id": "", "duration": 0.01, "size": 5, "status": status, "resp_headers": {},
    }  # fmt: skip


def nginx_entry(target: str, status: int, referrer: str) -> dict[str, Any]:
    """An entry of nginx' JSON with all its names."""
    return {
        "time_iso8601": "2024-06-10T14:00:00+02:00", "msec": "1718020800.500", "remote_addr": "192.0.2.7",
        "request_method": "GET", "request_uri": target, "uri": "/index.php", "args": "x", "status": str(status),
        "http_referer": referrer, "http_user_agent": FIREFOX, "http_accept_language": "de",
        "host": "portal.example", "server_name": "_", "http_x_forwarded_for": "198.51.100.9",
    }  # fmt: skip


def nginx_request_entry(target: str, status: int, referrer: str) -> dict[str, Any]:
    """An entry with a request line."""
    return {
        "msec": "1718020800.500", "remote_addr": "192.0.2.7", "request": f"GET {target} HTTP/1.1", "uri": "/index.php",
        "status": status, "http_referer": referrer or "-", "http_user_agent": FIREFOX, "host": "web01",
        "http_accept_language": "de",
    }  # fmt: skip


def objects(*objects: dict[str, Any]) -> str:
    """Objects as JSON lines."""
    return "".join(json.dumps(each) + "\n" for each in objects)


OTHER_ENTRY = {
    "level": "error",
    "ts": 1718020800.0,
    "logger": "http.log.error",
    "msg": "x",
    "status": 502,
    "request": {},
}
CADDY = objects({"level": "info", "ts": 1.0, "logger": "tls", "msg": "cleaning"}, OTHER_ENTRY) + objects(
    *(caddy_entry(*each) for each in REQUESTS)
)
CADDY_ISO = CADDY.replace(str(MS / 1000), '"2024-06-10T12:00:00.500Z"')
NGINX_JSON = objects(*(nginx_entry(*each) for each in REQUESTS)).replace("time_iso8601", "logged_at")
NGINX_JSON_REQUEST = objects(*(nginx_request_entry(*each) for each in REQUESTS))


def alb_line(target: str, status: int, host: str = "portal.example", client: str = "192.0.2.7:2817") -> str:
    """A line of Amazon's load balancer."""
    return (
        f"https 2024-06-10T12:00:00.500000Z app/portal/50dc6c495c0c9188 {client} 10.0.0.1:80 0.086 0.048 0.037 "
        f'{status} {status} 0 57 "GET https://{host}:443{target} HTTP/2.0" "{FIREFOX}" ECDHE-RSA-AES128-GCM-SHA256 '
        f'TLSv1.2 arn:aws:x "Root=1-58337281-1d84f3d73c47ec4e58577259" "{host}" "arn:aws:y" 1 '
        '2024-06-10T12:00:00.364000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-"\n'
    )


ALB = "".join(alb_line(target, status) for target, status, _ in REQUESTS)
_CLOUDFRONT_FIELDS = (
    "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) "
    "cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken "
    "x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status "
    "fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len "
    "sc-range-start sc-range-end"
)


def cloudfront_line(target: str, status: int, referrer: str, first_byte: str = "-") -> str:
    """A line of CloudFront's standard log."""
    stem, _, query = target.replace("%", "%25").partition("?")
    agent = FIREFOX.replace(" ", "%20")
    return "\t".join(
        ["2024-06-10", "12:00:00", "DFW3", "5", "192.0.2.7", "GET", "d1.cloudfront.net", stem, str(status),
         referrer or "-", agent, query or "-", "-", "Hit", "id==", "portal.example", "https", "23", "0.001", "-",
         "TLSv1.3", "TLS_AES", "Hit", "HTTP/2.0", "-", "-", "11040", "0.001", "Hit", "text/html", "78", first_byte,
         "-"]
    ) + "\n"  # fmt: skip


CLOUDFRONT = f"#Version: 1.0\n#Fields: {_CLOUDFRONT_FIELDS}\n" + "".join(cloudfront_line(*each) for each in REQUESTS)
IIS_FIELDS = "c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken"
IIS_AGENT = FIREFOX.replace(" ", "+")
IIS = f"""#Software: Microsoft Internet Information Services 10.0
#Version: 1.0
#Date: 2024-06-10 12:00:00
#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username {IIS_FIELDS}
2024-06-10 12:00:00 10.0.0.1 GET /caf%C3%A9 x=1 443 - 192.0.2.7 {IIS_AGENT} {GOOGLE} 200 0 0 15
2024-06-10 12:00:00 10.0.0.1 GET /img.png - 443 - 192.0.2.7 {IIS_AGENT} - 200 0 0 15
#Software: Microsoft Internet Information Services 10.0
#Fields: date time cs-host cs-method cs-uri-stem c-ip cs(User-Agent) sc-status
2024-06-10 12:00:00 portal.example GET /gone 192.0.2.7 {IIS_AGENT} 404
"""


def haproxy_line(target: str, status: int, referrer: str, before: str = "", client: str = "192.0.2.7:33317") -> str:
    """A line of HAProxy with captured headers."""
    return (
        f"{before}{client} [10/Jun/2024:14:00:00.500] http-in~ static/srv1 10/0/30/69/109 {status} 2750 - - ---- "
        f'1/1/1/1/0 0/0 {{www.portal.example|{referrer}|{FIREFOX}|de}} {{}} "GET {target} HTTP/1.1"\n'
    )


HAPROXY = "".join(haproxy_line(*each) for each in REQUESTS)
HAPROXY_SYSLOG = "".join(haproxy_line(*each, before="Jun  9 07:00:01 lb-1 haproxy[14389]: ") for each in REQUESTS)
HAPROXY_5424 = "".join(
    haproxy_line(*each, before="<134>1 2024-06-10T12:00:00.123Z lb haproxy 9 - - ") for each in REQUESTS
)
COMBINED = "".join(
    line(target, status=status, referrer=referrer or "-", address="192.0.2.7") for target, status, referrer in REQUESTS
)
NGINX_SYSLOG = "".join(f"<190>Jun 10 12:00:00 web nginx: {each}\n" for each in COMBINED.splitlines())
RSYSLOG = "".join(f"2024-06-10T12:00:00.123456+00:00 web apache2: {each}\n" for each in COMBINED.splitlines())
JSON_SYSLOG = "".join(f"Jun 10 12:00:00 web nginx[77]: {each}\n" for each in NGINX_JSON.splitlines())
