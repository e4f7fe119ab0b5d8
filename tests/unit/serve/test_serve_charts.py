"""Charts: ticks, gaps, colours by name, and the same bytes for the same numbers."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hubbub.publish.intervals import Estimate, Total, estimate
from hubbub.serve.charts.course.query import Course, Point
from hubbub.serve.charts.course.view import draw_course, nice_levels, spread_ticks
from hubbub.serve.charts.drawing import open_svg
from hubbub.serve.charts.sparkline import draw_sparkline
from hubbub.serve.texts import texts_in


def made(value: float) -> Estimate:
    return estimate(Total(value, 100.0))


def course_of(values: list[float | None]) -> Course:
    points = tuple(
        Point(f"day {place}", f"{place} May", None if value is None else made(value), made(50.0), "", reason)
        for place, value in enumerate(values)
        for reason in ("absent" if value is None else "",)
    )
    return Course("day", points, None, None, 0, None, (), trial=False)


@given(st.floats(0, 1e9))
def test_levels_are_round_few_and_reach_the_highest(highest: float) -> None:
    levels = nice_levels(highest)
    assert levels[0] == 0
    assert levels[-1] >= highest
    assert 2 <= len(levels) <= 6
    assert len({round(after - before, 3) for before, after in pairwise(levels)}) == 1


@given(st.integers(1, 3660), st.integers(4, 12))
def test_ticks_begin_at_the_first_point_and_fit(count: int, room: int) -> None:
    ticks = spread_ticks(count, room)
    assert ticks[0] == 0
    assert len(ticks) <= room + (count == 25)
    assert ticks[-1] < count


def test_a_chart_is_two_images_with_a_name_and_colours_by_name() -> None:
    course = course_of([100.0, 120.0, None, None, 90.0])
    wide, narrow = draw_course(course, 'Visitors & "more"', texts_in("en"))
    for svg, css in ((wide, "chart-wide"), (narrow, "chart-narrow")):
        assert svg.startswith('<svg xmlns="http://www.w3.org/2000/svg" class="chart ' + css)
        assert 'aria-label="Visitors &amp; &quot;more&quot;"' in svg
        assert svg.count("role=") == 1
        assert "style=" not in svg
        assert {"var(--accent)", "var(--band)", "var(--before)", "var(--rule)"} <= set(
            re.findall(r'"(var\([^"]+)"', svg)
        )
        assert re.findall(r"#[0-9a-f]{3,6}", svg.replace("url(#", "")) == []
        assert svg.count('fill="var(--missing)"') == 1  # two days, one column
        assert ">0 May<" in svg
        assert ">120<" not in svg


def test_a_second_estimate_is_a_line_and_a_band_of_its_own() -> None:
    course, texts = course_of([100.0, 120.0, None, 90.0, 95.0]), texts_in("en")
    points = tuple(
        replace(point, smoothed=None if point.now is None else estimate(Total(105.0, 25.0))) for point in course.points
    )
    smoothed = replace(course, points=points)
    assert smoothed.is_smoothed
    assert not course.is_smoothed
    paths = re.compile(r"<path [^>]*var\(--smooth\)[^>]*>")
    for with_it, without in zip(draw_course(smoothed, "x", texts), draw_course(course, "x", texts), strict=True):
        assert [len(re.findall(r'\bd="M', path)) for path in paths.findall(with_it)] == [1, 1]
        assert [len(re.findall(r'\bd="M', path)) for path in paths.findall(without)] in ([], [0, 0])


def test_a_band_that_reaches_highest_is_not_cut() -> None:
    course = course_of([100.0, 100.0])
    wider = replace(course, points=tuple(replace(one, smoothed=estimate(Total(390.0, 1.0))) for one in course.points))
    assert ">400<" in draw_course(wider, "x", texts_in("en"))[0]


def test_the_same_numbers_are_the_same_bytes() -> None:
    course, texts = course_of([100.0, 120.0, 90.0]), texts_in("en")
    assert draw_course(course, "x", texts) == draw_course(course, "x", texts)
    assert draw_course(course, "x", texts) != draw_course(course_of([100.0, 121.0, 90.0]), "x", texts)


def test_an_svg_without_a_frame_is_not_passed_on() -> None:
    with pytest.raises(ValueError, match="viewBox"):
        open_svg("<svg><g/></svg>", "chart", "x")


def test_a_sparkline_breaks_where_nothing_was_released() -> None:
    svg = draw_sparkline([made(100.0), made(90.0), None, made(80.0), made(95.0)], "Visitors of A & B")
    assert svg.count("<polyline") == 2
    assert 'aria-label="Visitors of A &amp; B"' in svg
    heights = [
        float(pair.split(",")[1]) for points in re.findall(r'"line" points="([^"]+)', svg) for pair in points.split()
    ]
    assert heights.index(min(heights)) == 0
    assert heights.index(max(heights)) == 2


def test_nothing_to_draw_is_no_sparkline() -> None:
    assert draw_sparkline([None, None], "x") == ""
