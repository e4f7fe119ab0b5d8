"""How the course of a number is drawn: a line, its band, the period before behind it, gaps as grey columns.

Where days are surer in the light of others, that estimate is a quieter line with a band of its own.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import ceil, floor, log10

import altair as alt
from msgspec import Struct

from hubbub.serve.charts.axes import amounts, axis_params, places
from hubbub.serve.charts.course.query import Course, Point
from hubbub.serve.charts.drawing import CELLS, Drawing, Signal
from hubbub.serve.texts import Texts


class Format(Struct, frozen=True):
    """One size of the chart: pixels of its drawing area, its text, and how many labels have room."""

    css: str
    width: int
    height: int
    font_size: int
    x_labels: int


class Marks(Struct, frozen=True):
    """What is marked on the axis, by place.

    moments  where something began or ended
    notes    numbers of notes, as they stand over the place
    """

    moments: tuple[int, ...] = ()
    notes: Mapping[int, str] = {}


WIDE = Format("chart-wide", 1000, 260, 13, 7)
NARROW = Format("chart-narrow", 360, 220, 13, 4)
MAIL = Format("chart-mail", 560, 200, 13, 7)
FORMATS = (WIDE, NARROW)
NO_MARKS = Marks()
NOT_YET = ("unfinished", "open")


@lru_cache(maxsize=len(FORMATS) + 1)
def drawing(form: Format) -> Drawing:
    """The compiled chart of one size."""
    x, y = places(), amounts()
    base = alt.Chart(alt.NamedData(CELLS), width=form.width, height=form.height).encode(x=x)
    gaps = (
        base.transform_filter("datum.gap > 0")
        .transform_calculate(left="datum.x - .5", right="datum.x - .5 + datum.gap")
        .mark_rect(color="var(--missing)")
        .encode(x=alt.X("left:Q"), x2="right:Q")
    )
    band = base.mark_area(color="var(--band)", clip=True).encode(y=alt.Y("low:Q"), y2="high:Q")
    before = base.mark_line(
        stroke="var(--before)", strokeWidth=1.5, strokeDash=[4, 3], strokeJoin="round", clip=True
    ).encode(y=alt.Y("before:Q"))
    smooth_band = base.mark_area(color="var(--smooth)", opacity=0.2, clip=True).encode(
        y=alt.Y("smooth_low:Q"), y2="smooth_high:Q"
    )
    smooth = base.mark_line(stroke="var(--smooth)", strokeWidth=1.25, strokeJoin="round", clip=True).encode(
        y=alt.Y("smooth:Q")
    )
    line = base.mark_line(stroke="var(--accent)", strokeWidth=2.25, strokeJoin="round").encode(y=y)
    points = (
        base.transform_filter("datum.dot")
        .mark_circle(color="var(--accent)", opacity=1, size=34)
        .encode(y=alt.Y("value:Q"))
    )
    moments = base.transform_filter("datum.moment").mark_rule(color="var(--ink)", strokeWidth=1.25)
    noted = base.transform_filter("datum.note").mark_rule(color="var(--grey)", strokeDash=[1, 3])
    numbers = (
        base.transform_filter("datum.note")
        .mark_text(color="var(--ink)", fontSize=form.font_size, fontWeight="bold", dy=-8)
        .encode(text="note:N", y=alt.value(0))
    )
    marked = [moments, noted, numbers]
    layers = alt.LayerChart(layer=[gaps, band, smooth_band, before, smooth, *marked, line, points]).add_params(
        *axis_params()
    )
    return Drawing(layers, font_size=form.font_size)


def draw_course(
    course: Course, label: str, texts: Texts, formats: Sequence[Format] = FORMATS, marks: Marks = NO_MARKS
) -> tuple[str, ...]:
    """The chart in each of its sizes; the page shows the one that fits."""
    levels = nice_levels(max((_highest(point) for point in course.points), default=1.0))
    lowest = min((point.now.low95 for point in course.points if point.now), default=0.0)
    cells = [_cell(place, point, course.points, marks) for place, point in enumerate(course.points)]
    charts = []
    for form in formats:
        ticks = spread_ticks(len(course.points), form.x_labels)
        signals: dict[str, Signal] = {
            "ticks": ticks,
            "labels": {str(tick): course.points[tick].axis_label for tick in ticks},
            "first": -0.5,
            "last": len(course.points) - 0.5,
            "levels": levels,
            "level_labels": {f"{level:g}": texts.count(level) for level in levels},
            "bottom": min(0.0, max(lowest, -levels[-1] / 4)),
            "top": levels[-1],
        }
        charts.append(drawing(form).draw(cells, signals, css=f"chart {form.css}", label=label))
    return tuple(charts)


def nice_levels(highest: float) -> list[float]:
    """Three to five round numbers from zero up to at least the highest value."""
    highest = max(highest, 1.0)
    step = highest / 4
    magnitude = 10 ** floor(log10(step))
    step = next(factor * magnitude for factor in (1, 2, 2.5, 5, 10) if factor * magnitude >= step)
    step = max(1.0, step)
    return [step * level for level in range(ceil(highest / step) + 1)]


def spread_ticks(count: int, room: int) -> list[int]:
    """Places of at most `room` labels, evenly spread from the first point on; by whole weeks when there are some."""
    if count <= room:
        return list(range(count))
    step = ceil(count / room)
    if count > 14:
        step = ceil(step / 7) * 7 if count <= 100 else step
    if count in (23, 24, 25):
        step = 4 if room > 5 else 6
    return list(range(0, count, step))


def _is_gap(point: Point) -> bool:
    return point.now is None and point.reason not in NOT_YET


def _gap_from(place: int, points: Sequence[Point]) -> int:
    """How many places a gap that begins here covers: drawn in one piece, so that no seams show. 0: none begins."""
    if not _is_gap(points[place]) or (place and _is_gap(points[place - 1])):
        return 0
    return next((end for end in range(place, len(points)) if not _is_gap(points[end])), len(points)) - place


def _highest(point: Point) -> float:
    ends = [one.high95 for one in (point.now, point.smoothed) if one]
    return max([0.0, *ends, point.before.value if point.before else 0.0])


def _cell(place: int, point: Point, points: Sequence[Point], marks: Marks) -> dict[str, object]:
    """A row of the chart's data; a point that stands alone needs a dot to be seen at all."""
    neighbours = (*points[max(0, place - 1) : place], *points[place + 1 : place + 2])
    alone = not any(neighbour.now for neighbour in neighbours)
    now, smooth = point.now, point.smoothed
    return {
        "x": place,
        "value": now.value if now else None,
        "low": now.low95 if now else None,
        "high": now.high95 if now else None,
        "smooth": smooth.value if smooth else None,
        "smooth_low": smooth.low95 if smooth else None,
        "smooth_high": smooth.high95 if smooth else None,
        "before": point.before.value if point.before else None,
        "gap": _gap_from(place, points),
        "dot": now is not None and (alone or len(points) <= 31),
        "moment": place in marks.moments,
        "note": marks.notes.get(place, ""),
    }
