"""The whole way, as its users walk it: a home is made, visits come in, the day is closed, the numbers are read."""

import csv
import hashlib
import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from served_home import SITE, ServedHome, run_hubbub

VISITORS = 40
PAGES = ("/", "/permits", "/waste")


def make_home(folder: Path, *words: str) -> Path:
    home = folder / "home"
    run_hubbub(None, "init", str(home), "--site", SITE, "--timezone", "Europe/Vienna", *words)
    settings = home / "hubbub.yaml"
    text = settings.read_text().replace("trusted_proxies: []", "trusted_proxies: [127.0.0.1/32]")
    pages = "\n".join(f"      - {page}" for page in PAGES)
    settings.write_text(text.replace("    # pages: [/, /contact]", f"    pages:\n{pages}"))
    return home


def visit(served: ServedHome) -> int:
    """Visits of VISITORS devices, each with the front page and one more; how many page views that made."""
    views = 0
    for visitor in range(VISITORS):
        address = f"198.51.100.{visitor}"
        for page in ("/", PAGES[1 + visitor % 2]):
            assert served.send({"u": f"https://{SITE}{page}"}, address) == 202
            views += 1
    return views


def around() -> dict[str, str]:
    now = datetime.now(UTC)
    return {"from": str((now - timedelta(days=1)).date()), "to": str((now + timedelta(days=1)).date())}


def files_of(home: Path) -> dict[str, str]:
    """A digest of every file that a second close must not touch."""
    found = [home / "state.db", *sorted((home / "marts").rglob("*"))]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in found if path.is_file()}


def test_a_trial_counts_exactly_from_visit_to_page(tmp_path: Path) -> None:
    home = make_home(tmp_path, "--epsilon", "1000000", "--delta", "1e-9")
    with ServedHome(home) as served:
        views = visit(served)
        assert served.send({"u": f"https://{SITE}/", "d": "other.example"}, "198.51.100.1") == 202
        assert served.send({"u": f"https://{SITE}/"}, "198.51.100.1", "Googlebot/2.1") == 202
        status = json.loads(run_hubbub(home, "status", "--json").stdout)
        assert status["accepted"] == views
        assert status["dropped"] == {"bot": 1, "unknown_site": 1}
        assert status["received"] == views + 2

        run_hubbub(home, "close", "--all", "--include-today")
        after = json.loads(run_hubbub(home, "status", "--json").stdout)
        assert after["accepted"] == 0

        answer = served.query(site=SITE, metrics="visitors,pageviews,visits", **around())
        (row,) = answer["rows"]
        assert row["visitors"]["value"] == VISITORS
        assert row["pageviews"]["value"] == views
        assert row["visits"]["value"] == VISITORS
        assert answer["trial"] is True
        pages = served.query(site=SITE, metrics="visitors,pageviews", dimensions="page", **around())["rows"]
        assert {row["page"]: row["visitors"]["value"] for row in pages} == {"/": 40, "/permits": 20, "/waste": 20}
        assert {row["page"]: row["pageviews"]["value"] for row in pages} == {"/": 40, "/permits": 20, "/waste": 20}

        status_code, page = served.get(f"/sites/{SITE}", period="day")
        assert status_code == 200
        assert "not private" in page

        # The day is final: a later visit is dropped, with its reason.
        assert served.send({"u": f"https://{SITE}/"}, "198.51.100.1") == 202
        late = json.loads(run_hubbub(home, "status", "--json").stdout)
        assert late["dropped"]["day_closed"] == 1


def test_the_default_budget_keeps_its_promise_to_files_and_readers(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    with ServedHome(home) as served:
        visit(served)
        run_hubbub(home, "close", "--include-today")
        (row,) = served.query(site=SITE, metrics="visitors", **around())["rows"]
        assert row["visitors"]["stderr"] == pytest.approx(16.05, abs=0.1)
        assert row["visitors"]["low95"] < row["visitors"]["value"] < row["visitors"]["high95"]
    before = files_of(home)
    run_hubbub(home, "close", "--all", "--include-today", "--final")
    assert files_of(home) == before
    run_hubbub(home, "ledger", "verify")
    receipts = [json.loads(line) for line in run_hubbub(home, "ledger", "export").stdout.splitlines()]
    slots = [(each["source"], each["day"], each["measure"], each["slot"]) for each in receipts]
    assert len(set(slots)) == len(slots)
    assert sum(each["rho"] for each in receipts) == pytest.approx(0.05)

    leftovers = [path for path in home.rglob("*") if path.is_file()]
    for path in leftovers:
        data = path.read_bytes()
        assert b"198.51.100." not in data, path
        assert b"Firefox/128" not in data, path


def test_exports_agree_with_each_other(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    with ServedHome(home) as served:
        visit(served)
    run_hubbub(home, "close", "--include-today")
    for form in ("csv", "parquet", "json"):
        run_hubbub(home, "export", "--format", form, "--measure", "channels", "--output", str(tmp_path / f"out.{form}"))
    with (tmp_path / "out.csv").open() as file:
        lines = list(csv.DictReader(file))
    table = pq.read_table(tmp_path / "out.parquet").to_pylist()
    records = json.loads((tmp_path / "out.json").read_text())
    assert len(lines) == len(table) == len(records) > 10
    for line, cell, record in zip(lines, table, records, strict=True):
        assert line["channel"] == cell["channel"] == record["channel"]
        assert float(line["value"]) == cell["value"] == record["value"]
    assert list(table[0])[:4] == ["source", "day", "hour", "measure"]


def test_an_edit_of_the_ledger_is_seen(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    with ServedHome(home) as served:
        visit(served)
    run_hubbub(home, "close", "--include-today")
    with sqlite3.connect(home / "state.db") as state:
        state.execute("UPDATE ledger SET rho = rho - 1 WHERE seq = 3")
    state.close()
    done = run_hubbub(home, "ledger", "verify", check=False)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "entry 3" in done.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("close", "--day", "yesterday"), 1, "YYYY-MM-DD"),
        (("close", "--day", "2026-01-01", "--all"), 2, "exclude"),
        (("import", "log", "/nowhere.log", "--site", SITE), 1, "/nowhere.log"),
        (("import", "log", "/nowhere.log", "--site", "other.example"), 1, "other.example"),
        (("frobnicate",), 2, "frobnicate"),
        (("export", "--format", "xml", "--output", "x"), 2, "xml"),
        (("keys", "import", "/nowhere.xml", "--site", SITE), 1, "/nowhere.xml"),
        (("serve", "--port", "99999"), 2, "65535"),
    ],
)
def test_wrong_use_is_answered_with_a_line(tmp_path: Path, words: tuple[str, ...], code: int, said: str) -> None:
    home = make_home(tmp_path)
    done = run_hubbub(home, *words, check=False)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    if code == 1:
        assert done.stderr.count("\n") == 1


def test_a_home_is_not_overwritten(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    before = (home / "hubbub.yaml").read_text()
    done = run_hubbub(None, "init", str(home), "--site", SITE, check=False)
    assert done.returncode == 1
    assert (home / "hubbub.yaml").read_text() == before


def test_a_wrong_setting_names_its_place(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    (home / "hubbub.yaml").write_text("sites: [{name: portal.example, timezone: Mars/North}]")
    done = run_hubbub(home, "close", check=False)
    assert done.returncode == 1
    assert "sites[0].timezone" in done.stderr
    assert "Europe/Vienna" in done.stderr
