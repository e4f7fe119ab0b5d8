"""A department's table on its whole way: settings, file, close, pages, API, export; what is refused on the way."""

import csv
import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from hubbub.cli.commands.close import close
from hubbub.cli.commands.export import export_cells
from hubbub.cli.commands.import_table import import_rows
from hubbub.cli.commands.site import list_sites
from hubbub.cli.home import Home
from hubbub.cli.reading import read_side
from hubbub.core.errors import Refused
from hubbub.serve.dashboard import dashboard_app

NAME = "service-desk"
CASES = 60
SETTINGS = f"""
city: Sampleton
timezone: Europe/Vienna
budget: {{epsilon: 1e6, delta: 1e-9}}
tables:
  - name: {NAME}
    title: Service desk
    time: opened_at
    unit: case_no
    columns:
      service: {{values: [parking, passport]}}
      form: {{open: path}}
      hours: {{header: hours_to_close, most: 100, bins: [0, 10, 50, 100]}}
    measures:
      cases: {{kind: units}}
      rows: {{kind: count, by: [service]}}
      forms: {{kind: units, by: [form]}}
      took: {{kind: mean, of: hours}}
      parking: {{kind: share, which: {{service: [parking]}}}}
      spread: {{kind: histogram, of: hours}}
      way: {{kind: funnel, steps: [{{service: [parking]}}, {{service: [passport]}}]}}
"""


def make_home(folder: Path) -> Path:
    home = folder / "home"
    home.mkdir(mode=0o700)
    (home / "hubbub.yaml").write_text(SETTINGS)
    return home


def write_cases(path: Path) -> datetime:
    """Each case comes for parking at 9, every third one for a passport at 15; of three days, the middle one whole."""
    noon = (datetime.now(UTC) - timedelta(days=2)).replace(hour=12, minute=0, second=0, microsecond=0)
    lines = ["opened_at;case_no;service;form;hours_to_close;clerk"]
    for day in (noon - timedelta(days=1), noon, noon + timedelta(days=1)):
        for case in range(CASES):
            lines.append(f"{day.replace(hour=8):%Y-%m-%dT%H:%M:%SZ};C{case};parking;/forms/parking;20;Huber")
            if case % 3 == 0:
                lines.append(f"{day.replace(hour=14):%Y-%m-%dT%H:%M:%SZ};C{case};passport;/forms/passport;80;Huber")
    path.write_text("\n".join(lines) + "\n")
    return noon


def ask(client: Any, measure: str, day: datetime, by: str = "") -> list[dict[str, Any]]:
    query = {"from": str(day.date()), "to": str(day.date())} | ({"by": by} if by else {})
    got = client.get(f"/api/v1/tables/{NAME}/{measure}", params=query)
    assert got.status_code == 200, got.text
    rows: list[dict[str, Any]] = got.json()["rows"]
    return rows


def test_from_a_file_to_pages_and_api(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home, file = make_home(tmp_path), tmp_path / "cases.csv"
    day = write_cases(file)

    import_rows([file], NAME, json=True, home=home)
    summary = json.loads(capsys.readouterr().out)
    assert summary["accepted"] == summary["rows"] == 3 * (CASES + CASES // 3)
    assert len(summary["waiting"]) == 2
    with pytest.raises(Refused, match="was imported already"):
        import_rows([file], NAME, home=home)
    close(all_days=True, final=True, home=home)
    assert "closed 2 days" in capsys.readouterr().out
    with pytest.raises(Refused, match="closed and take no more"):
        import_rows([file], NAME, home=home)
    assert not [path for path in (home / "raw").rglob("*") if path.is_file() and path.suffix != ".lock"]

    with TestClient(dashboard_app(read_side(Home.open(home)))) as client:
        (cases,) = ask(client, "cases", day)
        assert cases["values"]["units"]["value"] == pytest.approx(CASES, abs=1)
        rows = {row["keys"]["service"]: row["values"]["count"]["value"] for row in ask(client, "rows", day, "service")}
        assert rows["parking"] == pytest.approx(CASES, abs=1)
        assert rows["passport"] == pytest.approx(CASES / 3, abs=1)
        (took,) = ask(client, "took", day)  # of each case's own mean: 20, or 50 for one in three
        assert took["values"]["mean"]["value"] == pytest.approx((20 * 2 + 50) / 3, abs=1)
        (share,) = ask(client, "parking", day)
        assert share["values"]["share"]["value"] == pytest.approx(100, abs=2)
        steps = {row["keys"]["step"]: row["values"] for row in ask(client, "way", day)}
        assert steps["1"]["units"]["value"] == pytest.approx(CASES, abs=1)
        assert steps["2"]["rate"]["value"] == pytest.approx(100 / 3, abs=2)
        assert {row["keys"]["form"] for row in ask(client, "forms", day, "form")} == {
            "/forms/parking",
            "/forms/passport",
        }
        assert client.get("/api/v1/tables").json()["trial"] is True
        for path in (f"/tables/{NAME}", "/", "/what-we-measure"):
            page = client.get(path)
            assert page.status_code == 200
            assert "Service desk" in page.text
            assert "C17" not in page.text

    export_cells(tmp_path / "out.csv", measure="rows", table=NAME, home=home)
    lines = list(csv.DictReader(StringIO((tmp_path / "out.csv").read_text())))
    assert {line["service"] for line in lines} == {"parking", "passport", "other"}
    export_cells(tmp_path / "sites.csv", home=home)
    told = capsys.readouterr()
    assert "wrote 0 lines" in told.out
    assert f"--table {NAME}" in told.err
    report = Home.open(home).ledger.verify()
    assert not report.problems
    list_sites(home)
    assert capsys.readouterr().out == ""
