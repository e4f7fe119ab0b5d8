"""Files of a declared table: which rows are taken, as what, on which day; and what is told of the others."""

import gzip
from collections.abc import Mapping
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hubbub.collect.records.importer import TableSummary, import_table
from hubbub.collect.visitors import unit_key
from hubbub.core.errors import InputError, Refused
from hubbub.core.ports import ArrowStream
from hubbub.core.reasons import DropReason
from hubbub.core.tables import Column, Table, TableMeasure

ZONE = "Europe/Vienna"
LATEST = int(datetime(2026, 5, 1, tzinfo=UTC).timestamp() * 1000)
TABLE = Table(
    "permits",
    "at",
    "case_no",
    {
        "district": Column(values=("north", "south")),
        "form": Column(open="path"),
        "topic": Column(open="text"),
        "spent": Column(header="cost", most=100, decimals=2),
    },
    {"all": TableMeasure("count")},
)
HEAD = "at,case_no,district,form,topic,cost\n"


class Secrets:
    """A key ring whose secrets follow from source and day."""

    def visitor_secret(self, source: str, day: date) -> bytes:
        return sha256(f"{source} {day}".encode()).digest()


class Kept:
    """A sink that keeps what it is given."""

    def __init__(self) -> None:
        self.tables: list[tuple[date, pa.Table]] = []

    def write(self, source: str, day: date, rows: ArrowStream, drops: Mapping[DropReason, int]) -> None:
        assert source == TABLE.name
        assert not drops
        self.tables.append((day, pa.table(rows)))

    def rows(self) -> list[dict[str, Any]]:
        found = [{"day": day, **row} for day, table in self.tables for row in table.to_pylist()]
        return sorted(found, key=lambda row: row["ms"])


def run(
    *files: Path, table: Table = TABLE, closed: tuple[date, ...] = (), zone: str = ZONE
) -> tuple[TableSummary, list[dict[str, Any]]]:
    sink = Kept()
    summary = import_table(files, table, zone, Secrets(), sink, lambda day: day in closed, LATEST)
    return summary, sink.rows()


def write(path: Path, text: str) -> Path:
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, "utf-8")
    return path


def ms(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp() * 1000)  # type: ignore[arg-type, misc]


def test_rows_have_what_the_settings_name_and_nothing_else(tmp_path: Path) -> None:
    text = HEAD.replace("cost", "cost,clerk") + "2026-03-02 09:30,A1,north,/a?x=1,Parks,12.345,Huber\n"
    summary, (row,) = run(write(tmp_path / "a.csv", text))
    assert (summary.rows, summary.accepted, summary.dropped) == (1, 1, {})
    assert set(row) == {"day", "unit", "tag", "ms", "hour", "district", "form", "topic", "spent"}
    assert row["unit"] == unit_key(Secrets().visitor_secret("permits", date(2026, 3, 2)), "permits", "A1")
    assert (row["ms"], row["hour"], row["day"]) == (ms(2026, 3, 2, 8, 30), 9, date(2026, 3, 2))
    assert (row["district"], row["form"], row["spent"]) == ("north", "/a", 1234)


@pytest.mark.parametrize("separator", [";", "\t", "|", ","])
@pytest.mark.parametrize("ending", [".csv", ".csv.gz"])
def test_csv_of_any_usual_kind_is_read(tmp_path: Path, separator: str, ending: str) -> None:
    text = "\ufeff" + HEAD + '2026-03-02T09:30:00+01:00,A1,north,/a,"Parks, and more",1\r\n'
    text = text.replace('"Parks, and more"', "Parks").replace(",", separator)
    summary, rows = run(write(tmp_path / f"a{ending}", text))
    assert summary.accepted == 1
    assert rows[0]["topic"] == "Parks"


def test_parquet_with_timestamps_and_numbers_is_read(tmp_path: Path) -> None:
    at = [datetime(2026, 3, 2, 8, 30, tzinfo=UTC), datetime(2026, 3, 2, 23, 30, tzinfo=UTC)]
    columns = {
        "at": pa.array(at, pa.timestamp("us", "UTC")),
        "case_no": pa.array([17, 18], pa.int32()),
        "district": pa.array(["north", None]).dictionary_encode(),
        "form": ["/a", "/b"],
        "topic": ["x", "y"],
        "cost": [1.5, 200.0],
    }
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    summary, (first, second) = run(tmp_path / "a.parquet")
    assert summary.days == [date(2026, 3, 2), date(2026, 3, 3)]
    assert (first["spent"], second["spent"]) == (150, 10_000)
    assert second["district"] == ""
    assert second["hour"] == 0
    naive = {**columns, "at": pa.array([datetime(2026, 3, 2, 9, 30)] * 2, pa.timestamp("ms"))}
    pq.write_table(pa.table(naive), tmp_path / "b.parquet")
    assert run(tmp_path / "b.parquet")[1][0]["ms"] == ms(2026, 3, 2, 8, 30)


@pytest.mark.parametrize(
    ("line", "reason", "problem"),
    [
        ("yesterday,A1,north,/a,x,1", DropReason.BAD_TIME, "its time cannot be read"),
        (",A1,north,/a,x,1", DropReason.BAD_TIME, "its time cannot be read"),
        ("2026-02-30,A1,north,/a,x,1", DropReason.BAD_TIME, "its time cannot be read"),
        ("2027-01-01,A1,north,/a,x,1", DropReason.BAD_TIME, "its time is in the future"),
        ("2026-03-02, ,north,/a,x,1", DropReason.NO_UNIT, "it names no unit"),
        ("2026-03-02,A1,north,/a,x,much", DropReason.BAD_NUMBER, "spent is no number"),
        ("2026-03-02,A1,north,/a,x,", DropReason.BAD_NUMBER, "spent is no number"),
    ],
)
def test_bad_rows_are_left_out_and_told_by_their_number(
    tmp_path: Path, line: str, reason: DropReason, problem: str
) -> None:
    good = "2026-03-02,A0,north,/a,x,1\n"
    summary, rows = run(write(tmp_path / "a.csv", HEAD + good + line + "\n" + good))
    assert len(rows) == 2
    assert summary.dropped == {reason: 1}
    (bad,) = summary.bad_rows
    assert (bad.row, bad.problem) == (2, problem)
    assert "A1" not in str(bad)


def test_only_the_first_ten_bad_rows_are_told(tmp_path: Path) -> None:
    summary, _ = run(write(tmp_path / "a.csv", HEAD + "2026-03-02,A0,north,/a,x,1\n" + "x,A,n,/a,x,1\n" * 30))
    assert summary.dropped == {DropReason.BAD_TIME: 30}
    assert len(summary.bad_rows) == 10


def test_what_could_name_a_person_does_not_stay(tmp_path: Path) -> None:
    lines = "2026-03-02,A0,elsewhere,/case/12345678/anna@mail.example,call +43 660 1234567,1\n"
    _, (row,) = run(write(tmp_path / "a.csv", HEAD + lines))
    assert row["district"] == ""
    assert "12345678" not in row["form"]
    assert "mail.example" not in row["form"]
    assert "660" not in row["topic"]


def test_days_that_are_closed_take_no_rows(tmp_path: Path) -> None:
    lines = "2026-03-02,A,north,/a,x,1\n2026-03-03,A,north,/a,x,1\n2026-03-04,A,north,/a,x,1\n"
    path = write(tmp_path / "a.csv", HEAD + lines)
    summary, rows = run(path, closed=(date(2026, 3, 3),))
    assert summary.dropped == {DropReason.DAY_CLOSED: 1}
    assert summary.days == summary.partial == [date(2026, 3, 2), date(2026, 3, 4)]
    assert len(rows) == 2
    with pytest.raises(Refused, match="all days of these rows of permits are closed"):
        run(path, closed=tuple(date(2026, 3, day) for day in (2, 3, 4)))


def test_a_unit_is_another_one_on_another_day_and_table(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", HEAD + "2026-03-02,A,north,/a,x,1\n" * 2 + "2026-03-03,A,north,/a,x,1\n")
    _, rows = run(path)
    first, again, later = (row["unit"] for row in rows)
    assert first == again != later


def test_each_row_is_a_unit_of_its_own_where_the_settings_say_so(tmp_path: Path) -> None:
    table = Table("permits", "at", "row", {"district": Column(values=("north",))}, {"all": TableMeasure("count")})
    _, rows = run(write(tmp_path / "a.csv", "at,district\n" + "2026-03-02,north\n" * 50), table=table)
    assert len({row["unit"] for row in rows}) == 50


def test_hours_follow_the_clock_of_the_zone_across_its_changes(tmp_path: Path) -> None:
    lines = ["2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z", "2025-10-26T00:30:00Z", "2025-10-26T01:30:00Z"]
    text = HEAD + "".join(f"{at},A,north,/a,x,1\n" for at in lines)
    _, rows = run(write(tmp_path / "a.csv", text))
    assert [(row["day"], row["hour"]) for row in rows] == [
        (date(2025, 10, 26), 2), (date(2025, 10, 26), 3), (date(2026, 3, 29), 1), (date(2026, 3, 29), 2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("a.csv", "when,case_no,district,form,topic,cost\n2026-03-02,A,north,/a,x,1\n", "it has no column 'at'"),
        ("a.csv", "2026-03-02,Anna,north,/a,x,1\n2026-03-02,B,north,/a,x,1\n", "it has no column 'at'"),
        ("a.csv", HEAD, "there is no row in it"),
        ("a.csv", HEAD + "2026-03-02,Anna,north\n", "another number of columns"),
        ("a.parquet", "no parquet", "another number|cannot be read|damaged"),
        ("a.csv.gz", "", "no column|cannot be read|there is no row"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_without_its_content(
    tmp_path: Path, name: str, text: str, problem: str
) -> None:
    with pytest.raises(InputError, match=problem) as caught:
        run(write(tmp_path / name, text))
    assert "Anna" not in str(caught.value)
    assert name in str(caught.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        run(tmp_path / "none.csv")


@pytest.mark.parametrize("file", ["a.csv", "a.parquet"])
def test_no_row_is_of_before_1970(tmp_path: Path, file: str) -> None:
    path = tmp_path / file
    values = ["1969-12-31 09:30", "1899-12-30 00:00", "2026-03-02 09:30"]
    if file == "a.csv":
        write(path, HEAD + "".join(f"{value},A,north,/a,x,1\n" for value in values))
    else:
        texts = {"case_no": "A", "district": "north", "form": "/a", "topic": "x", "cost": "1"}
        moments = pa.array([datetime.fromisoformat(value) for value in values], pa.timestamp("us"))
        pq.write_table(pa.table({"at": moments, **{name: [text] * 3 for name, text in texts.items()}}), path)
    summary, rows = run(path)
    assert summary.dropped == {DropReason.BAD_TIME: 2}
    assert [row["day"] for row in rows] == [date(2026, 3, 2)]


def test_days_without_a_row_between_others_are_days(tmp_path: Path) -> None:
    """Who alone came on a day would be told by the day's being there."""
    rows = "".join(f"{day} 09:30,A,north,/a,x,1\n" for day in ("2026-03-02", "2026-03-06", "2026-03-03"))
    sink, file, closed = Kept(), write(tmp_path / "a.csv", HEAD + rows), date(2026, 3, 5)
    summary = import_table([file], TABLE, ZONE, Secrets(), sink, lambda day: day == closed, LATEST)
    assert summary.days == [date(2026, 3, day) for day in (2, 3, 4, 6)]
    assert summary.partial == [date(2026, 3, 2), date(2026, 3, 6)]
    assert [(day.day, table.num_rows) for day, table in sink.tables] == [(2, 1), (3, 1), (6, 1), (4, 0)]
    assert len({table.schema for _, table in sink.tables}) == 1


def test_a_stray_date_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", HEAD + "2012-03-02,A,north,/a,x,1\n2026-03-02,A,north,/a,x,1\n")
    with pytest.raises(InputError, match="more than ten years apart"):
        run(file)
