"""The import as a whole: which lines become rows, which are dropped for what, on which days."""

from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from log_samples import FIREFOX, GOOGLEBOT, IPHONE, SITE, Kept, Secrets, line, run

from hubbub.collect.logs.formats import FORMATS
from hubbub.collect.logs.importer import import_logs
from hubbub.collect.visitors import visitor_key
from hubbub.core.errors import DayClosed, InputError, Refused
from hubbub.core.reasons import DropReason
from hubbub.core.rows import COLUMNS, Kind

D = DropReason


def _write(path: Path, *lines: str) -> Path:
    path.write_text("".join(lines))
    return path


def _two_days() -> list[str]:
    """A person's and a bot's line on each of two days."""
    days = ("10/Jun/2024:12:00:00 +0000", "11/Jun/2024:12:00:00 +0000")
    return [line(at=at, agent=agent) for at in days for agent in (FIREFOX, GOOGLEBOT)]


def _drops(tmp_path: Path, *lines: str) -> dict[DropReason, int]:
    return run(_write(tmp_path / "a.log", line("/kept"), *lines), format="combined").dropped


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("no log line at all\n", D.BAD_LINE),
        (line(at="31/Feb/2024:12:00:00 +0000"), D.BAD_LINE),
        (line(at="10/Jun/2024:12:00:61 +0000").replace(":61", ":7x"), D.BAD_LINE),
        (line().replace(" 200 ", " 2oo "), D.BAD_LINE),
        (line(method="POST"), D.METHOD),
        (line(method="HEAD"), D.METHOD),
        (line().replace("GET / HTTP/1.1", "-").replace("200", "408"), D.METHOD),
        (line().replace("GET / HTTP/1.1", r"\x16\x03\x01"), D.METHOD),
        (line(status=301), D.STATUS),
        (line(status=500), D.STATUS),
        (line(status=403), D.STATUS),
        (line("/app.js"), D.ASSET),
        (line("/favicon.ico", status=404), D.ASSET),
        (line("http://elsewhere.example/"), D.BAD_URL),
        (line(address="host.example.org"), D.NO_ADDRESS),
        (line(agent=GOOGLEBOT), D.BOT),
        (line(agent="-"), D.BOT),
        (line(referrer="http://semalt.com/x"), D.SPAM_REFERRER),
    ],
)
def test_a_dropped_line_has_its_reason(tmp_path: Path, text: str, reason: DropReason) -> None:
    assert _drops(tmp_path, text) == {reason: 1}


def test_a_line_has_the_first_reason_that_holds(tmp_path: Path) -> None:
    worst = {
        "target": "/a.css", "method": "POST", "status": 500, "address": "nowhere", "agent": GOOGLEBOT,
        "referrer": "http://semalt.com/",
    }  # fmt: skip
    expected = (
        ("method", "GET", D.METHOD), ("status", 200, D.STATUS), ("target", "/a", D.ASSET),
        ("address", "192.0.2.1", D.NO_ADDRESS), ("agent", FIREFOX, D.BOT), ("referrer", "-", D.SPAM_REFERRER),
    )  # fmt: skip
    for field, good, reason in expected:
        assert _drops(tmp_path, line(**worst)) == {reason: 1}  # type: ignore[arg-type]
        worst[field] = good
    assert _drops(tmp_path, line(**worst)) == {}  # type: ignore[arg-type]


def test_rows_are_those_of_the_live_collector(tmp_path: Path) -> None:
    sink = Kept()
    text = line("/news?utm_source=mail&utm_campaign=May", agent=IPHONE, address="2001:db8::17")
    run(_write(tmp_path / "a.log", text), sink=sink, zone="Europe/Vienna")
    day = date(2024, 6, 10)
    table = sink.tables[day]
    texts = "dictionary<values=string, indices=int32, ordered=0>"
    assert [(field.name, str(field.type).replace(texts, "string")) for field in table.schema] == list(COLUMNS)
    (row,) = table.to_pylist()
    secret = Secrets().visitor_secret(SITE.name, day)
    assert row["unit"] == visitor_key(secret, SITE.name, "2001:db8::/64", IPHONE)
    assert {name: row[name] for name in ("ms", "hour", "kind", "page", "name", "campaign", "language")} == {
        "ms": 1718020800000, "hour": 14, "kind": Kind.PAGEVIEW, "page": "/news", "name": "", "campaign": "may",
        "language": "other",
    }  # fmt: skip
    assert (row["browser"], row["os"], row["device"]) == ("Safari", "iOS", "Mobile")


def test_the_key_is_of_the_agent_as_it_was_sent(tmp_path: Path) -> None:
    sink = Kept()
    sent = 'Mozilla/5.0 (X11; "odd\\one"; caf\u00e9) Gecko/20100101 Firefox/128.0'
    apache = sent.replace("\\", "\\\\").replace('"', '\\"').replace("\u00e9", r"\xe9")
    nginx = sent.replace("\\", r"\x5C").replace('"', r"\x22").replace("\u00e9", r"\xE9")
    run(_write(tmp_path / "a.log", line(agent=apache), line(agent=nginx)), sink=sink)
    secret = Secrets().visitor_secret(SITE.name, date(2024, 6, 10))
    assert {row["unit"] for row in sink.rows()} == {visitor_key(secret, SITE.name, "203.0.113.9", sent)}


def test_tags_are_distinct_and_new_each_time(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.log", *[line()] * 200)
    tags = []
    for _ in range(2):
        sink = Kept()
        run(path, sink=sink)
        tags += [row["tag"] for row in sink.rows()]
    assert len(set(tags)) == 400
    assert min(tags) < 0 < max(tags)


def test_downloads_and_missing_pages_are_rows_of_their_kinds(tmp_path: Path) -> None:
    sink = Kept()
    texts = (line("/plan.pdf"), line("/gone", status=404), line("/old.pdf", status=404), line("/seen", status=304))
    run(_write(tmp_path / "a.log", *texts), sink=sink)
    assert {(row["page"], row["name"], row["kind"]) for row in sink.rows()} == {
        ("/plan.pdf", "/plan.pdf", Kind.DOWNLOAD),
        ("/gone", "/gone", Kind.MISSING),
        ("/old.pdf", "/old.pdf", Kind.MISSING),
        ("/seen", "", Kind.PAGEVIEW),
    }


def test_a_log_rotated_in_mid_day_is_one_day_and_the_ends_are_partial(tmp_path: Path) -> None:
    sink = Kept()
    days = [f"{day:02}/Jun/2024:{hour}:00:00 +0000" for day in (10, 11, 12) for hour in ("08", "20")]
    first = _write(tmp_path / "a.log", *(line(at=at) for at in days[:3]))
    second = _write(tmp_path / "b.log", *(line(at=at) for at in days[3:]))
    summary = run(second, first, sink=sink)
    assert summary.days == [date(2024, 6, day) for day in (10, 11, 12)]
    assert summary.partial == [date(2024, 6, 10), date(2024, 6, 12)]
    assert [sink.tables[day].num_rows for day in summary.days] == [2, 2, 2]
    assert summary.closed == []


def test_days_are_those_of_the_site_with_hours_of_the_clock_change(tmp_path: Path) -> None:
    sink = Kept()
    ats = ("26/Oct/2024:21:59:59 +0000", "26/Oct/2024:22:00:00 +0000", "27/Oct/2024:22:59:59 +0000",
           "27/Oct/2024:23:00:00 +0000")  # fmt: skip
    run(_write(tmp_path / "a.log", *(line(at=at) for at in ats)), sink=sink, zone="Europe/Vienna")
    assert {day: table["hour"].to_pylist() for day, table in sink.tables.items()} == {
        date(2024, 10, 26): [23],
        date(2024, 10, 27): [0, 24],
        date(2024, 10, 28): [0],
    }


def test_days_without_a_line_within_a_file_are_days_too(tmp_path: Path) -> None:
    sink = Kept()
    path = _write(tmp_path / "a.log", *(line(at=f"{day}:12:00:00 +0000") for day in ("10/Jun/2024", "14/Jun/2024")))
    other = _write(tmp_path / "b.log", line(at="20/Jun/2024:12:00:00 +0000"), line(at="01/Aug/2024:12:00:00 +0000"))
    summary = run(path, other, sink=sink, is_closed=lambda day: day.day == 12)
    assert summary.days == [date(2024, 6, 10), date(2024, 6, 11), date(2024, 6, 13), date(2024, 6, 14),
                            date(2024, 6, 20), date(2024, 8, 1)]  # fmt: skip
    assert summary.closed == [date(2024, 6, 12)]
    assert [table.num_rows for table in sink.tables.values()] == [1, 0, 0, 1, 1, 1]
    assert summary.partial == [date(2024, 6, 10), date(2024, 8, 1)]


def test_lines_of_closed_days_are_dropped_and_the_others_imported(tmp_path: Path) -> None:
    sink = Kept()
    texts = [
        line(at=f"{day}/Jun/2024:12:00:00 +0000", agent=agent) for day in (10, 11) for agent in (FIREFOX, GOOGLEBOT)
    ]
    path = _write(tmp_path / "a.log", *texts, "bad\n")
    summary = run(path, sink=sink, is_closed=lambda day: day.day == 10)
    assert summary.dropped == {D.DAY_CLOSED: 2, D.BOT: 1, D.BAD_LINE: 1}
    assert (summary.days, summary.closed) == ([date(2024, 6, 11)], [date(2024, 6, 10)])
    assert sink.drops == {date(2024, 6, 11): {D.BOT: 1, D.BAD_LINE: 1}}


def test_when_all_days_are_closed_nothing_is_imported(tmp_path: Path) -> None:
    sink = Kept()
    texts = [line(at=f"{day}/Jun/2024:12:00:00 +0000") for day in (10, 11)]
    with pytest.raises(Refused, match=r"nothing was imported: 2 days from 2024-06-10 to 2024-06-11 of portal\.example"):
        run(_write(tmp_path / "a.log", *texts), sink=sink, is_closed=lambda day: True)
    assert not sink.tables


def test_a_day_that_closes_meanwhile_is_counted_as_closed(tmp_path: Path) -> None:
    class Closing(Secrets):
        def visitor_secret(self, source: str, day: date) -> bytes:
            if day.day == 10:
                raise DayClosed(source, day)
            return super().visitor_secret(source, day)

    texts = [
        line(at=f"{day}/Jun/2024:12:00:00 +0000", agent=agent) for day in (10, 11) for agent in (FIREFOX, GOOGLEBOT)
    ]
    path = _write(tmp_path / "a.log", *texts)
    summary = import_logs([path], SITE, "UTC", "auto", Closing(), Kept(), lambda day: False)
    assert summary.dropped == {D.DAY_CLOSED: 2, D.BOT: 1}
    assert (summary.accepted, summary.closed) == (1, [date(2024, 6, 10)])


def test_a_day_of_bots_alone_is_written_too(tmp_path: Path) -> None:
    sink = Kept()
    run(_write(tmp_path / "a.log", line(agent=GOOGLEBOT)), sink=sink)
    assert sink.tables[date(2024, 6, 10)].num_rows == 0
    assert sink.drops == {date(2024, 6, 10): {D.BOT: 1}}


def test_ten_bad_lines_are_shown_by_file_number_and_kind_of_problem_never_by_content(tmp_path: Path) -> None:
    first = _write(tmp_path / "a.log", line(), "secret words\n", line(at="31/Feb/2024:12:00:00 +0000"), "\n")
    second = _write(tmp_path / "b.log", *[line(), '1.2.3.4 - - [soon] "GET /secret" 200 1 "-" "-"\n'] * 12)
    summary = run(first, second)
    assert summary.dropped == {D.BAD_LINE: 14}
    assert [(Path(bad.file).name, bad.line, bad.problem) for bad in summary.bad_lines] == [
        ("a.log", 2, "no quoted request"),
        ("a.log", 3, "a time that cannot be"),
        *(("b.log", number, "no time in brackets") for number in range(2, 18, 2)),
    ]
    assert "secret" not in str(summary.bad_lines)


def test_a_broken_file_among_good_ones_imports_nothing(tmp_path: Path) -> None:
    sink = Kept()
    good = _write(tmp_path / "a.log", line())
    odd = _write(tmp_path / "b.log", "nothing\n")
    for files in ([good, odd], [good, tmp_path / "none.log"], [good, good], []):
        with pytest.raises(InputError):
            run(*files, sink=sink)
    assert not sink.tables


def test_progress_runs_over_the_bytes_of_all_files_and_then_the_days(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    first = _write(tmp_path / "a.log", line())
    second = _write(tmp_path / "b.log", line(at="11/Jun/2024:12:00:00 +0000"))
    run(first, second, progress=lambda *what: told.append(what))
    size = first.stat().st_size
    assert told == [("read", size, 2 * size), ("read", 2 * size, 2 * size), ("write", 1, 2), ("write", 2, 2)]


_PIECES = st.sampled_from(
    ['"', "\\", '\\"', " ", "[10/Jun/2024:12:00:00 +0000]", "GET / HTTP/1.1", "200", "-", "203.0.113.9", FIREFOX,
     "{", "}", '"time":', ":", "1718020800", "#Fields: date time c-ip cs-method cs-uri-stem sc-status", "2024-06-10",
     "h2 2024-06-10T12:00:00.5Z app/x 192.0.2.1:1 - 0.0 0.0 0.0 200", "192.0.2.1:3 [10/Jun/2024:12:00:00.000]",
     "f~ b/s 1/2/3/4/5 200 7 - - ---- 1/1/1/1/0 0/0 {Mozilla/5.0|} ", "<1>Jun 10 12:00:00 h n: ", "#C3", "\n#Fields:",
     '{"ts": 1718020800, "status": 206, "request": {"headers": {"User-Agent": ["x"], "Range": "bytes=0-"}}}', "'",
     "12:00:00", "\t", "\x00", "\u00e9", "\ud7ff", '{"ts": 1e400, "status": 200, "method": "GET"}', "/a?", "https://"]
)  # fmt: skip


_ODD_LINE = st.one_of(
    st.binary(max_size=80), st.lists(_PIECES, max_size=14).map(lambda pieces: "".join(pieces).encode())
)


@settings(max_examples=100, deadline=None)
@given(odd=st.lists(_ODD_LINE, max_size=12), format=st.sampled_from([*FORMATS, "auto"]))
def test_no_bytes_raise_anything_but_the_typed_errors(
    tmp_path_factory: pytest.TempPathFactory, odd: list[bytes], format: str
) -> None:
    path = tmp_path_factory.mktemp("odd") / "a.log"
    path.write_bytes(b"\n".join(odd))
    with suppress(InputError):
        run(path, format=format)
