"""Parts together have all rows, and all rows of a unit in one of them, as they were read."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.store.memory import memory_limit
from hubbub.store.parts import ORDERED, Parts, part_of

DAY = date(2026, 5, 4)
MUCH, LITTLE = 1 << 30, 200  # bytes: all parts wait at once; two of seven do

Row = tuple[int, int, str, str]  # unit, day, two texts

blocks_of_rows = st.lists(
    st.lists(
        st.tuples(
            st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3),
            st.integers(0, 1),
            st.sampled_from(["", "/a", "/b", "/ü", "/z"]),
            st.text(max_size=3),
        ),
        max_size=12,
    ),
    min_size=1,
    max_size=5,
)


def block(rows: Sequence[Row], first: int) -> pa.Table:
    """Rows of a block, numbered; one column of texts with a dictionary of its own, one without any."""
    return pa.table(
        {
            "unit": pa.array([row[0] for row in rows], pa.int64()),
            "day": pa.array([DAY + timedelta(row[1]) for row in rows], pa.date32()),
            "number": pa.array(range(first, first + len(rows)), pa.int32()),
            "page": pa.array([row[2] for row in rows], pa.string()).dictionary_encode(),
            "name": pa.array([row[3] for row in rows], pa.string()),
        }
    )


class Reading:
    """Begins the rows as often as it is asked, and knows how often that was."""

    def __init__(self, blocks: Sequence[Sequence[Row]]) -> None:
        self.tables = []
        self.times = 0
        first = 0
        for rows in blocks:
            self.tables.append(block(rows, first))
            first += len(rows)

    def __call__(self) -> Iterator[pa.Table]:
        self.times += 1
        return iter(self.tables)


def rows_of(tables: Sequence[pa.Table]) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for table in tables for row in table.to_pylist()]


@settings(deadline=None)
@given(blocks=blocks_of_rows, count=st.sampled_from([1, 2, 7]), memory=st.sampled_from([MUCH, LITTLE]))
def test_every_row_is_in_the_part_of_its_unit_in_the_order_read(
    blocks: list[list[Row]], count: int, memory: int
) -> None:
    reading = Reading(blocks)
    parts = Parts(reading, count, memory, part_rows=1)
    found = list(parts)
    assert len(found) == len(parts) == count
    assert Counter(rows_of(found)) == Counter(rows_of(reading.tables))
    homes: dict[int, set[int]] = {}
    for place, part in enumerate(found):
        assert part["number"].to_pylist() == sorted(part["number"].to_pylist())
        for unit in part["unit"].to_pylist():
            homes.setdefault(unit, set()).add(place)
        for name in ("page", "name"):
            texts = part[name].chunk(0).dictionary.to_pylist()
            assert part.schema.field(name).type == ORDERED
            assert texts == sorted(set(texts))
            assert texts == found[0][name].chunk(0).dictionary.to_pylist()
    assert all(len(places) == 1 for places in homes.values())
    assert [rows_of([part]) for part in parts] == [rows_of([part]) for part in found]


def test_rows_are_read_again_only_when_they_cannot_all_wait() -> None:
    once, often = Reading([[(unit, 0, "", "") for unit in range(50)]]), Reading([[(1, 0, "", "")]])
    assert len(list(Parts(once, 7, MUCH, part_rows=1))) == 7
    assert once.times == 1
    assert len(list(Parts(often, 7, LITTLE, part_rows=1))) == 7
    assert often.times == 4


def test_what_memory_holds_says_how_many_parts_there_are() -> None:
    assert len(Parts(Reading([]), 3_000_000, 12 << 30)) == 1
    assert len(Parts(Reading([]), 100_000_000, 12 << 30)) == 34
    assert len(Parts(Reading([]), 100_000_000, 1 << 30)) == 94
    assert len(Parts(Reading([]), 0, 12 << 30)) == 1


def test_keyed_hashes_and_running_numbers_fall_into_parts_of_about_one_size() -> None:
    """300,000 units in 7 parts: a part's share has a standard deviation of 192; six of them are 1.2 %."""
    keyed = np.random.default_rng(1).integers(-(2**63), 2**63 - 1, 300_000)
    for units in (keyed, np.arange(300_000), np.arange(300_000) * 1024):
        sizes = np.bincount(part_of(units, 7), minlength=7)
        assert len(sizes) == 7
        assert abs(sizes / 300_000 * 7 - 1).max() < 0.03


@pytest.mark.parametrize(("said", "is_less"), [("max", False), ("1073741824\n", True), (None, False)])
def test_half_of_what_the_machine_or_its_group_has(tmp_path: Path, said: str | None, is_less: bool) -> None:
    group = tmp_path / "memory.max"
    if said is not None:
        group.write_text(said)
    assert (memory_limit(group) == 1 << 29) is is_less
    assert memory_limit(group) <= memory_limit(tmp_path / "none")
