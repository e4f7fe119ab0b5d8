"""NAB's scoring on a series small enough to be scored by hand."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "benchmarks"))

from trends_nab import PROFILES, Floats, Profile, Series, normalised, null, sigmoid, windowed_gaussian, worth

STANDARD, LOW_FP, LOW_FN = PROFILES
ROWS = 200
STAMPS = np.datetime64("2024-01-01T00:00:00") + np.arange(ROWS) * np.timedelta64(300, "s")
ONE = Series("one", STAMPS, np.zeros(ROWS), ((100, 119),))


def marked(*rows: int) -> Floats:
    scores = np.zeros(ROWS)
    scores[list(rows)] = 1.0
    return scores


def test_the_sigmoid_is_that_of_the_description() -> None:
    assert sigmoid([-1.0, -0.5, 0.0, 1.0]) == pytest.approx([0.98661, 0.84828, 0.0, -0.98661], abs=1e-5)


@pytest.mark.parametrize("profile", PROFILES)
def test_nothing_is_0_and_the_first_row_of_each_window_is_100(profile: Profile) -> None:
    assert normalised([(ONE, null(ONE))], profile)[0] == 0
    assert normalised([(ONE, marked(100))], profile)[0] == pytest.approx(100)


def test_late_detections_and_those_after_the_first() -> None:
    late = float(sigmoid(-0.5)) / 0.98661  # row 110: half of the twenty rows are left
    assert normalised([(ONE, marked(110))], STANDARD)[0] == pytest.approx(100 * (late + 1) / 2, abs=1e-3)
    assert normalised([(ONE, marked(110, 112, 119))], STANDARD)[0] == pytest.approx(100 * (late + 1) / 2, abs=1e-3)
    assert normalised([(ONE, marked(110))], LOW_FN)[0] == pytest.approx(100 * (late + 2) / 3, abs=1e-3)


def test_false_alarms_before_just_after_and_long_after_a_window() -> None:
    assert normalised([(ONE, marked(50, 100))], STANDARD)[0] == pytest.approx(100 * (2 - 0.11) / 2)
    assert normalised([(ONE, marked(50, 100))], LOW_FP)[0] == pytest.approx(100 * (2 - 0.22) / 2)
    near = 0.11 * float(sigmoid(1 / 19))
    assert normalised([(ONE, marked(100, 120))], STANDARD)[0] == pytest.approx(100 * (2 + near) / 2)
    assert worth(ONE, STANDARD)[0][180] == pytest.approx(-0.11)


def test_rows_of_the_probation_are_not_scored() -> None:
    assert ONE.probation == 30
    assert normalised([(ONE, marked(29, 100))], STANDARD)[0] == pytest.approx(100)


def test_the_threshold_is_the_best_for_all_series_together() -> None:
    other = Series("other", STAMPS, np.zeros(ROWS), ((60, 79), (140, 159)))
    first, second = marked(100), np.zeros(ROWS)
    second[[60, 40]] = 0.5
    found, threshold = normalised([(ONE, first), (other, second)], STANDARD)
    assert threshold == 0.5
    assert found == pytest.approx(100 * (2 - 1 - 0.11 + 3) / 6)


def test_the_windowed_gaussian_sees_the_past_only() -> None:
    values = np.random.default_rng(1).normal(10, 1, ROWS)
    series = Series("noise", STAMPS, values, ())
    longer = Series("noise", STAMPS[:150], values[:150], ())
    assert np.array_equal(windowed_gaussian(series)[:150], windowed_gaussian(longer))
    values[120] = 20
    assert np.argmax(windowed_gaussian(Series("noise", STAMPS, values, ()))[20:]) == 100
