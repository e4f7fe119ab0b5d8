"""`hubbub trends` and the scan after a release: done once for what is published, and again when something was."""

import json
import sys
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from typer.testing import CliRunner, Result

sys.path.insert(0, str(Path(__file__).parents[1] / "publish"))

from mart_samples import released

from hubbub.cli import scanning
from hubbub.cli.commands.trends import app
from hubbub.cli.home import Home
from hubbub.cli.scanning import scan_home
from hubbub.core.keys import Measure
from hubbub.operate.last_scan import FILE, LastScan

SITE = "portal.example"
FIRST = date(2026, 5, 1)


def run(*words: object) -> Result:
    return CliRunner().invoke(app, list(map(str, words)), env={"COLUMNS": "110"})


def publish(home: Home, days: int) -> None:
    """Quiet days, the 50th with an outage."""
    random = Random(2)
    for month in (5, 6, 7):
        cells = [
            released(SITE, day, Measure.VISITORS, round(random.gauss(300 if place == 50 else 1_000, 35)), sigma=16)
            for place in range(days)
            if (day := FIRST + timedelta(place)).month == month
        ]
        if cells:
            home.marts.write(SITE, date(2026, month, 1), cells)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "hubbub.yaml").write_text(f"sites:\n  - name: {SITE}\n", "utf-8")
    home = Home.open(tmp_path)
    publish(home, 60)
    return home


def test_it_prints_what_the_page_tells(home: Home) -> None:
    told = run("--home", home.folder).stdout.splitlines()
    assert told[0].startswith(f"2026-06-20  {SITE}: −7")
    assert told[0].endswith("visitors on Sat 20 June 2026 (as good as certain)")
    assert told[-1] == "1 change in 1 series"
    (found,) = json.loads(run("--home", home.folder, "--json").stdout)
    assert (found["series"]["source"], found["kind"], found["until"]) == (SITE, "drop", "2026-06-20")


def test_an_unknown_site_is_named(home: Home) -> None:
    result = run("--home", home.folder, "--site", "other.example")
    assert "there is no 'other.example'" in str(result.exception)


def test_nothing_is_scanned_twice(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    found = scan_home(home)
    monkeypatch.setattr(scanning, "find_changes", lambda *_: pytest.fail("scanned again"))
    assert scan_home(home) == found
    assert LastScan(home.folder).read() == found


def test_what_is_published_later_is_scanned(home: Home) -> None:
    before = scan_home(home)
    publish(home, 62)
    after = scan_home(home)
    assert after.last[SITE] == before.last[SITE] + timedelta(days=2)
    assert [one.name for one in after.found] == [one.name for one in before.found]


def test_a_damaged_file_is_made_again(home: Home) -> None:
    found = scan_home(home)
    (home.folder / FILE).write_bytes(b"{")
    assert scan_home(home) == found
