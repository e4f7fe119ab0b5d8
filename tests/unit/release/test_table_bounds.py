"""What declared tables' statements add for one unit: never more than its bound, whatever its cells are."""

import math

import duckdb
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hubbub.release.plan import PARTS, Bound
from hubbub.release.table_plan import BOUNDS
from hubbub.release.table_sql import LOAD_LIMIT, counts, loads

CELL = st.integers(-3 * PARTS, 3 * PARTS) | st.integers(-(10**9), 10**9) | st.sampled_from([0, 1, PARTS, 10**9])
UNIT = st.lists(CELL, min_size=1, max_size=60)


def bounded(units: list[list[int]], bound: int) -> list[list[int]]:
    """What each unit adds to its cells, as the statements of declared tables bound them; its day tells it apart."""
    with duckdb.connect() as engine:
        engine.execute("CREATE TABLE cells_some (d BIGINT, u BIGINT, key BIGINT, n BIGINT)")
        rows = [(unit, 7, key, n) for unit, cells in enumerate(units) for key, n in enumerate(cells)]
        engine.executemany("INSERT INTO cells_some VALUES (?, ?, ?, ?)", rows)
        engine.execute(loads("some"))
        found = {(day, key): n for day, key, n in engine.execute(counts("some", ["key"], bound)).fetchall()}
    return [[found[unit, key] for key in range(len(cells))] for unit, cells in enumerate(units)]


@settings(max_examples=40, deadline=None)
@given(st.lists(UNIT, min_size=1, max_size=4), st.sampled_from(BOUNDS))
@example([[PARTS] * 26, [2 * PARTS, PARTS, PARTS], [10**9] * 2, [10**6] * 60, [1]], 1)
@example([[PARTS] * 17, [PARTS + 1] + [0] * 5, [-PARTS, PARTS, PARTS - 1]], 16)
def test_no_vector_exceeds_the_bound(units: list[list[int]], bound: int) -> None:
    most = Bound.WEIGHTED.l2_squared(bound)
    for cells, found in zip(units, bounded(units, bound), strict=True):
        load = sum(n * n for n in cells)
        assert sum(n * n for n in found) <= most
        if load <= most:
            assert found == cells
        elif load > LOAD_LIMIT:
            assert not any(found)
        else:  # nothing is given away: within rounding of a ten-thousandth of the weight and one part of a cell
            shrunk = math.sqrt(most / load)
            assert all(
                abs(n * shrunk) * (1 - 1e-4 / shrunk) - 1 <= abs(kept) for n, kept in zip(cells, found, strict=True)
            )
            assert all(kept * n >= 0 for n, kept in zip(cells, found, strict=True))
