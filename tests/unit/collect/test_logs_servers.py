"""Each server's own format, from lines as it writes them: the same requests become the same rows."""

import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from log_samples import FIREFOX, IPHONE, SITE, Kept, Secrets, line, run
from msgspec.structs import replace

from hubbub.collect.logs.detection import format_of
from hubbub.collect.visitors import visitor_key
from hubbub.core.errors import InputError, Refused
from hubbub.core.reasons import DropReason
from hubbub.core.rows import Kind

D = DropReason
GOOGLE = "https://www.google.com/"
REQUESTS = (("/caf%C3%A9?x=1", 200, GOOGLE), ("/img.png", 200, ""), ("/gone", 404, ""))
MS = 1718020800500  # 2024-06-10 12:00:00.5 UTC


def _caddy(target: str, status: int, referrer: str, **headers: str) -> dict[str, Any]:
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


def _nginx(target: str, status: int, referrer: str) -> dict[str, Any]:
    return {
        "time_iso8601": "2024-06-10T14:00:00+02:00", "msec": "1718020800.500", "remote_addr": "192.0.2.7",
        "request_method": "GET", "request_uri": target, "uri": "/index.php", "args": "x", "status": str(status),
        "http_referer": referrer, "http_user_agent": FIREFOX, "http_accept_language": "de",
        "host": "portal.example", "server_name": "_", "http_x_forwarded_for": "198.51.100.9",
    }  # fmt: skip


def _nginx_request(target: str, status: int, referrer: str) -> dict[str, Any]:
    return {
        "msec": "1718020800.500", "remote_addr": "192.0.2.7", "request": f"GET {target} HTTP/1.1", "uri": "/index.php",
        "status": status, "http_referer": referrer or "-", "http_user_agent": FIREFOX, "host": "web01",
        "http_accept_language": "de",
    }  # fmt: skip


def _objects(*objects: dict[str, Any]) -> str:
    return "".join(json.dumps(each) + "\n" for each in objects)


OTHER_ENTRY = {
    "level": "error",
    "ts": 1718020800.0,
    "logger": "http.log.error",
    "msg": "x",
    "status": 502,
    "request": {},
}
CADDY = _objects({"level": "info", "ts": 1.0, "logger": "tls", "msg": "cleaning"}, OTHER_ENTRY) + _objects(
    *(_caddy(*each) for each in REQUESTS)
)
CADDY_ISO = CADDY.replace(str(MS / 1000), '"2024-06-10T12:00:00.500Z"')
NGINX_JSON = _objects(*(_nginx(*each) for each in REQUESTS)).replace("time_iso8601", "logged_at")
NGINX_JSON_REQUEST = _objects(*(_nginx_request(*each) for each in REQUESTS))


def _alb(target: str, status: int, host: str = "portal.example", client: str = "192.0.2.7:2817") -> str:
    return (
        f"https 2024-06-10T12:00:00.500000Z app/portal/50dc6c495c0c9188 {client} 10.0.0.1:80 0.086 0.048 0.037 "
        f'{status} {status} 0 57 "GET https://{host}:443{target} HTTP/2.0" "{FIREFOX}" ECDHE-RSA-AES128-GCM-SHA256 '
        f'TLSv1.2 arn:aws:x "Root=1-58337281-1d84f3d73c47ec4e58577259" "{host}" "arn:aws:y" 1 '
        '2024-06-10T12:00:00.364000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-"\n'
    )


ALB = "".join(_alb(target, status) for target, status, _ in REQUESTS)
_CLOUDFRONT_FIELDS = (
    "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) "
    "cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken "
    "x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status "
    "fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len "
    "sc-range-start sc-range-end"
)


def _cloudfront(target: str, status: int, referrer: str, first_byte: str = "-") -> str:
    stem, _, query = target.replace("%", "%25").partition("?")
    agent = FIREFOX.replace(" ", "%20")
    return "\t".join(
        ["2024-06-10", "12:00:00", "DFW3", "5", "192.0.2.7", "GET", "d1.cloudfront.net", stem, str(status),
         referrer or "-", agent, query or "-", "-", "Hit", "id==", "portal.example", "https", "23", "0.001", "-",
         "TLSv1.3", "TLS_AES", "Hit", "HTTP/2.0", "-", "-", "11040", "0.001", "Hit", "text/html", "78", first_byte,
         "-"]
    ) + "\n"  # fmt: skip


CLOUDFRONT = f"#Version: 1.0\n#Fields: {_CLOUDFRONT_FIELDS}\n" + "".join(_cloudfront(*each) for each in REQUESTS)
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


def _haproxy(target: str, status: int, referrer: str, before: str = "", client: str = "192.0.2.7:33317") -> str:
    return (
        f"{before}{client} [10/Jun/2024:14:00:00.500] http-in~ static/srv1 10/0/30/69/109 {status} 2750 - - ---- "
        f'1/1/1/1/0 0/0 {{www.portal.example|{referrer}|{FIREFOX}|de}} {{}} "GET {target} HTTP/1.1"\n'
    )


HAPROXY = "".join(_haproxy(*each) for each in REQUESTS)
HAPROXY_SYSLOG = "".join(_haproxy(*each, before="Jun  9 07:00:01 lb-1 haproxy[14389]: ") for each in REQUESTS)
HAPROXY_5424 = "".join(_haproxy(*each, before="<134>1 2024-06-10T12:00:00.123Z lb haproxy 9 - - ") for each in REQUESTS)
COMBINED = "".join(
    line(target, status=status, referrer=referrer or "-", address="192.0.2.7") for target, status, referrer in REQUESTS
)
NGINX_SYSLOG = "".join(f"<190>Jun 10 12:00:00 web nginx: {each}\n" for each in COMBINED.splitlines())
RSYSLOG = "".join(f"2024-06-10T12:00:00.123456+00:00 web apache2: {each}\n" for each in COMBINED.splitlines())
JSON_SYSLOG = "".join(f"Jun 10 12:00:00 web nginx[77]: {each}\n" for each in NGINX_JSON.splitlines())


def _rows(tmp_path: Path, text: str, name: str = "a.log", format: str = "auto") -> list[dict[str, Any]]:
    path = tmp_path / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    sink = Kept()
    summary = run(path, sink=sink, format=format, zone="Europe/Vienna")
    assert (summary.lines, summary.dropped, summary.bad_lines) == (3, {D.ASSET: 1}, [])
    return sink.rows()


@pytest.mark.parametrize(
    ("text", "name", "ms", "language", "referrer"),
    [
        (CADDY, "caddy", 500, "de", "Google"),
        (CADDY_ISO, "caddy", 500, "de", "Google"),
        (NGINX_JSON, "nginx-json", 500, "de", "Google"),
        (NGINX_JSON_REQUEST, "json", 500, "de", "Google"),
        (JSON_SYSLOG, "json", 500, "de", "Google"),
        (ALB, "alb", 500, "other", ""),
        (CLOUDFRONT, "cloudfront", 0, "other", "Google"),
        (IIS, "iis", 0, "other", "Google"),
        (HAPROXY, "haproxy", 500, "de", "Google"),
        (HAPROXY_SYSLOG, "haproxy", 500, "de", "Google"),
        (HAPROXY_5424, "haproxy", 500, "de", "Google"),
        (NGINX_SYSLOG, "nginx", 0, "other", "Google"),
        (RSYSLOG, "combined", 0, "other", "Google"),
    ],
    ids=["caddy", "caddy-iso", "nginx-json", "nginx-json-request", "json-syslog", "alb", "cloudfront", "iis",
         "haproxy", "haproxy-syslog", "haproxy-5424", "nginx-syslog", "apache-rsyslog"],
)  # fmt: skip
def test_each_server_s_lines_become_the_same_rows(
    tmp_path: Path, text: str, name: str, ms: int, language: str, referrer: str
) -> None:
    secret = Secrets().visitor_secret(SITE.name, date(2024, 6, 10))
    for rows in (_rows(tmp_path, text), _rows(tmp_path, text, "a.log.gz"), _rows(tmp_path, text, format=name)):
        assert [(row["page"], row["name"], row["kind"]) for row in rows] == [
            ("/café", "", Kind.PAGEVIEW),
            ("/gone", "/gone", Kind.MISSING),
        ]
        assert {row["unit"] for row in rows} == {visitor_key(secret, SITE.name, "192.0.2.7", FIREFOX)}
        assert {(row["ms"], row["hour"]) for row in rows} == {(MS - 500 + ms, 14)}
        assert {row["language"] for row in rows} == {language}
        assert rows[0]["referrer"] == referrer


def test_addresses_of_six_and_four_have_their_ports_taken_off(tmp_path: Path) -> None:
    (tmp_path / "alb.log").write_text(
        "".join(_alb("/", 200, client=client) for client in ("[2001:db8::1]:443", "2001:db8::1:443", "192.0.2.7:1"))
    )
    (tmp_path / "haproxy.log").write_text(_haproxy("/", 200, "", client="2001:db8::1:443"))
    (tmp_path / "old-caddy.log").write_text(
        _objects(*({"ts": 1718020800.0, "status": 200, "request": {
            "remote_addr": address, "method": "GET", "uri": "/", "headers": {"User-Agent": [FIREFOX]}}}
            for address in ("[2001:db8::1]:443", "192.0.2.7:40000")))
    )  # fmt: skip
    for name, units in (("alb.log", 2), ("haproxy.log", 1), ("old-caddy.log", 2)):
        sink = Kept()
        assert run(tmp_path / name, sink=sink).dropped == {}
        secret = Secrets().visitor_secret(SITE.name, date(2024, 6, 10))
        found = {row["unit"] for row in sink.rows()}
        assert len(found) == units
        assert visitor_key(secret, SITE.name, "2001:db8::/64", FIREFOX) in found


def test_what_browsers_send_is_read_as_they_sent_it(tmp_path: Path) -> None:
    sent = 'Mozilla/5.0 (X11; "odd\\one"; {a|b} #1) Gecko/20100101 Firefox/128.0'
    haproxy = "".join(f"#{ord(c):02X}" if c in '"#{|}' else c for c in sent)
    for name, text, logged in (
        ("haproxy", _haproxy("/", 200, ""), haproxy),
        ("alb", _alb("/", 200), sent.replace("\\", "\\\\").replace('"', '\\"')),
        ("alb", _alb("/", 200), sent.replace("\\", "\\x5C").replace('"', "\\x22")),
        ("caddy", _objects(_caddy("/", 200, "")), json.dumps(sent.replace("\\", "\\\\"))[1:-1]),
    ):
        (tmp_path / "a.log").write_text(text.replace(FIREFOX, logged))
        sink = Kept()
        run(tmp_path / "a.log", sink=sink, format=name)
        secret = Secrets().visitor_secret(SITE.name, date(2024, 6, 10))
        assert [row["unit"] for row in sink.rows()] == [visitor_key(secret, SITE.name, "192.0.2.7", sent)], name


def test_haproxy_without_user_agents_is_refused_with_the_line_to_add(tmp_path: Path) -> None:
    path = tmp_path / "haproxy.log"
    for captured in ("", "{portal.example} ", "{portal.example|} {} "):
        lines = [(each.partition("{")[0], each.rpartition('"GET')[2]) for each in HAPROXY.splitlines()]
        path.write_text("".join(f'{before}{captured}"GET{after}\n' for before, after in lines))
        for format in ("auto", "haproxy"):
            with pytest.raises(InputError, match="capture request header User-Agent len 512"):
                run(path, format=format)


def test_haproxy_s_headers_are_told_apart_whatever_their_order(tmp_path: Path) -> None:
    path = tmp_path / "haproxy.log"
    text = "".join(
        _haproxy("/", 200, referrer).replace(
            f"{{www.portal.example|{referrer}|{FIREFOX}|de}}", f"{{{IPHONE}|12|de-AT,de;q=0.5|{referrer}}}"
        )
        for referrer in ("", GOOGLE, "")
    )
    path.write_text(text)
    assert format_of(path, "auto").parameters == {"agent": 1, "referrer": 4, "host": 0, "language": 3}


def test_haproxy_s_clock_can_be_of_another_zone(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(HAPROXY)
    for zone, hour in (("UTC", 14), ("America/New_York", 18)):
        sink = Kept()
        run(tmp_path / "a.log", sink=sink, log_zone=zone)
        assert {row["hour"] for row in sink.rows()} == {hour}


def test_headers_that_say_no_are_respected(tmp_path: Path) -> None:
    said = [
        ({"Sec-Gpc": "1"}, D.OPT_OUT), ({"Dnt": "1"}, D.OPT_OUT), ({"Sec-Purpose": "prefetch;prerender"}, D.PREFETCH),
        ({"X-Moz": "prefetch"}, D.PREFETCH), ({"Dnt": "0"}, None), ({"Sec-Purpose": ""}, None),
    ]  # fmt: skip
    (tmp_path / "a.log").write_text(_objects(*(_caddy("/", 200, "", **headers) for headers, _ in said)))
    assert run(tmp_path / "a.log").dropped == {D.OPT_OUT: 2, D.PREFETCH: 2}
    nginx = [_nginx("/", 200, "") | extra for extra in ({"http_sec_gpc": "1"}, {"http_dnt": "1"}, {"http_dnt": ""})]
    (tmp_path / "b.log").write_text(_objects(*nginx))
    assert run(tmp_path / "b.log").dropped == {D.OPT_OUT: 2}


def test_a_log_of_several_hosts_gives_the_site_s_own_lines(tmp_path: Path) -> None:
    hosts = ("portal.example", "www.portal.example:443", "old.example", "other.example", "192.0.2.1", "web01", "_", "")
    caddy = [_caddy("/", 200, "") for _ in hosts]
    for each, host in zip(caddy, hosts, strict=True):
        each["request"]["host"] = host
    (tmp_path / "a.log").write_text(_objects(*caddy))
    assert run(tmp_path / "a.log").dropped == {D.UNKNOWN_SITE: 3}
    assert run(tmp_path / "a.log", site=replace(SITE, own_hosts=("old.example",))).dropped == {D.UNKNOWN_SITE: 2}
    (tmp_path / "b.log").write_text(_alb("/", 200, host="other.example") + _alb("/", 200))
    assert run(tmp_path / "b.log").dropped == {D.UNKNOWN_SITE: 1}
    vhost = "".join(f"{host}:443 {line()}" for host in ("portal.example", "other.example"))
    (tmp_path / "c.log").write_text(vhost)
    assert run(tmp_path / "c.log").dropped == {D.UNKNOWN_SITE: 1}
    (tmp_path / "d.log").write_text(_alb("/", 200, host="other.example") + _alb("/app.js", 301))
    with pytest.raises(InputError, match=r"other hosts than portal\.example.*own_hosts"):
        run(tmp_path / "d.log")


def test_a_file_in_parts_is_a_download_and_a_page_in_parts_is_none(tmp_path: Path) -> None:
    parts = [("/plan.pdf", "-"), ("/plan.pdf", "0"), ("/plan.pdf", "65536"), ("/page", "-"), ("/page", "0")]
    text = CLOUDFRONT.partition("2024-")[0] + "".join(_cloudfront(target, 206, "", start) for target, start in parts)
    (tmp_path / "a.log").write_text(text)
    sink = Kept()
    assert run(tmp_path / "a.log", sink=sink).dropped == {D.STATUS: 2}
    assert sorted(row["kind"] for row in sink.rows()) == [Kind.PAGEVIEW, Kind.DOWNLOAD, Kind.DOWNLOAD]
    ranges = ["bytes=0-", "bytes=500-", "", None]
    caddy = [_caddy("/plan.pdf", 206, "", **({} if each is None else {"Range": each})) for each in ranges]
    (tmp_path / "b.log").write_text(_objects(*caddy))
    assert run(tmp_path / "b.log").dropped == {D.STATUS: 1}


def test_statuses_that_show_no_page_are_dropped(tmp_path: Path) -> None:
    texts = [line("/x", status=status) for status in (200, 203, 204, 205, 206, 207, 301, 304, 404, 410, 500)]
    (tmp_path / "a.log").write_text("".join(texts))
    summary = run(tmp_path / "a.log")
    assert (summary.accepted, summary.dropped) == (4, {D.STATUS: 7})


def test_what_is_dated_in_the_future_is_dropped_and_makes_no_day(tmp_path: Path) -> None:
    late = line(at="11/Jun/2031:12:00:00 +0000")
    (tmp_path / "a.log").write_text(line() + late)
    summary = run(tmp_path / "a.log", latest_ms=MS + 1)
    assert (summary.days, summary.dropped) == ([date(2024, 6, 10)], {D.BAD_TIME: 1})
    (tmp_path / "b.log").write_text(late)
    with pytest.raises(InputError, match="all its times are in the future"):
        run(tmp_path / "b.log", latest_ms=MS)


def test_a_site_that_counts_live_visits_takes_no_log(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(line())
    with pytest.raises(Refused, match="collect: live"):
        run(tmp_path / "a.log", site=replace(SITE, collect="live"))


def test_paths_are_folded_as_the_site_says(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(line("/case/jane-doe/letters?x=1") + line("/case/17/plan.pdf"))
    sink = Kept()
    run(tmp_path / "a.log", site=replace(SITE, paths=("/case/*",)), sink=sink)
    assert {(row["page"], row["name"]) for row in sink.rows()} == {
        ("/case/*/letters", ""),
        ("/case/*/plan.pdf", "/case/*/plan.pdf"),
    }
