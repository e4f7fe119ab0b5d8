"""Robust STL (statsmodels): the newest cell against trend and week, by the MAD of such differences before.

Fitted every 7 days on the 182 days before (robust LOESS takes 30 ms a fit), with a seasonal smoother of 13: the default
of 7 follows noise. The MAD is of the last 91 differences of a new cell from the fit before it: that of the fit's own
residuals is half as large, and everything would be past three of it.
"""

import numpy as np
from statsmodels.tsa.seasonal import STL  # type: ignore[import-not-found,unused-ignore]
from trends_job import LEAST, START, Floats, Ints, run

WEEK, WINDOW, SEASONAL, PAST, LEARN = 7, 182, 13, 91, 56


def scored(cells: Floats, _holidays: Ints, _first: str) -> Floats:
    """Signed z by day."""
    past = cells.copy()
    apart = np.full(len(cells), np.nan)
    scores = np.full(len(cells), np.nan)
    for start in range(START - LEARN, len(cells), WEEK):
        fitted = STL(past[max(0, start - WINDOW) : start], period=WEEK, seasonal=SEASONAL, robust=True).fit()
        before = apart[max(0, start - PAST) : start]
        spread = max(1.4826 * float(np.nanmedian(np.abs(before))), LEAST) if np.isfinite(before).any() else np.nan
        for day in range(start, min(start + WEEK, len(cells))):
            expected = fitted.trend[-1] + fitted.seasonal[day - start - WEEK]
            if np.isnan(cells[day]):
                past[day] = expected
            else:
                apart[day] = cells[day] - expected
                scores[day] = apart[day] / spread
    scores[:START] = np.nan
    return scores


if __name__ == "__main__":
    run("statsmodels", scored)
