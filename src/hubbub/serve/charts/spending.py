"""What a site's days cost over a year: columns, a day wide or more, and the height that the plan allows."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

import altair as alt

from hubbub.core.spending import DaySpent
from hubbub.serve.charts.axes import amounts, axis_params, places
from hubbub.serve.charts.course.view import Format
from hubbub.serve.charts.drawing import CELLS, Drawing, Signal
from hubbub.serve.texts import Texts

DAYS = 365
WIDE = Format("chart-wide", 1000, 120, 13, 12)
NARROW = Format("chart-narrow", 360, 120, 13, 4)
FORMATS = (WIDE, NARROW)
ROOM = 1.15  # of the axis above what the plan allows


@lru_cache(maxsize=len(FORMATS))
def spending_drawing(form: Format) -> Drawing:
    """The compiled chart of one size."""
    x, y = places(), amounts("rho:Q")
    base = alt.Chart(alt.NamedData(CELLS), width=form.width, height=form.height)
    columns = (
        base.transform_filter("datum.rho > 0")
        .mark_rect(color="var(--accent-soft)")
        .encode(x=x, x2="x2:Q", y=y, y2=alt.Y2Datum(0))
    )
    limit = (
        base.transform_filter("datum.allowed > 0")
        .mark_rule(stroke="var(--before)", strokeDash=[4, 3], strokeWidth=1.5)
        .encode(y=alt.Y("allowed:Q"))
    )
    return Drawing(alt.LayerChart(layer=[columns, limit]).add_params(*axis_params()), font_size=form.font_size)


def draw_spending(spent: Sequence[DaySpent], last: date, allowed: float, label: str, texts: Texts) -> tuple[str, ...]:
    """The year up to the day `last` in each size; `allowed` is ρ a day by the plan in force."""
    first = last - timedelta(DAYS - 1)
    highest = max([allowed, *(one.rho for one in spent)])
    cells: list[dict[str, object]] = [
        {"x": start, "x2": end, "rho": rho, "allowed": None} for start, end, rho in _runs(spent, first)
    ]
    cells.append({"x": None, "x2": None, "rho": None, "allowed": allowed})
    months = [day for day in (first + timedelta(place) for place in range(DAYS)) if day.day == 1]
    levels = [0.0, highest / 2, highest]
    charts = []
    for form in FORMATS:
        shown = months[:: max(1, -(-len(months) // form.x_labels))]
        signals: dict[str, Signal] = {
            "ticks": [(day - first).days for day in shown],
            "labels": {str((day - first).days): texts.short_month(day) for day in shown},
            "levels": levels,
            "level_labels": {f"{level:g}": f"{level:.3g}" for level in levels},
            "first": 0,
            "last": DAYS,
            "bottom": 0,
            "top": highest * ROOM,
        }
        charts.append(spending_drawing(form).draw(cells, signals, css=f"chart {form.css}", label=label))
    return tuple(charts)


def _runs(spent: Sequence[DaySpent], first: date) -> list[tuple[int, int, float]]:
    """(first day, day after the last, ρ) of neighbouring days that cost about the same: drawn in one piece, so that no
    seams show.
    """
    runs: list[tuple[int, int, float]] = []
    for one in sorted(spent, key=lambda each: each.day):
        place = (one.day - first).days
        if runs and runs[-1][1] == place and abs(runs[-1][2] - one.rho) < 0.001 * one.rho:
            runs[-1] = (runs[-1][0], place + 1, runs[-1][2])
        else:
            runs.append((place, place + 1, one.rho))
    return runs
