"""Marts are published whole or not at all, hide what is hidden, and tell when they changed."""

from datetime import date
from multiprocessing import get_context
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from mart_samples import SITES, released, sample_marts

from hubbub.core.errors import StoreError
from hubbub.core.keys import Dimension, Measure
from hubbub.publish.marts import MANIFEST, Marts
from hubbub.publish.tables import KEYS_OF, mart_table
from hubbub.release.types import Gap, Released

SITE = "portal.example"
DAY = date(2026, 3, 5)
PAGES = (Dimension.PAGE,)


def visitors(day: date, value: int) -> Released:
    return released(SITE, day, Measure.VISITORS, value)


def content_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def times_of(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.rglob("*.*") if path.suffix in (".json", ".parquet")}


def test_the_same_releases_give_the_same_bytes_in_any_order(tmp_path: Path) -> None:
    cells = [visitors(date(2026, 3, day), 100 + day) for day in range(1, 20)]
    Marts(tmp_path / "one").write(SITE, DAY, cells)
    Marts(tmp_path / "two").write(SITE, DAY, reversed(cells))
    assert content_of(tmp_path / "one") == content_of(tmp_path / "two")


def test_publishing_again_touches_nothing(tmp_path: Path) -> None:
    marts = Marts(tmp_path)
    marts.write(SITE, DAY, [visitors(DAY, 5)])
    before = times_of(tmp_path)
    assert len(before) == 2
    marts.write(SITE, DAY, [visitors(DAY, 5)])
    assert times_of(tmp_path) == before


def test_version_changes_exactly_with_the_content(tmp_path: Path) -> None:
    marts = Marts(tmp_path)
    empty = marts.version(SITE)
    marts.write(SITE, DAY, [visitors(DAY, 5)])
    first, everything = marts.version(SITE), marts.version()
    marts.write("other.example", DAY, [released("other.example", DAY, Measure.VISITORS, 1)])
    assert marts.version(SITE) == first
    assert marts.version() != everything
    marts.write(SITE, DAY, [visitors(DAY, 6)])
    second = marts.version(SITE)
    marts.write(SITE, DAY, [visitors(DAY, 5)])
    assert len({empty, first, second}) == 3
    assert marts.version(SITE) == first
    assert Marts(tmp_path).version(SITE) == first


def test_hidden_cells_stay_out_of_the_file(tmp_path: Path) -> None:
    cells = {("/seen",): 200, ("/secret",): 300}
    one = released(
        SITE, DAY, Measure.NEW_PAGES, cells, dimensions=PAGES, new=["/seen"], hidden=["/secret"], threshold=90
    )
    marts = Marts(tmp_path)
    marts.write(SITE, DAY, [one])
    assert not any(b"secret" in content for content in content_of(tmp_path).values())
    (table,) = marts.tables(SITE)
    assert table.select(["key1", "value", "is_new", "threshold"]).to_pylist() == [
        {"key1": "/seen", "value": 200, "is_new": True, "threshold": 90}
    ]


def test_gaps_and_empty_releases_leave_a_row_without_a_value(tmp_path: Path) -> None:
    marts = Marts(tmp_path)
    lost = released(SITE, DAY, Measure.PAGEVIEWS, 0, gap=Gap.FORFEITED)
    nothing = released(SITE, DAY, Measure.NEW_PAGES, {}, dimensions=PAGES, threshold=90)
    marts.write(SITE, DAY, [lost, nothing])
    (table,) = marts.tables(SITE)
    assert [(row["measure"], row["gap"], row["value"]) for row in table.to_pylist()] == [
        ("new_pages", "", None),
        ("pageviews", "forfeited", None),
    ]


def test_a_month_holds_its_own_days_and_goes_when_empty(tmp_path: Path) -> None:
    marts = Marts(tmp_path)
    marts.write(SITE, DAY, [visitors(DAY, 5), visitors(date(2026, 4, 1), 9)])
    span = marts.span(SITE)
    assert span is not None
    assert (span.first, span.last, span.closed) == (DAY, DAY, DAY)
    marts.write(SITE, DAY, [])
    assert marts.span(SITE) is None
    assert not list(tmp_path.rglob("*.parquet"))


def test_closed_tells_whole_days_from_hours(tmp_path: Path) -> None:
    marts = Marts(tmp_path)
    today = date(2026, 3, 6)
    marts.write(SITE, DAY, [visitors(DAY, 5), released(SITE, today, Measure.VISITORS_HOUR, 3, slot=0)])
    span = marts.span(SITE)
    assert span is not None
    assert (span.closed, span.last) == (DAY, today)


def test_cells_of_another_source_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"other\.example"):
        Marts(tmp_path).write(SITE, DAY, [released("other.example", DAY, Measure.VISITORS, 1)])


@pytest.mark.parametrize("source", ["..", ".", "a/b", "ünï.example", "x" * 60, "../../etc"])
def test_any_source_name_is_one_folder_inside(tmp_path: Path, source: str) -> None:
    marts = Marts(tmp_path / "marts")
    marts.write(source, DAY, [released(source, DAY, Measure.VISITORS, 1)])
    assert marts.sources() == (source,)
    assert [path.parent for path in tmp_path.iterdir()] == [tmp_path]
    assert len(list((tmp_path / "marts").iterdir())) == 1


def test_left_overs_of_a_crash_are_not_read_and_go_with_the_next_publication(tmp_path: Path) -> None:
    marts = Marts(tmp_path)
    marts.write(SITE, DAY, [visitors(DAY, 5)])
    version = marts.version(SITE)
    folder = tmp_path / SITE
    (folder / "2026-03.0123456789abcdef.parquet").write_bytes(b"named, but never in the manifest")
    (folder / "2026-03.fedcba.parquet.new").write_bytes(b"half")
    (folder / f"{MANIFEST}.new").write_bytes(b"{")
    assert marts.version(SITE) == version
    assert [table.num_rows for table in marts.tables(SITE)] == [1]
    marts.write(SITE, DAY, [visitors(DAY, 6)])
    assert sorted(path.suffix for path in folder.iterdir() if path.name != ".lock") == [".json", ".parquet"]


def test_a_reader_never_sees_half_a_publication(tmp_path: Path) -> None:
    """Another process publishes 60 times while this one reads: every reading is one whole state."""
    marts = Marts(tmp_path)
    _publish_state(tmp_path, 0)
    writer = get_context("spawn").Process(target=_publish_states, args=(tmp_path, 60))
    writer.start()
    states = set()
    while writer.is_alive():
        found = marts.cells(SITE, ["page_visitors"], DAY, DAY)
        values = {int(value) for _, month in found for value in month.value.tolist()}
        assert len(values) == 1
        states |= values
    writer.join(30)
    assert writer.exitcode == 0
    assert len(states) > 1


def _publish_states(folder: Path, count: int) -> None:
    for state in range(1, count):
        _publish_state(folder, state)


def _publish_state(folder: Path, state: int) -> None:
    cells = {(f"/{number}",): state for number in range(50)}
    Marts(folder).write(SITE, DAY, [released(SITE, DAY, Measure.PAGE_VISITORS, cells, dimensions=PAGES)])


def test_each_measure_has_row_groups_of_its_own(tmp_path: Path) -> None:
    sample_marts(tmp_path, date(2026, 3, 31), days=31, sites=SITES[:1])
    (path,) = tmp_path.rglob("*.parquet")
    metadata = pq.read_metadata(path)
    seen = [metadata.row_group(group).column(3).statistics for group in range(metadata.num_row_groups)]
    assert all(one.min == one.max for one in seen)
    assert len({one.min for one in seen}) == len(Measure)


def test_every_measure_is_known_with_its_keys() -> None:
    assert set(KEYS_OF) == set(Measure)
    with pytest.raises(ValueError, match="visitors"):
        mart_table([released(SITE, DAY, Measure.VISITORS, {("/x",): 1}, dimensions=PAGES)])
