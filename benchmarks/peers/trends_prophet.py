"""Prophet with weekly season and the holidays: fitted every 28 days, each day of the next 28 against its interval."""

import logging

import numpy as np
import pandas as pd  # type: ignore[import-untyped,unused-ignore]
from trends_job import LEAST, REFIT, START, Floats, Ints, run

WINDOW, LEVEL, TO_EDGE = 365, 0.95, 1.959964

logging.disable(logging.WARNING)
from prophet import Prophet  # type: ignore[import-not-found,unused-ignore]  # noqa: E402 (it logs when imported)


def scored(cells: Floats, holidays: Ints, first: str) -> Floats:
    """Signed z by day."""
    dates = pd.date_range(first, periods=len(cells))
    known = pd.DataFrame({"holiday": "holiday", "ds": dates[holidays]})
    scores = np.full(len(cells), np.nan)
    for start in range(START, len(cells), REFIT):
        begin, end = max(0, start - WINDOW), min(start + REFIT, len(cells))
        model = Prophet(
            weekly_seasonality=True,
            yearly_seasonality=False,
            daily_seasonality=False,
            interval_width=LEVEL,
            uncertainty_samples=200,
            holidays=known,
        )
        model.fit(pd.DataFrame({"ds": dates[begin:start], "y": cells[begin:start]}), seed=1)
        said = model.predict(pd.DataFrame({"ds": dates[start:end]}))
        spread = np.maximum((said.yhat_upper - said.yhat_lower).to_numpy() / (2 * TO_EDGE), LEAST)
        scores[start:end] = (cells[start:end] - said.yhat.to_numpy()) / spread
    return scores


if __name__ == "__main__":
    run("prophet", scored, knows_holidays=True)
