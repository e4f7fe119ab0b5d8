"""The real series of the trends benchmark as they are read, and what is put beside findings in them."""

import sys
from datetime import date
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "benchmarks"))

import trends_melbourne
import trends_nab
from trends_melbourne import Found, explained, happened, table


def test_what_happened_around_a_finding() -> None:
    assert "White Night" in happened(date(2013, 2, 23), date(2013, 2, 23))
    assert "Good Friday" in happened(date(2012, 4, 6), None)
    assert happened(date(2012, 5, 16), date(2012, 5, 16)) == ""


def test_the_table_says_what_lasts_and_what_is_unexplained() -> None:
    found = [
        Found(date(2013, 2, 23), date(2013, 2, 23), "+80 %", "Town Hall"),
        Found(date(2012, 5, 16), None, "−20 %", "Webb Bridge"),
    ]
    lines = table(found).splitlines()
    assert lines[2] == "| Sat 2013-02-23 | 2013-02-23 | +80 % | Town Hall | White Night |"
    assert lines[3] == "| Wed 2012-05-16 | lasts | −20 % | Webb Bridge |  |"
    assert explained(found) == 0.5


@pytest.mark.real_data
def test_melbournes_counters() -> None:
    folder = trends_nab.DATA / "footfall"
    assert folder.exists(), f"{folder} is missing: put the shared data there or name its folder in HUBBUB_REAL_DATA"
    counters = trends_melbourne.load(folder)
    assert counters.daily.shape == (len(counters.names), 1096)
    assert counters.hourly.shape == (len(counters.names), 1096 * 24)
    place = counters.names.index("Birrarung Marr")
    day = (date(2012, 12, 31) - trends_melbourne.FIRST).days
    assert counters.daily[place, day] == counters.hourly[place, day * 24 : day * 24 + 24].sum()
    assert counters.daily[place, day] > 3 * np.nanmedian(counters.daily[place])


@pytest.mark.real_data
def test_nabs_series_and_its_own_simple_detector() -> None:
    folder = trends_nab.DATA / "nab"
    assert folder.exists(), f"{folder} is missing: put the shared data there or name its folder in HUBBUB_REAL_DATA"
    corpus = trends_nab.load(folder)
    assert all(first >= series.probation and last - first > 20 for series in corpus for first, last in series.windows)
    assert trends_nab.scores_of(trends_nab.null, corpus)["standard"] == 0
    assert 35 < trends_nab.scores_of(trends_nab.windowed_gaussian, corpus)["standard"] < 55
