"""What settings ask for, counted of rows made by hand."""

from collections import Counter

import pyarrow as pa
import pytest
from msgspec.structs import replace
from release_samples import DAY, FULL, PLAIN, Cells, labelled, view

from hubbub.core.keys import Measure
from hubbub.core.rows import DETAIL_SEPARATOR, SENT_ONCE, Kind, Row
from hubbub.core.settings import Amount, Condition, Settings, Site
from hubbub.release import portal
from hubbub.release.coding import CodedRows
from hubbub.release.counting import Counting
from hubbub.release.site_plan import plan_of
from hubbub.store.engines.duckdb import DuckDB

MINUTE = 60_000
STEPS = (Condition(page="/form"), Condition(event="form"), Condition(page="/done"))


def count(
    rows: list[Row], measure: str, site: Site = FULL, topics: dict[str, tuple[str, ...]] | None = None, **more: bool
) -> Cells:
    plan = plan_of(site, Settings((site,), topics=topics or {}))
    with Counting(DuckDB(256 << 20, 1), labelled(rows), [DAY]) as counting:
        counting.prepare(plan, [], [], **more)
        return Counter(counting.count(plan[measure])[DAY])


@pytest.mark.parametrize(
    ("rows", "deepest"),
    [
        ([view(1, 2, 0, "/form")], "1"),
        ([view(1, 2, 0, "/form"), view(1, 4, 5, "/form", Kind.FORM, "/form"), view(1, 6, 9, "/done?x=1")], "3"),
        # in another order
        ([view(1, 2, 0, "/done"), view(1, 4, 5, "/form"), view(1, 6, 9, "/form", Kind.FORM, "/form")], "2"),
        # not in one visit
        ([view(1, 2, 0, "/form"), view(1, 4, 31 * MINUTE, "/x"), view(1, 6, 32 * MINUTE, "/form", Kind.FORM)], "1"),
        # the deeper of two visits
        (
            [
                view(1, 2, 0, "/form"), view(1, 4, 60 * MINUTE, "/form"),
                view(1, 6, 61 * MINUTE, "/form", Kind.FORM), view(1, 8, 200 * MINUTE, "/form"),
            ],
            "2",
        ),
        # the clock does not tell them apart: as they were received
        ([view(1, 8, 0, "/form"), view(1, 4, 0, "/form", Kind.FORM), view(1, 6, 0, "/done")], "3"),
        ([view(1, 4, 0, "/form", Kind.FORM), view(1, 8, 0, "/form")], "1"),
        ([view(1, 4, 0, "/x")], None),
        # no page view, no visit
        ([view(1, 4, 0, "/form", Kind.FORM)], None),
    ],
)  # fmt: skip
def test_the_deepest_step_of_a_funnel(rows: list[Row], deepest: str | None) -> None:
    site = replace(PLAIN, funnels={"Permit": STEPS})
    assert count(rows, Measure.FUNNELS, site) == ({("Permit", deepest): 1} if deepest else {})


def test_one_row_is_not_two_steps() -> None:
    site = replace(PLAIN, funnels={"Twice": (Condition(page="/a"), Condition(page="/a"))})
    assert count([view(1, 2, 0, "/a")], Measure.FUNNELS, site) == {("Twice", "1"): 1}
    assert count([view(1, 2, 0, "/a"), view(1, 4, 0, "/a")], Measure.FUNNELS, site) == {("Twice", "2"): 1}


@pytest.mark.parametrize(
    ("condition", "meets"),
    [
        (Condition(page="/a/*"), {1}),
        (Condition(event="Signup"), {2, 3}),
        (Condition(event="Signup", property="plan"), {3}),
        (Condition(event="Signup", property="plan", value="pro"), {3}),
        (Condition(event="Signup", property="plan", value="free"), set()),
        (Condition(event="outlink"), {4}),
        (Condition(event="download"), {5}),
        (Condition(event="404"), {6}),
        (Condition(event="form"), {7}),
        (Condition(event="search"), {8, 9}),
    ],
)
def test_what_a_goal_may_be(condition: Condition, meets: set[int]) -> None:
    detail = DETAIL_SEPARATOR.join(["size=s", "plan=pro"])
    rows = [
        view(1, 2, 0, "/a/b"), view(1, 4, 0, "/a/b/c"), view(2, 6, 0, "/", Kind.EVENT, "Signup"),
        view(3, 8, 0, "/", Kind.EVENT, "Signup", detail=detail), view(4, 10, 0, "/", Kind.OUTLINK, "x.example"),
        view(5, 12, 0, "/", Kind.DOWNLOAD, "/f.pdf"), view(6, 14, 0, "/", Kind.MISSING, "/gone"),
        view(7, 16, 0, "/", Kind.FORM, "/f"), view(8, 18, 0, "/", Kind.SEARCH, "bus"),
        view(9, 20, 0, "/search", name="bus"), view(10, 22, 0, "/", Kind.EVENT, "Other"),
    ]  # fmt: skip
    assert count(rows, Measure.GOALS, replace(PLAIN, goals={"it": condition})) == (
        {("it",): len(meets)} if meets else {}
    )
    for unit in meets:
        mine = [row for row in rows if row.unit == unit]
        assert count(mine, Measure.GOALS, replace(PLAIN, goals={"it": condition})) == {("it",): 1}


def test_a_page_may_have_several_topics_and_a_visitor_three() -> None:
    topics = {"A": ("/a/**",), "B": ("/a/b*", "/b"), "C": ("/c",), "D": ("/d",)}
    rows = [view(1, 2, 0, "/a/bc"), view(2, 4, 0, "/c"), view(2, 6, 0, "/c?page=2"), view(3, 8, 0, "/other")]
    assert count(rows, Measure.TOPICS, PLAIN, topics) == {("A",): 1, ("B",): 1, ("C",): 1}
    everything = [view(1, 2 * n, 0, page) for n, page in enumerate(["/a/bc", "/c", "/d"])]
    assert count(everything, Measure.TOPICS, PLAIN, topics).total() == 3


def test_terms_are_those_of_searches_and_of_pages_of_results() -> None:
    rows = [
        view(1, 2, 0, "/s", name="bus"), view(1, 4, 9, "/s", name="bus"), view(2, 6, 0, "/", Kind.SEARCH, "bus"),
        view(3, 8, 0, "/", Kind.EVENT, "tram"), view(3, 10, 0, "/"),
        *(view(4, 100 + 2 * n, n, "/", Kind.SEARCH, f"term {n}") for n in range(5)),
    ]  # fmt: skip
    found = count(rows, Measure.SEARCH_TERMS)
    assert found[("bus",)] == 2
    assert found.total() == 4


def test_amounts_are_cut_a_device_and_counted_in_thousandths() -> None:
    site = replace(PLAIN, amounts={"Fee": Amount(50, "EUR")})

    def paid(unit: int, tag: int, cents: int) -> Row:
        return view(unit, tag, tag, "/", Kind.EVENT, "Fee", amount=cents)

    key = ("Fee", "50 EUR")
    assert count([paid(1, 2, 2_500)], Measure.AMOUNTS, site) == {key: 500}
    assert count([paid(1, 2, 2_500), paid(1, 4, 1_250), paid(2, 6, 5)], Measure.AMOUNTS, site) == {key: 751}
    assert count([paid(1, 2, 4_000), paid(1, 4, 4_000)], Measure.AMOUNTS, site) == {key: 1_000}
    assert count([paid(1, 2, 0), view(1, 4, 0, "/", Kind.EVENT, "Other", amount=9)], Measure.AMOUNTS, site) == {}
    # 12 cents are 2.4 thousandths of 50: by the tag 2 or 3, and on average 2.4
    many = [paid(unit, 2 * unit, 12) for unit in range(5_000)]
    assert count(many, Measure.AMOUNTS, site) == {key: 12_000}


def test_one_page_of_a_visitor_tells_how_long_and_how_far() -> None:
    rows = [
        view(1, 2, 0, "/a"), view(1, 4, 100_000, "/a"), view(1, -6, 500_000, "/b"),
        view(1, 8, 50_000, "/a", Kind.ENGAGEMENT, engaged_ms=30_000, scroll=40),
        view(1, 10, 150_000, "/a", Kind.ENGAGEMENT, engaged_ms=31_000, scroll=80),
        view(2, 12, 0, "/a"), view(2, 14, 0, "/gone", Kind.ENGAGEMENT, engaged_ms=30_000, scroll=40),
        view(3, 16, 0, "/a"), view(3, 18, 0, "/a", Kind.ENGAGEMENT),
        view(4, 20, 0, "/a"), view(4, 22, 0, "/a", Kind.ENGAGEMENT, scroll=75),
    ]  # fmt: skip
    assert count(rows, Measure.ENGAGEMENT) == {("30 s",): 1}
    assert count(rows, Measure.SCROLLING) == {("75 %",): 2}


def test_the_first_bucket_that_a_visitor_tells_counts() -> None:
    rows = [
        view(1, 2, 5, returning="1 day"), view(1, 4, 9, returning="first"), view(1, 6, 0),
        view(2, 8, 0), view(3, 10, 0, kind=Kind.EVENT, returning="first"),
        view(4, 12, 0), view(4, 14, 0, kind=Kind.ENGAGEMENT, returning="8-30 days"),
        view(5, 16, 0, kind=Kind.ENGAGEMENT, returning="first"),
    ]  # fmt: skip
    assert count(rows, Measure.RETURNING) == {("1 day",): 1, ("8-30 days",): 1}


def test_a_visit_begins_with_what_was_received_first_where_the_clock_does_not_tell() -> None:
    """Logs have whole seconds, and what is sent many at once has one time: a source is no toss of a coin."""
    for tag in (-4, 8):
        came, went = view(1, tag, 0, "/", channel="Organic Search"), view(1, 2, 0, "/a", channel="Direct")
        assert count([came, went], Measure.CHANNELS) == {("Organic Search",): 1}
        with Counting(DuckDB(256 << 20, 1), labelled([came, went]), [DAY]) as counting:
            counting.prepare(portal.PORTAL, ["/", "/a"], [])
            counting.list_keys("page", {DAY: ["/", "/a"]})
            assert counting.count(portal.PORTAL[Measure.ENTRY_PAGES])[DAY] == {("/",): 1}
            assert counting.count(portal.PORTAL[Measure.EXIT_PAGES])[DAY] == {("/a",): 1}


def test_forms_are_events_of_their_own_kind() -> None:
    assert count([view(1, 2, 0, "/f", Kind.FORM, "/f")], Measure.EVENTS) == {("form:/f",): 1}


@pytest.mark.parametrize("kind", [Kind.EVENT, Kind.OUTLINK, Kind.DOWNLOAD, Kind.FORM, Kind.SEARCH])
def test_who_does_something_does_not_bounce(kind: Kind) -> None:
    assert count([view(1, 2, 0), view(1, 4, 0, "/", kind, "x")], Measure.VISITS) == {("1", "0-10 s"): 1}


def burst(unit: int, views: int, every_ms: int, first: int = 0) -> list[Row]:
    return [view(unit, 2 * n, first + n * every_ms, f"/{n % 7}") for n in range(views)]


@pytest.mark.parametrize(
    ("rows", "is_set_aside"),
    [
        (burst(1, portal.BURST_VIEWS, 344), True),  # 29 * 344 = 9,976 ms
        (burst(1, portal.BURST_VIEWS, 345), False),  # 10,005 ms
        (burst(1, portal.BURST_VIEWS - 1, 1), False),
        (burst(1, portal.BURST_VIEWS, 344, first=9_990), True),  # over two stretches of ten seconds
        ([*burst(1, 40, 60_000), *burst(1, portal.BURST_VIEWS, 300, first=5_000_000)], True),
        (burst(1, portal.HOUR_VIEWS + 1, 5_000), True),
        (burst(1, portal.HOUR_VIEWS, 5_000), False),
        (burst(1, portal.DAY_VIEWS + 1, 40_000), True),
        (burst(1, portal.DAY_VIEWS, 40_000), False),
        ([view(1, 2 * n, n * 60_000, "/", Kind.SEARCH, str(n)) for n in range(portal.DAY_SEARCHES)], True),
        ([view(1, 2 * n, n * 60_000, "/", Kind.SEARCH, str(n)) for n in range(portal.DAY_SEARCHES - 1)], False),
        ([view(1, 2 * n, n * 100, "/", Kind.EVENT, "x") for n in range(100)], False),
    ],
)
def test_rates_that_no_person_has(rows: list[Row], is_set_aside: bool) -> None:
    crowd = [view(unit, 2 * unit, 0) for unit in range(10, 15)]
    assert count([*crowd, *rows], Measure.SET_ASIDE) == ({(): 1} if is_set_aside else {})
    has_views = any(row.kind == Kind.PAGEVIEW for row in rows)
    visitors = 5 + (has_views and not is_set_aside)
    assert count([*crowd, *rows], Measure.VISITORS) == {(): visitors}
    assert count([*crowd, *rows], Measure.VISITORS, trial=True) == {(): 5 + has_views}
    assert count([*crowd, *rows], Measure.SET_ASIDE, trial=True) == ({(): 1} if is_set_aside else {})


def kept(rows: list[Row], *, by_hour: bool = False) -> list[tuple[int, int, int]]:
    coded = CodedRows(labelled(rows), DAY)
    coded.keep_once(by_hour=by_hour)
    table: pa.Table = coded.table
    start = min(row.ms for row in rows)
    columns = (table["u"].to_pylist(), table["tag"].to_pylist(), table["ms"].to_pylist())
    return [(u, tag, (ms - start) // MINUTE) for u, tag, ms in zip(*columns, strict=True)]


def test_what_is_sent_again_counts_once_a_unit() -> None:
    sent, drawn = 100 | SENT_ONCE, 100
    rows = [
        view(1, sent, 90 * MINUTE), view(1, sent, 30 * MINUTE), view(1, sent, 40 * MINUTE), view(2, sent, 0),
        view(1, drawn, 0), view(1, drawn, 0), view(1, -99, 0), view(1, -99, 0),
    ]  # fmt: skip
    assert sorted(kept(rows)) == sorted([(1, sent, 30), (2, sent, 0), (1, drawn, 0), (1, drawn, 0), (1, -99, 0)])
    by_hour = sorted([(1, sent, 30), (1, sent, 90), (2, sent, 0), (1, drawn, 0), (1, drawn, 0), (1, -99, 0)])
    assert sorted(kept(rows, by_hour=True)) == by_hour


def test_what_is_sent_again_is_counted_as_if_it_was_sent_once() -> None:
    once = [view(1, 2 * n | SENT_ONCE, n * MINUTE, f"/{n}") for n in range(8)]
    again = [*once, *once[::2], once[3]]
    for measure in (Measure.PAGEVIEWS, Measure.VISITS, Measure.PAGEVIEWS_HOUR):
        assert count(again, measure) == count(once, measure)


def test_bounds_are_reached() -> None:
    """One unit moves each measure by just what it declares: the sensitivities are not slack."""
    rows = [view(1, 2 * n, n * MINUTE, f"/{n % 4}", returning="first") for n in range(8)]
    rows += [view(1, 20 + 2 * n, n * MINUTE, "/0", Kind.SEARCH, f"term {n}") for n in range(4)]
    rows += [view(1, 40 + 2 * n, n * MINUTE, "/0", Kind.EVENT, f"e{n}", amount=10**9) for n in range(4)]
    rows += [view(1, 60, 1, "/0", Kind.ENGAGEMENT, engaged_ms=9, scroll=9)]
    pages = {f"{n}": Condition(page=f"/{n}") for n in range(4)}
    site = replace(
        PLAIN,
        goals=pages,
        funnels={name: (each,) * 2 for name, each in pages.items()},
        search_terms=("x",),
        amounts={f"e{n}": Amount(7) for n in range(4)},
        returning=True,
    )
    topics: dict[str, tuple[str, ...]] = {f"{n}": (f"/{n}",) for n in range(4)}
    for measure in plan_of(site, Settings((site,), topics=topics)).measures[len(portal.PORTAL.measures) :]:
        moved = sum(n * n for n in count(rows, measure.measure, site, topics).values())
        assert moved == (0 if measure.measure == Measure.SET_ASIDE else measure.l2_squared), measure.measure
