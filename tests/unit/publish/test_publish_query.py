"""A question that cannot be answered is refused with the field, what was found, and what is allowed."""

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from hubbub.core.errors import QueryError
from hubbub.publish.catalogue import ALIASES, DIMENSIONS, KEYED, METRICS, answering, dimension_of
from hubbub.publish.query import Filter, Order, Query, check

GOOD = Query(sites=("a",), metrics=("visitors",), first=date(2026, 3, 1), last=date(2026, 3, 7))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"sites": ()}, "sites"),
        ({"metrics": ()}, "metrics"),
        ({"metrics": ("visitors", "visitors")}, "metrics"),
        ({"metrics": ("people",)}, "metrics"),
        ({"metrics": ("visits",), "dimensions": ("page",)}, "metrics"),
        ({"metrics": ("events",)}, "metrics"),
        ({"dimensions": ("visitor",)}, "dimensions"),
        ({"dimensions": ("page", "country")}, "dimensions"),
        ({"dimensions": ("source", "referrer")}, "dimensions"),
        ({"dimensions": ("day", "week")}, "dimensions"),
        ({"dimensions": ("hour", "week")}, "dimensions"),
        ({"dimensions": ("hour", "page")}, "dimensions"),
        ({"dimensions": ("step",)}, "filters"),
        ({"dimensions": ("step",), "filters": (Filter("step", ("1",)),)}, "filters"),
        ({"dimensions": ("step",), "filters": (Filter("funnel", ("a", "b")),)}, "filters"),
        ({"dimensions": ("step",), "filters": (Filter("goal", ("a",)),)}, "filters"),
        ({"dimensions": ("step", "funnel"), "filters": (Filter("funnel", ("a",)),)}, "filters"),
        ({"filters": (Filter("funnel", ("a",)), Filter("step", ("1",)))}, "filters"),
        ({"metrics": ("amount",)}, "metrics"),
        ({"metrics": ("conversion_rate",)}, "metrics"),
        ({"dimensions": ("hour",), "filters": (Filter("page", ("/",)),)}, "dimensions"),
        ({"dimensions": ("page",), "filters": (Filter("country", ("AT",)),)}, "filters"),
        ({"filters": (Filter("day", ("2026-03-01",)),)}, "filters"),
        ({"filters": (Filter("country", ()),)}, "filters"),
        ({"filters": (Filter("page", ("/a", "/b")),)}, "filters"),
        ({"first": date(2026, 3, 8)}, "to"),
        ({"first": date(2000, 1, 1)}, "from"),
        ({"limit": 0}, "limit"),
        ({"limit": 10_001}, "limit"),
        ({"offset": -1}, "offset"),
        ({"order": (Order("pageviews"),)}, "order"),
    ],
)
def test_bad_questions_name_the_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(QueryError) as caught:
        check(replace(GOOD, **change))
    assert caught.value.field == field
    assert caught.value.allowed
    assert caught.value.found in str(caught.value)


def test_the_refusal_says_what_goes_together() -> None:
    with pytest.raises(QueryError, match=r"pageviews goes with: no dimension, hour, page"):
        check(replace(GOOD, metrics=("pageviews",), dimensions=("country",)))


def test_no_dimension_tells_people_apart() -> None:
    """The whole vocabulary of questions; a new word here is a decision about what may be asked."""
    assert set(DIMENSIONS) == {
        "site", "day", "hour", "week", "month", "page", "entry_page", "exit_page", "referrer", "channel", "campaign",
        "country", "device", "browser", "os", "language", "event", "visit", "duration", "views", "topic", "term",
        "returning", "engaged", "scroll", "goal", "funnel", "step", "amount_event",
    }  # fmt: skip
    assert set(METRICS) == {
        "visitors", "pageviews", "visits", "bounce_rate", "visit_duration", "views_per_visitor", "events",
        "engaged_time", "engaged_median", "scroll_depth", "scroll_median", "return_rate", "conversion_rate", "amount",
        "set_aside",
    }  # fmt: skip


def test_every_dimension_goes_with_a_metric() -> None:
    for dimension in KEYED:
        assert any(_goes(metric, dimension) for metric in METRICS), dimension
    for alias, name in ALIASES.items():
        assert dimension_of(alias) == name


def _goes(metric: str, dimension: str) -> bool:
    try:
        answering(metric, dimension)
    except QueryError:
        return False
    return True


def test_several_pages_may_be_asked_apart() -> None:
    reading = check(replace(GOOD, dimensions=("page", "day"), filters=(Filter("page", ("/a", "/b")),)))
    assert (reading.key, reading.times, reading.is_grouped) == ("page", ("day",), True)
    reading = check(replace(GOOD, filters=(Filter("page", ("/a",)),)))
    assert not reading.is_grouped
