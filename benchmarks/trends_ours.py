"""hubbub's own trend finder in the benchmark: the one place in which it is called.

*Days.* `hubbub.insight.trends.scanning.scan` as a home runs it after each close; what it finds, on the day on which it
found it. The score is −log10 of its p-value.

*Rows (NAB).* These series are no released counts: their noise is not known, a row is five minutes, and nothing says
what a level is. So only the filter bank is used, on values scaled by the median and the MAD of the rows that are not
scored, with spreads for so short a step. A row's score is how unlikely it was; as in alerts, what goes on is told once:
a row counts only when it is further out than the `HOLD` rows before it.
"""

from collections.abc import Collection
from datetime import date, timedelta

import numpy as np
from scipy.special import log_ndtr
from trends_nab import Series
from trends_scoring import Detection
from trends_world import Floats

from hubbub.insight.trends import scanning
from hubbub.insight.trends.lanes import Bank

ROW_GRID = tuple((step, spread) for step in (0.0, 0.0005) for spread in (0.03, 0.1, 0.3, 1.0))
LEVEL, WIDTH, FARTHEST = 1_000.0, 100.0, 1e5  # what the median and the MAD of a series become
HOLD = 400


def scan(values: Floats, variances: Floats, first: date, holidays: Collection[int]) -> list[Detection]:
    """What is raised, each on its day from cells up to that day: float[n, d] each, holidays as numbers of days."""
    days = {first + timedelta(days=day) for day in holidays}
    return [
        Detection(one.series, one.found, one.since, 1 if one.rises else -1, float(-np.log10(max(one.p_value, 1e-300))))
        for one in scanning.scan(values, variances, first, holidays=days)
    ]


def row_scores(series: Series) -> Floats:
    """NAB: from 0 to 1 a row, from rows up to it."""
    values, count = series.values, len(series.values)
    known = values[: max(series.probation, 50)]
    middle = float(np.median(known))
    width = 1.4826 * float(np.median(np.abs(known - middle))) or float(known.std()) or 1.0
    scaled = np.clip(LEVEL + WIDTH * (values - middle) / width, -FARTHEST, FARTHEST)
    bank, one, none = Bank(1, ROW_GRID), np.ones(1), np.zeros(1)
    scores = np.zeros(count)
    for row in range(count):
        cell = scaled[row : row + 1]
        today = bank.expect(cell, one, one, none, none)
        if bank.begun[0]:
            z = float((cell - today.mean)[0] / np.sqrt(today.total[0]))
            scores[row] = -log_ndtr(-abs(z)) / np.log(10)
        bank.take(today, bank.begun)
        bank.begin(today, cell, one)
    told = scores.copy()
    for row in range(count):
        if scores[max(0, row - HOLD) : row].max(initial=0.0) >= scores[row]:
            told[row] = 0.0
    return told / (1 + told)
