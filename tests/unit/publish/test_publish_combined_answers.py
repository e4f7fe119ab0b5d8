"""Questions about combinations, from marts: what is asked together, what is added, what is refused."""

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import product
from pathlib import Path

import pytest
from mart_samples import released

from hubbub.core.combinations import Tables, key_of
from hubbub.core.errors import QueryError
from hubbub.core.keys import Dimension, Measure
from hubbub.publish.answers import answer
from hubbub.publish.intervals import Estimate
from hubbub.publish.marts import Marts
from hubbub.publish.query import Answer, Calendar, Filter, Order, Query
from hubbub.release.types import Gap, Released

SITE = "portal.example"
FIRST = date(2026, 3, 30)
CALENDAR = Calendar(1_780_000_000_000, {})
LISTS = (("channel", ("Direct", "Email")), ("country", ("AT", "rest")), ("device", ("Mobile", "Tablet", "Other")))
TABLES = Tables(LISTS, 2)
NAMES = [name for name, _ in LISTS]


def people(scale: int) -> dict[tuple[str, ...], int]:
    """How many visitors have each combination of all attributes."""
    every = list(product(*(values for _, values in LISTS)))
    return {each: scale * (place + 1) for place, each in enumerate(every)}


def tables_of(visitors: Mapping[tuple[str, ...], int], tables: Tables = TABLES) -> dict[tuple[str, str], int]:
    cells = dict.fromkeys(tables.keys(), 0)
    for names in tables.names:
        for each, count in visitors.items():
            cells[key_of(names, [each[NAMES.index(name)] for name in names])] += count
    return cells


def release(day: date, scale: int, *, site: str = SITE, sigma: float = 10.0, gap: Gap = Gap.NONE) -> Released:
    return released(
        site, day, Measure.COMBINATIONS, tables_of(people(scale)), sigma=sigma, gap=gap,
        dimensions=(Dimension.TOGETHER, Dimension.COMBINATION),
    )  # fmt: skip


def marts_of(folder: Path, *releases: Released) -> Marts:
    marts = Marts(folder)
    for month in {(one.source, one.day.replace(day=1)) for one in releases}:
        marts.write(*month, [one for one in releases if (one.source, one.day.replace(day=1)) == month])
    return marts


def ask(marts: Marts, *filters: str, by: tuple[str, ...] = (), last: date = FIRST, **more: object) -> Answer:
    query = Query(
        sites=(SITE,), metrics=("visitors",), first=FIRST, last=last, dimensions=by, estimate="combined",
        filters=tuple(Filter(each.split("==")[0], tuple(each.split("==")[1].split("|"))) for each in filters),
        **more,  # type: ignore[arg-type]
    )  # fmt: skip
    return answer(marts, query, CALENDAR)


def value(answered: Answer, row: int = 0) -> Estimate:
    found = answered.rows[row].values[0]
    assert found is not None
    return found


def test_two_filters_count_who_meets_both(tmp_path: Path) -> None:
    marts = marts_of(tmp_path, release(FIRST, 10))
    found = ask(marts, "channel==Email", "device==Mobile")
    wanted = sum(count for each, count in people(10).items() if each[::2] == ("Email", "Mobile"))
    assert value(found).value == pytest.approx(wanted)
    assert value(found).stderr < 10  # the other tables tell of the same visitors
    assert "least squares" in found.notes[0]
    assert found.gaps == ()


def test_values_of_one_filter_are_added(tmp_path: Path) -> None:
    marts = marts_of(tmp_path, release(FIRST, 10))
    both = value(ask(marts, "country==AT", "device==Mobile|Tablet"))
    one, other = (value(ask(marts, "country==AT", f"device=={each}")) for each in ("Mobile", "Tablet"))
    assert both.value == pytest.approx(one.value + other.value)
    assert one.stderr < both.stderr < one.stderr + other.stderr


def test_rows_are_by_attribute_site_and_time(tmp_path: Path) -> None:
    days = [FIRST + timedelta(back) for back in range(3)]  # two months
    other = release(FIRST, 7, site="other.example")
    marts = marts_of(tmp_path, *(release(day, place + 1) for place, day in enumerate(days)), other)
    found = ask(marts, "channel==Direct", by=("device", "day"), last=days[-1])
    assert found.total == 9
    assert {row.dimensions[1] for row in found.rows} == {day.isoformat() for day in days}
    whole = ask(marts, "channel==Direct", by=("device",), last=days[-1])
    assert [row.days for row in whole.rows] == [3, 3, 3]
    by_day = [row for row in found.rows if row.dimensions[0] == "Mobile"]
    mobile = next(row for row in whole.rows if row.dimensions == ("Mobile",))
    assert mobile.values[0] is not None
    assert mobile.values[0].value == pytest.approx(sum(row.values[0].value for row in by_day if row.values[0]))
    assert mobile.values[0].stderr ** 2 == pytest.approx(
        sum(row.values[0].stderr ** 2 for row in by_day if row.values[0])
    )
    query = Query(sites=(SITE, "other.example"), metrics=("visitors",), first=FIRST, last=FIRST, dimensions=("site",),
                  filters=(Filter("device", ("Mobile",)),), estimate="combined")  # fmt: skip
    assert {row.dimensions for row in answer(marts, query, CALENDAR).rows} == {(SITE,), ("other.example",)}


def test_a_filter_on_what_is_told_apart_leaves_its_rows(tmp_path: Path) -> None:
    marts = marts_of(tmp_path, release(FIRST, 10))
    found = ask(marts, "device==Mobile|Other", "country==AT", by=("device",), order=(Order("device", "asc"),))
    assert [row.dimensions for row in found.rows] == [("Mobile",), ("Other",)]
    assert value(found, 0).value == pytest.approx(value(ask(marts, "device==Mobile", "country==AT")).value)


def test_days_that_tell_it_otherwise_are_missing(tmp_path: Path) -> None:
    """Since then the settings tell less apart, have less noise, or the numbers were lost."""
    fewer = Tables((("channel", ("Direct", "Email")), ("country", ("AT", "rest"))), 2)
    cells = tables_of({(*key[:2], ""): n for key, n in people(5).items()}, fewer)
    dimensions = (Dimension.TOGETHER, Dimension.COMBINATION)
    later = released(SITE, FIRST + timedelta(2), Measure.COMBINATIONS, cells, sigma=5.0, dimensions=dimensions)
    marts = marts_of(
        tmp_path, release(FIRST, 10), release(FIRST + timedelta(1), 10, sigma=20.0), later,
        release(FIRST + timedelta(3), 1, gap=Gap.FORFEITED),
    )  # fmt: skip
    found = ask(marts, "channel==Email", "device==Mobile", last=FIRST + timedelta(3))
    assert (found.rows[0].days, found.rows[0].of_days) == (2, 4)
    assert value(found).stderr == pytest.approx(5**0.5 * value(ask(marts, "channel==Email", "device==Mobile")).stderr)
    assert [(gap.first, gap.reason) for gap in found.gaps] == [
        (FIRST + timedelta(2), "changed"), (FIRST + timedelta(3), "forfeited"),
    ]  # fmt: skip


def test_what_no_table_tells_is_refused_with_what_they_do(tmp_path: Path) -> None:
    marts = marts_of(tmp_path, release(FIRST, 10))
    for filters, by in (
        (("channel==Email", "device==Mobile", "country==AT"), ()),
        (("channel==Email", "country==FR"), ()),
        (("channel==Email",), ("browser",)),
    ):
        with pytest.raises(QueryError, match=r"at most 2 of these attributes together.*device: Mobile, Other, Tablet"):
            ask(marts, *filters, by=by)
    with pytest.raises(QueryError, match="settings asks for them"):
        ask(Marts(tmp_path / "none"), "channel==Email", "device==Mobile")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"metrics": ("pageviews",)}, "estimate"),
        ({"dimensions": ("hour",)}, "dimensions"),
        ({"dimensions": ("page",)}, "dimensions"),
        ({"filters": (Filter("page", ("/",)),)}, "filters"),
        ({"filters": (Filter("device", ("Mobile",)), Filter("device", ("Tablet",)))}, "filters"),
        ({"filters": (Filter("device", ()),)}, "filters"),
        ({"filters": ()}, "estimate"),
        ({"order": (Order("channel"),)}, "order"),
    ],
)
def test_what_cannot_be_combined_is_refused(tmp_path: Path, change: dict[str, object], field: str) -> None:
    asked = {"sites": (SITE,), "metrics": ("visitors",), "first": FIRST, "last": FIRST, "estimate": "combined",
             "filters": (Filter("device", ("Mobile",)),)} | change  # fmt: skip
    with pytest.raises(QueryError) as caught:
        answer(Marts(tmp_path), Query(**asked), CALENDAR)  # type: ignore[arg-type]
    assert caught.value.field == field


def test_the_refusal_of_two_filters_names_the_way(tmp_path: Path) -> None:
    query = Query(sites=(SITE,), metrics=("visitors",), first=FIRST, last=FIRST,
                  filters=(Filter("device", ("Mobile",)), Filter("country", ("AT",))))  # fmt: skip
    with pytest.raises(QueryError, match="estimate=combined"):
        answer(Marts(tmp_path), query, CALENDAR)
