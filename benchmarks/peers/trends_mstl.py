"""statsforecast's MSTL: one-step prediction intervals, fitted every 28 days, run on day by day."""

from statsforecast.models import MSTL  # type: ignore[import-not-found,unused-ignore]
from trends_forecast import forecast_scores
from trends_job import Floats, Ints, run


def scored(cells: Floats, _holidays: Ints, _first: str) -> Floats:
    """Signed z by day."""
    return forecast_scores(cells, lambda: MSTL(season_length=7))


if __name__ == "__main__":
    run("statsforecast", scored)
