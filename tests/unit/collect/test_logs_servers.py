"""Each server's own format, from lines as it writes them: the same requests become the same rows."""

import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from log_samples import FIREFOX, IPHONE, SITE, Kept, Secrets, run
from server_lines import (
    ALB,
    CADDY,
    CADDY_ISO,
    CLOUDFRONT,
    GOOGLE,
    HAPROXY,
    HAPROXY_5424,
    HAPROXY_SYSLOG,
    IIS,
    JSON_SYSLOG,
    MS,
    NGINX_JSON,
    NGINX_JSON_REQUEST,
    NGINX_SYSLOG,
    RSYSLOG,
    alb_line,
    caddy_entry,
    haproxy_line,
    objects,
)

from hubbub.collect.logs.detection import format_of
from hubbub.collect.visitors import visitor_key
from hubbub.core.errors import InputError
from hubbub.core.reasons import DropReason
from hubbub.core.rows import Kind

D = DropReason


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
        "".join(alb_line("/", 200, client=client) for client in ("[2001:db8::1]:443", "2001:db8::1:443", "192.0.2.7:1"))
    )
    (tmp_path / "haproxy.log").write_text(haproxy_line("/", 200, "", client="2001:db8::1:443"))
    (tmp_path / "old-caddy.log").write_text(
        objects(*({"ts": 1718020800.0, "status": 200, "request": {
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
        ("haproxy", haproxy_line("/", 200, ""), haproxy),
        ("alb", alb_line("/", 200), sent.replace("\\", "\\\\").replace('"', '\\"')),
        ("alb", alb_line("/", 200), sent.replace("\\", "\\x5C").replace('"', "\\x22")),
        ("caddy", objects(caddy_entry("/", 200, "")), json.dumps(sent.replace("\\", "\\\\"))[1:-1]),
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
        haproxy_line("/", 200, referrer).replace(
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
