"""Settings of a table that change while a day of it is open: what was read is not counted as what it is not."""

from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from hubbub.cli.commands.close import app as close_app
from hubbub.cli.commands.import_log import app as import_app
from hubbub.cli.home import Home
from hubbub.core.days import day_of

TODAY = date.today()
DAY = TODAY - timedelta(days=1)
TABLE = {
    "name": "desk",
    "time": "at",
    "unit": "case",
    "columns": {"form": {"values": ["a", "b"]}, "paid": {"most": 100, "decimals": 1}},
    "measures": {"rows": {"kind": "count"}, "money": {"kind": "sum", "of": "paid"}},
}


def write(home: Path, **changed: object) -> None:
    settings = {"budget": {"epsilon": 9.9}, "tables": [TABLE | changed]}
    (home / "hubbub.yaml").write_text(yaml.safe_dump(settings))


def import_rows(home: Path, name: str, *more: str) -> Result:
    file = home / f"{name}.csv"
    lines = [f"{DAY}T12:00:{n % 60:02},{DAY}T13:00,{name}{n},v{n},a,{n % 9}.5" for n in range(60)]
    file.write_text("\n".join(["at,later,case,visit,form,paid", *lines]) + "\n")
    return CliRunner().invoke(import_app, ["table", str(file), "--table", "desk", *more, "--home", str(home)])


def close(home: Path) -> Result:
    return CliRunner().invoke(close_app, ["--all", "--final", "--home", str(home)])


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with sixty rows of yesterday, which waits for more."""
    write(tmp_path)
    found = import_rows(tmp_path, "first")
    assert found.exit_code == 0, found.output
    return tmp_path


def money(columns: dict[str, object]) -> dict[str, object]:
    return {"form": {"values": ["a", "b"]}, "paid": columns}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"unit": "visit"}, "unit case, now visit"),
        ({"unit": "row"}, "unit case, now row"),
        ({"time": "later"}, "time at, now later"),
        ({"timezone": "Pacific/Auckland"}, "zone UTC, now Pacific/Auckland"),
        ({"columns": money({"most": 100, "decimals": 2})}, "number with 1 decimals, now number with 2 decimals"),
    ],
)
def test_a_day_that_is_open_is_not_counted_otherwise_than_it_was_read(
    home: Path, changed: dict[str, object], said: str
) -> None:
    write(home, **changed)
    for found in (import_rows(home, "second"), close(home)):
        assert found.exit_code == 1, found.output
        assert said in str(found.exception)
        assert f"set it back, run `hubbub close --day {DAY} --final`" in str(found.exception)
    assert not list(Home.open(home).ledger.entries())  # nothing is paid, nothing is begun

    write(home)
    assert close(home).exit_code == 0
    (rows,) = Home.open(home).ledger.released("desk", DAY, DAY, ["rows"])
    assert abs(rows.values[0] / rows.parts - 60) < 8 * rows.variance**0.5 / rows.parts  # of the first file, all of it
    write(home, **changed)
    assert "closed" in str(import_rows(home, "third").exception)


@pytest.mark.parametrize(
    "changed",
    [
        {"title": "The desk"},
        {"measures": {"rows": {"kind": "count", "weight": 30}}},
        {"columns": money({"most": 50, "decimals": 1, "bins": [0, 25, 50]})},
        {"columns": {"form": {"values": ["a", "b", "c"]}}, "measures": {"rows": {"kind": "count"}}},
        {"columns": TABLE["columns"] | {"visit": {"open": "text"}}},  # type: ignore[operator]
    ],
)
def test_what_is_read_alike_goes_on(home: Path, changed: dict[str, object]) -> None:
    write(home, **changed)
    assert import_rows(home, "second").exit_code == 0
    assert close(home).exit_code == 0
    (rows,) = Home.open(home).ledger.released("desk", DAY, DAY, ["rows"])
    assert abs(rows.values[0] / rows.parts - 120) < 8 * rows.variance**0.5 / rows.parts


def test_a_day_kept_too_long_is_destroyed_all_the_same(home: Path) -> None:
    """What refuses is a close that would draw; nothing outlives its time."""
    write(home, unit="visit")
    here = Home.open(home)
    here.closer().give_up("desk", DAY)
    assert day_of(here.clock.now_ms(), "UTC") >= DAY
    assert not here.open_days()
