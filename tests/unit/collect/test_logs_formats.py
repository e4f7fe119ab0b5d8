"""Formats: how they are told apart, and that each yields the same rows from the same requests."""

import gzip
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from log_samples import FIREFOX, Kept, line, run

from hubbub.collect.logs.detection import format_of
from hubbub.collect.logs.formats import FORMATS
from hubbub.core.errors import InputError
from hubbub.core.reasons import DropReason

AT = "2024-06-10T12:00:00"
COMBINED = line("/a?x=1", referrer="https://www.google.com/") + line("/img.png") + line("/gone", status=404)
VHOST = "".join(f"portal.example:443 {each}\n" for each in COMBINED.splitlines())
COMMON = "".join(each.partition(' "http')[0].partition(' "-"')[0] + "\n" for each in COMBINED.splitlines())
W3C = f"""#Software: Microsoft Internet Information Services 10.0
#Version: 1.0
#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query c-ip cs(User-Agent) cs(Referer) sc-status
2024-06-10 12:00:00 10.0.0.1 GET /a x=1 203.0.113.9 {FIREFOX.replace(" ", "+")} https://www.google.com/ 200
2024-06-10 12:00:00 10.0.0.1 GET /img.png - 203.0.113.9 {FIREFOX.replace(" ", "+")} - 200
#Date: 2024-06-10 12:00:00
#Fields: date time cs-method cs-uri-stem c-ip cs(User-Agent) cs(Referer) sc-status

2024-06-10 12:00:00 GET /gone 203.0.113.9 {FIREFOX.replace(" ", "+")} - 404
"""
CLOUDFRONT = f"""#Version: 1.0
#Fields: date time c-ip cs-method cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query
2024-06-10\t12:00:00\t203.0.113.9\tGET\t/a\t200\thttps://www.google.com/\t{FIREFOX.replace(" ", "%20")}\tx=1
2024-06-10\t12:00:00\t203.0.113.9\tGET\t/img.png\t200\t-\t{FIREFOX.replace(" ", "%20")}\t-
2024-06-10\t12:00:00\t203.0.113.9\tGET\t/gone\t404\t-\t{FIREFOX.replace(" ", "%20")}\t-
"""
_SEEN = (("/a?x=1", 200, "https://www.google.com/"), ("/img.png", 200, ""), ("/gone", 404, ""))


def _json(*objects: Mapping[str, object]) -> str:
    return "".join(json.dumps(each) + "\n" for each in objects)


JSON = _json(
    *(
        {"time": AT + "Z", "remote_addr": "203.0.113.9", "method": "GET", "uri": target, "status": status,
         "referer": referrer, "user_agent": FIREFOX}
        for target, status, referrer in _SEEN
    )
)  # fmt: skip
JSON_NGINX = _json(
    *(
        {"time_local": "10/Jun/2024:14:00:00 +0200", "client_ip": "203.0.113.9", "status": str(status),
         "request": f"GET {target} HTTP/1.1", "http_referer": referrer or "-", "http_user_agent": FIREFOX}
        for target, status, referrer in _SEEN
    )
)  # fmt: skip
JSON_CADDY = _json(
    *(
        {"ts": 1718020800.0, "status": status,
         "request": {"remote_ip": "203.0.113.9", "method": "GET", "uri": target,
                     "headers": {"User-Agent": [FIREFOX], "Referer": [referrer]}}}
        for target, status, referrer in _SEEN
    )
)  # fmt: skip
JSON_MS = _json(
    *(
        {"timestamp": 1718020800000, "ip": "203.0.113.9", "request_method": "GET", "path": target,
         "status": status, "referrer": referrer, "agent": FIREFOX}
        for target, status, referrer in _SEEN
    )
)  # fmt: skip


def _import(tmp_path: Path, name: str, text: str, format: str = "auto") -> tuple[list[dict[str, object]], Kept]:
    path = tmp_path / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    sink = Kept()
    summary = run(path, sink=sink, format=format)
    assert (summary.lines, summary.dropped, summary.bad_lines) == (3, {DropReason.ASSET: 1}, [])
    rows = [{key: value for key, value in row.items() if key != "tag"} for row in sink.rows()]
    return rows, sink


@pytest.mark.parametrize(
    "text",
    [VHOST, W3C, W3C.replace("\n", "\r\n"), CLOUDFRONT, JSON, JSON_NGINX, JSON_CADDY, JSON_MS,
     COMBINED.replace("\n", "\r\n"), COMBINED.removesuffix("\n"), "\n" + COMBINED + "\n\n"],
    ids=["vhost", "w3c", "w3c-crlf", "cloudfront", "json", "nginx-json", "caddy", "json-ms", "crlf", "no-end", "blank"],
)  # fmt: skip
def test_every_format_yields_the_same_rows(tmp_path: Path, text: str) -> None:
    expected, _ = _import(tmp_path, "combined.log", COMBINED)
    assert [(row["page"], row["name"], row["kind"], row["referrer"]) for row in expected] == [
        ("/a", "", 1, "Google"),
        ("/gone", "/gone", 6, ""),
    ]
    assert expected[0]["browser"] == "Firefox"
    assert _import(tmp_path, "other.log", text)[0] == expected
    assert _import(tmp_path, "other.log.gz", text)[0] == expected


def test_a_common_log_has_no_agents_and_so_no_bots(tmp_path: Path) -> None:
    rows, _ = _import(tmp_path, "common.log", COMMON)
    assert [(row["page"], row["browser"], row["channel"]) for row in rows] == [
        ("/a", "Other", "Direct"),
        ("/gone", "Other", "Direct"),
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [(COMBINED, "combined"), (COMMON, "combined"), (VHOST, "vhost"), (W3C, "w3c"), (JSON, "json")],
)
def test_formats_are_told_apart(tmp_path: Path, text: str, name: str) -> None:
    path = tmp_path / "a.log"
    path.write_text(text)
    assert format_of(path, "auto") == FORMATS[name]


def test_two_files_of_two_formats_are_read_in_one_call(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(COMBINED)
    (tmp_path / "b.log").write_text(JSON)
    summary = run(tmp_path / "a.log", tmp_path / "b.log")
    assert (summary.lines, summary.accepted) == (6, 4)


@pytest.mark.parametrize(
    "content",
    [
        b"\x00\xff\x10binary\n" * 40,
        bytes(range(256)) * 9,
        b"name,value\n1,2\n",
        b"[1]\n[2]\n",
        "\ufeffa".encode("utf-16"),
    ],
)
def test_what_is_no_log_is_refused_with_the_formats_there_are(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.log"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"odd\.log: its first lines are in no known format.*--format.*combined"):
        run(path)
    with pytest.raises(InputError, match=r"none of its .* lines can be read as combined"):
        run(path, format="combined")


def test_an_unknown_format_names_the_known_ones(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(COMBINED)
    with pytest.raises(InputError, match=r"no such format.*auto, combined, nginx"):
        run(tmp_path / "a.log", format="apache")


def test_a_w3c_log_needs_its_fields(tmp_path: Path) -> None:
    path = tmp_path / "iis.log"
    path.write_text("\n".join(W3C.splitlines()[3:5]) + "\n")
    with pytest.raises(InputError, match=r"iis\.log line 1: .*without a #Fields line"):
        run(path, format="w3c")
    path.write_text(W3C.replace(" sc-status", ""))
    with pytest.raises(InputError, match=r"iis\.log line 3: #Fields does not name sc-status"):
        run(path)
