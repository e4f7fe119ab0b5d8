"""The real log at the default budget: what is released of it beside what is true, which only a test may know.

`pytest -s` prints the tables.
"""

import os
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from served_home import SITE, run_hubbub

from hubbub.cli.home import Home
from hubbub.cli.reading import read_side
from hubbub.collect.datacenters import datacenters_of
from hubbub.collect.logs.importer import import_logs
from hubbub.core.ports import ArrowStream
from hubbub.core.reasons import DropReason
from hubbub.core.rows import Kind
from hubbub.core.settings import Server, Site
from hubbub.publish.query import Answer, Query

pytestmark = pytest.mark.real_data

DATA = Path(os.environ.get("HUBBUB_REAL_DATA", Path(__file__).parents[3] / "shared" / "data"))
LOG = DATA / "weblog" / "access.log.gz"
ZONE = "America/New_York"
FIRST, LAST = date(2016, 2, 20), date(2016, 3, 28)
COLUMNS = ["unit", "tag", "ms", "kind", "page", "referrer", "channel"]
TOP = 5
FALSE_ALARM_SIGMAS = 6.0  # 15 values a run: a false alarm in 30 million runs
Truth = dict[str, Counter[str]]


class Kept:
    """A sink that keeps the rows, with secrets of its own."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def visitor_secret(self, source: str, day: date) -> bytes:
        return f"{source} {day}".encode().ljust(32)

    def write(self, source: str, day: date, rows: ArrowStream, drops: Mapping[DropReason, int]) -> None:
        self.rows += [row | {"day": day} for row in pa.table(rows).select(COLUMNS).to_pylist()]


@pytest.fixture(scope="module")
def truth() -> Truth:
    """Exact device-days by page, and by source and channel of the first page view."""
    kept = Kept()
    known = datacenters_of(Server())
    import_logs([LOG], Site(SITE), ZONE, "auto", kept, kept, lambda _day: False, datacenters=known)
    views = [row for row in kept.rows if row["kind"] == Kind.PAGEVIEW]
    views.sort(key=lambda row: (row["ms"], row["tag"]))
    first: dict[tuple[date, int], dict[str, Any]] = {}
    for row in views:
        first.setdefault((row["day"], row["unit"]), row)
    pages = {(row["day"], row["unit"], row["page"]) for row in views}
    return {
        "page": Counter(page for _, _, page in pages),
        "referrer": Counter(row["referrer"] or "Direct / none" for row in first.values()),
        "channel": Counter(row["channel"] for row in first.values()),
    }


def import_real_log(home: Path, *, pages: list[str] | None = None) -> Home:
    run_hubbub(None, "init", str(home), "--site", SITE, "--timezone", ZONE)
    if pages is not None:
        (home.parent / "pages.txt").write_text("\n".join(pages))
        run_hubbub(home, "keys", "import", str(home.parent / "pages.txt"), "--site", SITE)
    run_hubbub(home, "import", "log", str(LOG), "--site", SITE, "--final")
    return Home.open(home)


def ask(home: Home, dimension: str) -> Answer:
    query = Query(sites=(SITE,), metrics=("visitors",), first=FIRST, last=LAST, dimensions=(dimension,))
    return read_side(home).ask(query)


def compare(title: str, answer: Answer, exact: Counter[str]) -> int:
    """Print released beside exact for the truly largest keys; each has to be within its noise. How many are shown."""
    released = {row.dimensions[0]: row.values[0] for row in answer.rows}
    print(f"\n{title}: {answer.total - answer.grey} of {answer.total} keys shown, {answer.grey} grey")
    shown = 0
    for key, true in exact.most_common(TOP):
        found = released.get(key)
        if found is None:
            print(f"  {key:60} exact {true:6,}  not released")
            continue
        shown += found.shown
        grey = "" if found.shown else "  grey"
        print(f"  {key:60} exact {true:6,}  released {found.value:8,.0f} ± {1.96 * found.stderr:.0f}{grey}")
        if found.stderr and "page" not in title:  # pages are bounded at five a device-day, so they have a bias too
            assert abs(found.value - true) < FALSE_ALARM_SIGMAS * found.stderr
    return shown


def test_without_a_page_list_sources_and_channels_show(tmp_path: Path, truth: Truth) -> None:
    home = import_real_log(tmp_path / "home")
    compare("pages, no list", ask(home, "page"), truth["page"])
    assert compare("sources", ask(home, "referrer"), truth["referrer"]) >= 1
    assert compare("channels", ask(home, "channel"), truth["channel"]) >= 2


def test_with_a_page_list_the_front_page_shows(tmp_path: Path, truth: Truth) -> None:
    home = import_real_log(tmp_path / "home", pages=sorted(truth["page"]))
    assert compare("pages, all public", ask(home, "page"), truth["page"]) >= 1
