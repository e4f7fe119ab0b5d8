"""How a target's number comes to be: released so far with its band, what is to come with a wider one, and the aim."""

from collections.abc import Sequence
from functools import lru_cache
from html import escape
from math import ceil, floor, log10

import altair as alt

from hubbub.insight.targets.results import Bounds, Point
from hubbub.serve.charts.axes import amounts, axis_params, places
from hubbub.serve.charts.course.view import FORMATS, Format, spread_ticks
from hubbub.serve.charts.drawing import CELLS, Drawing, Signal
from hubbub.serve.charts.sparkline import EDGE, HEIGHT, WIDTH
from hubbub.serve.texts import Texts

SETTLED = 6  # of a mean's course, the first part of so many may leave the picture: it is that of a few days


@lru_cache(maxsize=len(FORMATS))
def aims_drawing(form: Format) -> Drawing:
    """The compiled chart of one size."""
    x, y = places(), amounts()
    base = alt.Chart(alt.NamedData(CELLS), width=form.width, height=form.height).encode(x=x)
    band = base.mark_area(color="var(--band)", clip=True).encode(y=alt.Y("low:Q"), y2="high:Q")
    foretold = base.mark_area(color="var(--smooth)", opacity=0.2, clip=True).encode(
        y=alt.Y("ahead_low:Q"), y2="ahead_high:Q"
    )
    ahead = base.mark_line(stroke="var(--smooth)", strokeWidth=1.75, strokeDash=[5, 3], clip=True).encode(
        y=alt.Y("ahead:Q")
    )
    line = base.mark_line(stroke="var(--accent)", strokeWidth=2.25, strokeJoin="round", clip=True).encode(y=y)
    aim = (
        base.transform_filter("isValid(datum.aim)")
        .mark_rule(stroke="var(--ink)", strokeWidth=1.25, strokeDash=[2, 3])
        .encode(y=alt.Y("aim:Q"), x=alt.value(0), x2=alt.value("width"))
    )
    layers = alt.LayerChart(layer=[band, foretold, aim, ahead, line]).add_params(*axis_params())
    return Drawing(layers, font_size=form.font_size)


def draw_aims(
    course: Sequence[Point], bounds: Bounds | None, label: str, texts: Texts, *, from_zero: bool
) -> tuple[str, ...]:
    """The chart in each of its sizes; none where there is nothing to draw."""
    if not course:
        return ()
    first, last = course[0].day, course[-1].day
    aims = [one for one in (bounds.low, bounds.high) if one is not None] if bounds else []
    low, high = _reach(course, aims, from_zero=from_zero)
    levels, places = _levels(low, high)
    cells = _cells(course, aims)
    days = max(1, (last - first).days)
    charts = []
    for form in FORMATS:
        ticks = spread_ticks(days + 1, form.x_labels)
        signals: dict[str, Signal] = {
            "ticks": ticks,
            "labels": {str(tick): texts.short_day(first.fromordinal(first.toordinal() + tick)) for tick in ticks},
            "first": -0.02 * days,
            "last": 1.02 * days,
            "levels": levels,
            "level_labels": {f"{level:.15g}": texts.decimal(level, places) for level in levels},
            "bottom": min(low, levels[0]),
            "top": max(high, levels[-1]),
        }
        charts.append(aims_drawing(form).draw(cells, signals, css=f"chart {form.css}", label=label))
    return tuple(charts)


def _reach(course: Sequence[Point], aims: Sequence[float], *, from_zero: bool) -> tuple[float, float]:
    """The ends of the axis, the aim in view: a sum from zero up, a mean as far as it goes once it has settled."""
    settled = course if from_zero else course[len(course) // SETTLED :]
    values = [*(point.value for point in settled), *aims]
    low, high = min(values), max(values)
    last = course[-1]
    low, high = min(low, last.low), max(high, last.high)
    if from_zero:
        return min(0.0, low), max(high, 1.0)
    edge = max(0.15 * (high - low), 0.02 * abs(high), 1e-6)
    return low - edge, high + edge


def _levels(low: float, high: float) -> tuple[list[float], int]:
    """Round numbers between the ends, and how many places they need after the point."""
    step = (high - low) / 4
    magnitude = 10 ** floor(log10(step))
    step = next(factor * magnitude for factor in (1, 2, 2.5, 5, 10) if factor * magnitude >= step)
    places = max(0, ceil(-log10(step)) + (step / magnitude == 2.5))
    return [round(step * place, 9) for place in range(ceil(low / step), floor(high / step) + 1)], places


def _cells(course: Sequence[Point], aims: Sequence[float]) -> list[dict[str, object]]:
    first = course[0].day
    names = ("value", "low", "high", "ahead", "ahead_low", "ahead_high")
    found: list[dict[str, object]] = []
    for place, point in enumerate(course):
        here = (point.value, point.low, point.high)
        joins = not point.is_forecast and place + 1 < len(course) and course[place + 1].is_forecast
        now = (None,) * 3 if point.is_forecast else here
        ahead = here if point.is_forecast or joins else (None,) * 3
        found.append({"x": (point.day - first).days, "aim": None, **dict(zip(names, (*now, *ahead), strict=True))})
    empty = {"x": None, **dict.fromkeys(names)}
    return [*found, *({**empty, "aim": aim} for aim in aims)]


def draw_small_course(course: Sequence[Point], bounds: Bounds | None, label: str, *, from_zero: bool) -> str:
    """The same at a glance, as a few lines of SVG without axes."""
    aims = [one for one in (bounds.low, bounds.high) if one is not None] if bounds else []
    if not course:
        return ""
    bottom, top = _reach(course, aims, from_zero=from_zero)
    first = course[0].day
    days = max(1, (course[-1].day - first).days)

    def height(value: float) -> float:
        return HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * min(1.0, max(0.0, (value - bottom) / (top - bottom)))

    def at(point: Point, value: float) -> str:
        return f"{EDGE + (WIDTH - 2 * EDGE) * (point.day - first).days / days:.1f},{height(value):.1f}"

    seen = [point for point in course if not point.is_forecast]
    ahead = [*seen[-1:], *(point for point in course if point.is_forecast)]
    parts = []
    for points, ending in ((seen, ""), (ahead, " ahead")):
        if len(points) > 1:
            upper = " ".join(at(point, point.high) for point in points)
            lower = " ".join(at(point, point.low) for point in reversed(points))
            line = " ".join(at(point, point.value) for point in points)
            parts.append(f'<polygon class="band{ending}" points="{upper} {lower}"/>')
            parts.append(f'<polyline class="line{ending}" points="{line}"/>')
    parts += [f'<path class="aim" d="M{EDGE} {height(aim):.1f}H{WIDTH - EDGE}"/>' for aim in aims]
    if seen:
        x, y = at(seen[-1], seen[-1].value).split(",")
        parts.append(f'<circle class="dot" cx="{x}" cy="{y}" r="2.5"/>')
    return (
        f'<svg class="sparkline" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" role="img" aria-label="{escape(label)}">'
        f"{''.join(parts)}</svg>"
    )
