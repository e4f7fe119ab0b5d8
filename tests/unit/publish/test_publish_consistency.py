"""Two passes give what dense generalised least squares gives, on any forest."""

from math import inf

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from hubbub.core.keys import Measure
from hubbub.publish.catalogue import answering
from hubbub.publish.consistency import ROOT, Forest, adjust, nonnegative
from hubbub.publish.tied import APART, PARTITIONS, TIED_BY, TOTAL

Floats = npt.NDArray[np.float64]


class Sample(Struct, frozen=True):
    """A forest and its cells."""

    parents: list[int]
    partitions: list[int]
    values: list[float]
    variances: list[float]


@st.composite
def samples(draw: st.DrawFn) -> Sample:
    """Up to twelve nodes in any order, some without a cell, variances from 1 to 400."""
    count = draw(st.integers(1, 12))
    parents = [draw(st.integers(ROOT, node - 1)) for node in range(count)]
    order = draw(st.permutations(range(count)))
    place = {node: at for at, node in enumerate(order)}
    return Sample(
        [place[parents[node]] if parents[node] != ROOT else ROOT for node in order],
        draw(st.lists(st.integers(0, 2), min_size=count, max_size=count)),
        draw(st.lists(st.integers(-500, 500).map(float), min_size=count, max_size=count)),
        draw(st.lists(st.sampled_from([1.0, 9.0, 50.0, 400.0, inf]), min_size=count, max_size=count)),
    )


class Dense:
    """Generalised least squares by matrices: the true numbers are B θ with any θ, the cells are some of them."""

    def __init__(self, sample: Sample) -> None:
        count = len(sample.parents)
        sums: dict[tuple[int, int], Floats] = {}
        for child, (parent, mark) in enumerate(zip(sample.parents, sample.partitions, strict=True)):
            if parent != ROOT:
                row = sums.setdefault((parent, mark), np.zeros(count))
                row[parent], row[child] = -1, 1
        constraints = np.array(list(sums.values())).reshape(len(sums), count)
        _, sizes, right = np.linalg.svd(constraints) if len(sums) else (None, np.zeros(0), np.eye(count))
        self.basis: Floats = right[int((sizes > 1e-9).sum()) :].T
        variances = np.array(sample.variances)
        weights = np.diag(np.where(np.isfinite(variances), 1 / variances, 0.0))
        information = self.basis.T @ weights @ self.basis
        inverse = np.linalg.pinv(information, rcond=1e-10)
        self.values: Floats = self.basis @ inverse @ self.basis.T @ weights @ np.array(sample.values)
        self.covariance: Floats = self.basis @ inverse @ self.basis.T
        self._seen = inverse @ information

    def tells(self, weights: Floats) -> bool:
        """Whether the cells say anything of this sum of the nodes."""
        mine = weights @ self.basis
        return bool(np.linalg.norm(mine - mine @ self._seen) < 1e-7)


@settings(max_examples=200, deadline=None)
@given(samples())
def test_two_passes_are_generalised_least_squares(sample: Sample) -> None:
    best = adjust(Forest(sample.parents, sample.partitions), sample.values, sample.variances)
    dense = Dense(sample)
    for node, only in enumerate(np.eye(len(sample.parents))):
        if dense.tells(only):
            assert best.values[node] == pytest.approx(dense.values[node], abs=1e-5)
            assert best.variances[node] == pytest.approx(dense.covariance[node, node], rel=1e-6)
        else:
            assert np.isnan(best.values[node])
            assert best.variances[node] == inf


@settings(max_examples=200, deadline=None)
@given(samples(), st.data())
def test_the_variance_of_any_sum_is_known(sample: Sample, data: st.DataObject) -> None:
    count = len(sample.parents)
    weights = np.array(data.draw(st.lists(st.integers(-2, 2), min_size=count, max_size=count)), np.float64)
    found = adjust(Forest(sample.parents, sample.partitions), sample.values, sample.variances).variance_of(weights)
    dense = Dense(sample)
    if dense.tells(weights):
        assert found == pytest.approx(weights @ dense.covariance @ weights, rel=1e-6, abs=1e-5)
    else:
        assert found == inf


@settings(max_examples=100, deadline=None)
@given(samples())
def test_what_is_known_adds_up_and_no_cell_gets_wider(sample: Sample) -> None:
    best = adjust(Forest(sample.parents, sample.partitions), sample.values, sample.variances)
    sums: dict[tuple[int, int], float] = {}
    for child, (parent, mark) in enumerate(zip(sample.parents, sample.partitions, strict=True)):
        if parent != ROOT:
            sums[parent, mark] = sums.get((parent, mark), 0.0) + best.values[child]
    for (parent, _), total in sums.items():
        if np.isfinite(total):
            assert total == pytest.approx(best.values[parent], abs=1e-5)
    assert (best.variances <= np.array(sample.variances) * (1 + 1e-9)).all()


def test_a_total_and_its_parts_meet_by_their_variances() -> None:
    """A day of 100 ± 1 whose two halves say 60 and 50 ± 2 each: the sum of the halves weighs 1/8 against 1."""
    best = adjust(Forest([ROOT, 0, 0]), [100, 60, 50], [1, 4, 4])
    total = (100 / 1 + 110 / 8) / (1 + 1 / 8)
    assert best.values == pytest.approx([total, 60 + (total - 110) / 2, 50 + (total - 110) / 2])
    assert best.variances[0] == pytest.approx(8 / 9)
    assert best.variance_of([0, 1, 1]) == pytest.approx(8 / 9)


def test_a_cell_without_noise_is_kept() -> None:
    best = adjust(Forest([ROOT, 0, 0]), [100, 60, 50], [0, 4, 4])
    assert best.values == pytest.approx([100, 55, 45], abs=1e-6)


def test_the_only_missing_cell_is_what_is_left() -> None:
    best = adjust(Forest([ROOT, 0, 0, 0]), [100, 20, 30, 0], [1, 4, 9, inf])
    assert best.values == pytest.approx([100, 20, 30, 50])
    assert best.variances[3] == pytest.approx(1 + 4 + 9)


@pytest.mark.parametrize("parents", [[0], [1, 0], [1, 2, 0, ROOT], [5], [-2]])
def test_a_forest_has_no_cycles_and_no_strangers(parents: list[int]) -> None:
    with pytest.raises(ValueError, match=r"ancestor|places"):
        Forest(parents)


def test_a_chain_as_deep_as_it_likes() -> None:
    """Every node is the only child of the one before it, so all cells are of one number."""
    count = 2_000
    best = adjust(Forest(np.arange(count) - 1), np.arange(count), np.ones(count))
    assert best.values == pytest.approx(np.full(count, (count - 1) / 2))
    assert best.variances == pytest.approx(np.full(count, 1 / count))


cells = st.lists(st.tuples(st.integers(-300, 300).map(float), st.sampled_from([1.0, 25.0, 300.0])), max_size=8)


@settings(max_examples=200, deadline=None)
@given(cells, st.integers(-50, 1_000))
def test_the_nonnegative_split_is_the_nearest_one(found: list[tuple[float, float]], total: int) -> None:
    """It keeps the sum and meets the Karush–Kuhn–Tucker conditions of the projection."""
    values, variances = (np.array(column, np.float64) for column in (zip(*found, strict=True) if found else ([], [])))
    split = nonnegative(values, variances, total)
    assert (split >= 0).all()
    if not len(split):
        return
    assert split.sum() == pytest.approx(max(0, total), abs=1e-6)
    if total > 0:
        slopes = (split - values) / variances  # the same for all above zero, and at least that for those at zero
        above = split > 1e-9
        assert np.ptp(slopes[above]) == pytest.approx(0, abs=1e-6)
        assert (slopes[~above] >= slopes[above].min() - 1e-6).all()


def test_every_measure_is_tied_or_says_why_not() -> None:
    tied = {TOTAL, *(one.measure for one in PARTITIONS)}
    assert tied | set(APART) == set(Measure)
    assert not (tied - {Measure.VISITS}) & set(APART)
    assert all(APART.values())
    assert [answering("visitors", name).measures for name in TIED_BY] == [
        (one.measure,) for one in PARTITIONS if one.dimension
    ]
