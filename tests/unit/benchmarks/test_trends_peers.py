"""What is done for every peer of the trends benchmark: gaps, keys that come and go, public holidays."""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[3] / "benchmarks" / "peers"))

from trends_job import START, SURE, Floats, Ints, series_scored

FIRST = "2024-01-01"
NONE: Ints = np.zeros(0, np.int64)


def differences(cells: Floats, _holidays: Ints, _first: str) -> Floats:
    """A peer that expects the mean of its first days."""
    assert np.isfinite(cells[:START]).all()
    scores = np.full(len(cells), np.nan)
    scores[START:] = cells[START:] - cells[:START].mean()
    return scores


def test_a_missing_day_is_filled_while_it_learns_and_not_scored_later() -> None:
    cells = np.full(300, 10.0)
    cells[[0, 20, 200]] = np.nan
    cells[250] = 15.0
    found = series_scored(differences, cells, NONE, FIRST, knows_holidays=False)
    assert np.isnan(found[:START]).all()
    assert np.isnan(found[200])
    assert found[250] == 5.0


def test_a_key_that_comes_and_goes_is_raised_for_the_peer() -> None:
    cells = np.full(400, np.nan)
    cells[150:390] = 10.0
    found = series_scored(differences, cells, NONE, FIRST, knows_holidays=False)
    assert found[150] == SURE
    assert np.isnan(found[151 : 150 + START]).all()
    assert found[150 + START] == 0
    assert found[393] == -SURE
    assert np.isfinite(found).sum() == 2 + 390 - 150 - START


def test_a_key_that_came_late_is_not_scored_before_it_is_learned() -> None:
    cells = np.full(300, np.nan)
    cells[250:] = 10.0
    found = series_scored(differences, cells, NONE, FIRST, knows_holidays=False)
    assert np.flatnonzero(np.isfinite(found)).tolist() == [250]


def test_holidays_are_left_out_for_a_peer_that_does_not_know_them() -> None:
    cells = np.full(300, 10.0)
    cells[200] = 3.0
    days = np.array([200])
    assert np.isnan(series_scored(differences, cells, days, FIRST, knows_holidays=False)[200])
    assert series_scored(differences, cells, days, FIRST, knows_holidays=True)[200] == -7.0
