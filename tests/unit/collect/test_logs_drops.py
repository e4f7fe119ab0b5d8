"""Lines that parse and become no rows: what servers' own formats say of them, and what the site's settings say."""

from datetime import date
from pathlib import Path

import pytest
from log_samples import SITE, Kept, line, run
from msgspec.structs import replace
from server_lines import CLOUDFRONT, MS, alb_line, caddy_entry, cloudfront_line, nginx_entry, objects

from hubbub.core.errors import InputError, Refused
from hubbub.core.reasons import DropReason
from hubbub.core.rows import Kind

D = DropReason


def test_headers_that_say_no_are_respected(tmp_path: Path) -> None:
    said = [
        ({"Sec-Gpc": "1"}, D.OPT_OUT), ({"Dnt": "1"}, D.OPT_OUT), ({"Sec-Purpose": "prefetch;prerender"}, D.PREFETCH),
        ({"X-Moz": "prefetch"}, D.PREFETCH), ({"Dnt": "0"}, None), ({"Sec-Purpose": ""}, None),
    ]  # fmt: skip
    (tmp_path / "a.log").write_text(objects(*(caddy_entry("/", 200, "", **headers) for headers, _ in said)))
    assert run(tmp_path / "a.log").dropped == {D.OPT_OUT: 2, D.PREFETCH: 2}
    nginx = [
        nginx_entry("/", 200, "") | extra for extra in ({"http_sec_gpc": "1"}, {"http_dnt": "1"}, {"http_dnt": ""})
    ]
    (tmp_path / "b.log").write_text(objects(*nginx))
    assert run(tmp_path / "b.log").dropped == {D.OPT_OUT: 2}


def test_a_log_of_several_hosts_gives_the_site_s_own_lines(tmp_path: Path) -> None:
    hosts = ("portal.example", "www.portal.example:443", "old.example", "other.example", "192.0.2.1", "web01", "_", "")
    caddy = [caddy_entry("/", 200, "") for _ in hosts]
    for each, host in zip(caddy, hosts, strict=True):
        each["request"]["host"] = host
    (tmp_path / "a.log").write_text(objects(*caddy))
    assert run(tmp_path / "a.log").dropped == {D.UNKNOWN_SITE: 3}
    assert run(tmp_path / "a.log", site=replace(SITE, own_hosts=("old.example",))).dropped == {D.UNKNOWN_SITE: 2}
    (tmp_path / "b.log").write_text(alb_line("/", 200, host="other.example") + alb_line("/", 200))
    assert run(tmp_path / "b.log").dropped == {D.UNKNOWN_SITE: 1}
    vhost = "".join(f"{host}:443 {line()}" for host in ("portal.example", "other.example"))
    (tmp_path / "c.log").write_text(vhost)
    assert run(tmp_path / "c.log").dropped == {D.UNKNOWN_SITE: 1}
    (tmp_path / "d.log").write_text(alb_line("/", 200, host="other.example") + alb_line("/app.js", 301))
    with pytest.raises(InputError, match=r"other hosts than portal\.example.*own_hosts"):
        run(tmp_path / "d.log")


def test_a_file_in_parts_is_a_download_and_a_page_in_parts_is_none(tmp_path: Path) -> None:
    parts = [("/plan.pdf", "-"), ("/plan.pdf", "0"), ("/plan.pdf", "65536"), ("/page", "-"), ("/page", "0")]
    text = CLOUDFRONT.partition("2024-")[0] + "".join(
        cloudfront_line(target, 206, "", start) for target, start in parts
    )
    (tmp_path / "a.log").write_text(text)
    sink = Kept()
    assert run(tmp_path / "a.log", sink=sink).dropped == {D.STATUS: 2}
    assert sorted(row["kind"] for row in sink.rows()) == [Kind.PAGEVIEW, Kind.DOWNLOAD, Kind.DOWNLOAD]
    ranges = ["bytes=0-", "bytes=500-", "", None]
    caddy = [caddy_entry("/plan.pdf", 206, "", **({} if each is None else {"Range": each})) for each in ranges]
    (tmp_path / "b.log").write_text(objects(*caddy))
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
