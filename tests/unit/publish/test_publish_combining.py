"""Estimates of combinations: least squares as a solver has it, and intervals that hold."""

from itertools import combinations, product

import numpy as np
import pytest

from hubbub.core.combinations import Tables, key_of, tables_in
from hubbub.publish.combining import estimated

LISTS = (("channel", ("a", "b", "c")), ("device", ("p", "q")), ("browser", ("x", "y", "z", "w")), ("os", ("m", "n")))
SIZES = [len(values) for _, values in LISTS]
NAMES = [name for name, _ in LISTS]


def design(tables: Tables) -> np.ndarray:
    """Which cells of the tables each combination of all attributes stands in, float[cells, combinations]."""
    keys = {key: place for place, key in enumerate(tables.keys())}
    full = list(product(*(values for _, values in tables.lists)))
    matrix = np.zeros((len(keys), len(full)))
    for place, combination in enumerate(full):
        its = dict(zip(NAMES, combination, strict=True))
        for names in tables.names:
            matrix[keys[key_of(names, [its[name] for name in names])], place] = 1
    return matrix


@pytest.mark.parametrize("depth", [2, 3, 4])
def test_estimates_are_those_of_least_squares(depth: int) -> None:
    tables = Tables(LISTS, depth)
    matrix = design(tables)
    rng = np.random.default_rng(depth)
    cells = matrix @ rng.poisson(20, matrix.shape[1]) + rng.normal(0, 5, len(matrix))
    inverse = np.linalg.pinv(matrix)
    full = list(product(*(range(size) for size in SIZES)))
    for width in range(1, depth + 1):
        for wanted in combinations(range(4), width):
            sums = {NAMES[i]: rng.integers(0, 2, (2, SIZES[i])).astype(float) for i in wanted}
            found = estimated(tables, cells[None, :], 25.0, sums)
            for which in product(range(2), repeat=width):
                rows = dict(zip(wanted, which, strict=True))
                asked = np.array([np.prod([sums[NAMES[i]][rows[i], each[i]] for i in wanted]) for each in full])
                assert found.values[(0, *which)] == pytest.approx(asked @ inverse @ cells)
                assert found.variance[which] == pytest.approx(25 * np.sum((asked @ inverse) ** 2))


def test_answers_have_the_axes_as_they_are_asked() -> None:
    tables = Tables(LISTS, 2)
    cells = np.arange(tables.cells, dtype=float)[None, :]
    one = estimated(tables, cells, 1.0, {"device": np.eye(2), "browser": np.eye(4)})
    other = estimated(tables, cells, 1.0, {"browser": np.eye(4), "device": np.eye(2)})
    assert one.values.shape == (1, 2, 4)
    assert np.allclose(one.values[0], other.values[0].T)
    assert np.allclose(one.variance, other.variance.T)


def test_intervals_hold_whatever_the_visitors_do() -> None:
    """95 % of 95 % intervals, of random combinations, where attributes depend on each other as much as they can."""
    tables = Tables(LISTS, 3)
    matrix = design(tables)
    rng = np.random.default_rng(7)
    held = asked = 0
    for _ in range(40):
        true = np.where(rng.random(matrix.shape[1]) < 0.1, rng.poisson(300, matrix.shape[1]), 0).astype(float)
        cells = (matrix @ true)[None, :] + rng.normal(0, 12, (25, len(matrix)))
        wanted = rng.choice(4, 3, replace=False)
        sums = {NAMES[i]: np.eye(SIZES[i]) for i in wanted}
        found = estimated(tables, cells, 144.0, sums)
        rest = next(i for i in range(4) if i not in wanted)
        order = [sorted(wanted).index(i) for i in wanted]
        truth = np.transpose(true.reshape(SIZES).sum(axis=rest), order)
        held += int((np.abs(found.values - truth) < 1.96 * np.sqrt(found.variance)).sum())
        asked += found.values.size
    assert abs(held / asked - 0.95) < 0.01


def test_tables_are_read_from_their_keys() -> None:
    for depth in (2, 3, 4):
        tables = Tables(LISTS, depth)
        assert tables_in(tables.keys()) == tables
        assert len(tables.keys()) == tables.cells
        assert len(tables.names) == tables.count
