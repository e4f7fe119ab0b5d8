"""What was released says how large numbers are, and what bounds cut off: read back from a simulated home."""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from release_samples import DAY, SOURCE, Home, labelled, view

from hubbub.core.keys import Dimension, Measure
from hubbub.core.rows import Row
from hubbub.core.settings import Budget, Tuning
from hubbub.core.vocabulary import CONTRIBUTION_BINS
from hubbub.release.budget import priced
from hubbub.release.counting import Counting
from hubbub.release.expectation import assumed, expect, relative_error
from hubbub.release.portal import PORTAL
from hubbub.release.truncation import Truncation, crossing, keys_kept, squares_kept
from hubbub.release.volumes import MIDDLES, Volume, Volumes, last_released, read_volumes
from hubbub.store.engines.duckdb import DuckDB

PRECISE = Budget(9.9)
PAGES = tuple(f"/p{page}" for page in range(30))


def volumes_of(contributions: tuple[tuple[float, float], ...] = (), **measures: Volume) -> Volumes:
    return Volumes(DAY, DAY, measures, contributions)


def simulated(seed: int) -> tuple[Volumes, Counter[str]]:
    """Two thousand units with a geometric number of views, over a few hours and thirty pages: their bounded counts, as
    if released without noise, and the truth that no bound would cut: views, pages and hours of all units.
    """
    random, truth = Random(seed), Counter[str]()
    rows: list[Row] = []
    tags = iter(random.sample(range(10**6), 40_000))
    for unit in range(2_000):
        seen, hours = set(), set()
        hour = random.randrange(10)
        for _ in range(1 + min(60, int(random.expovariate(0.28)))):
            page = PAGES[min(29, int(random.paretovariate(0.6)) - 1)]
            hour += random.random() < 0.1
            rows.append(view(unit, 2 * next(tags), hour * 3_600_000 + len(rows) % 3_000_000, page))
            seen.add(page)
            hours.add(hour)
            truth["views"] += 1
        truth["pages"] += len(seen)
        truth["hours"] += len(hours)
    with Counting(DuckDB(256 << 20, 1), labelled(rows), [DAY]) as counting:
        counting.prepare(PORTAL, PAGES, [])
        counting.list_keys(Dimension.PAGE, {DAY: PAGES})
        counts = {str(each.measure): counting.count(each)[DAY] for each in PORTAL.measures}
    measures = {name: Volume((), float(sum(cells.values()))) for name, cells in counts.items()}
    contributions = tuple((views, float(counts["contributions"].get((label,), 0))) for label, views in MIDDLES.items())
    return Volumes(DAY, DAY, measures, contributions), truth


def test_middles_are_those_of_the_bins() -> None:
    assert list(MIDDLES) == [label for label, _ in CONTRIBUTION_BINS]
    assert [MIDDLES[label] for label in ("1", "10", "11-15", "16-25", "26-50", "over 50")] == [1, 10, 13, 20.5, 38, 75]


def test_nothing_released_is_no_volume(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert last_released(home.ledger, SOURCE) is None
    assert read_volumes(home.ledger, PORTAL, SOURCE) is None


def test_volumes_are_means_of_what_was_released(tmp_path: Path) -> None:
    home = Home(tmp_path, PRECISE)
    for place in range(3):
        home.write([view(unit, 2 * unit, unit * 100, "/a") for unit in range(900)], DAY + timedelta(place))
        home.closer.close(SOURCE, [DAY + timedelta(place)])
    plan = home.closer.door.priced(SOURCE).plan
    found = read_volumes(home.ledger, plan, SOURCE)
    assert found is not None
    assert (found.last, found.first) == (DAY + timedelta(2), DAY - timedelta(27))
    released = [each.values[0] for each in home.ledger.released(SOURCE, DAY, DAY + timedelta(2), [Measure.VISITORS])]
    assert found.measures["visitors"].values == pytest.approx((sum(released) / 3,))
    assert found.measures["page_visitors"].values[0] == pytest.approx(900, abs=60)
    assert len(found.measures["page_visitors"].values) <= 2  # the others do not stand out of the noise
    assert found.contributions[0] == pytest.approx((1, 900), abs=60)
    assert found.visits[0] == pytest.approx(900, abs=60)
    assert read_volumes(home.ledger, plan, SOURCE, days=1).first == DAY + timedelta(2)  # type: ignore[union-attr]


def test_keys_that_wait_for_an_editor_are_not_looked_at(tmp_path: Path) -> None:
    home = Home(tmp_path, PRECISE)
    home.write([view(unit, 2 * unit, unit * 100, "/secret") for unit in range(900)], origin="live")
    home.closer.close(SOURCE, [DAY])
    assert [each.key for each in home.public.waiting(SOURCE)] == ["/secret"]
    found = read_volumes(home.ledger, home.closer.door.priced(SOURCE).plan, SOURCE)
    assert found is not None
    assert found.measures["new_pages"].values == ()


@pytest.mark.parametrize("seed", [1, 2])
def test_what_bounds_cut_off_is_near_the_truth(seed: int) -> None:
    """Without noise, what is left is the error of the model: under 7 points of a hundred."""
    found, truth = simulated(seed)
    cuts = Truncation(PORTAL, found)
    for name, what in (
        ("pageviews", "views"), ("page_visitors", "pages"), ("visitors_hour", "hours"), ("page_pageviews", "views"),
        ("pageviews_hour", "views"),
    ):  # fmt: skip
        kept = found.measures[name].total / truth[what]
        assert cuts.share(PORTAL[Measure(name)]) == pytest.approx(1 - kept, abs=0.07), name


def test_where_nothing_tells_it_it_is_not_told() -> None:
    cuts = Truncation(PORTAL, volumes_of())
    assert cuts.share(PORTAL[Measure.PAGEVIEWS]) is None
    assert cuts.share(PORTAL[Measure.EVENTS]) is None
    assert cuts.share(PORTAL[Measure.DEVICES]) == 0.0
    assert Truncation(PORTAL, replace(volumes_of(), visits=(100.0, 30.0))).share(
        PORTAL[Measure.VISITS]
    ) == pytest.approx(0.09)


def test_a_bound_on_views_is_told_exactly() -> None:
    cuts = Truncation(PORTAL, volumes_of(((2.0, 50.0), (20.0, 10.0))))
    assert cuts.share(PORTAL[Measure.PAGEVIEWS]) == pytest.approx(1 - 200 / 300)
    assert cuts.share(PORTAL[Measure.PAGEVIEWS], 20) == pytest.approx(0)
    assert cuts.share(PORTAL[Measure.PAGEVIEWS], 1) == pytest.approx(1 - 60 / 300)


@given(st.integers(1, 75), st.floats(0, 1), st.integers(1, 100))
def test_keys_kept_is_a_mean_within_its_bounds(views: int, fresh: float, bound: int) -> None:
    (kept,) = keys_kept(np.array([float(views)]), fresh, bound)
    (more,) = keys_kept(np.array([float(views)]), fresh, bound + 1)
    assert 1 - 1e-9 <= kept <= min(views, bound) + 1e-9
    assert kept <= more + 1e-9
    (squares,) = squares_kept(np.array([float(views)]), fresh, bound)
    assert 0 < squares <= views


def test_keys_kept_is_that_of_a_drawn_unit() -> None:
    drawn = np.minimum(1 + np.random.default_rng(3).binomial(11, (12**0.6 - 1) / 11, 200_000), 4).mean()
    assert keys_kept(np.array([12.0]), 0.6, 4)[0] == pytest.approx(drawn, abs=0.01)


@given(st.floats(-1, 2))
def test_a_crossing_is_found_or_the_nearer_end(wanted: float) -> None:
    assert crossing(lambda x: x, wanted) == pytest.approx(min(1.0, max(0.0, wanted)), abs=1e-9)


def test_expected_errors_are_those_of_the_specification() -> None:
    """PRIVACY.md's table at 2,000 visitors, for the portal's measures alone, noise alone."""
    its = priced(PORTAL, "standard")
    found = expect(its, assumed(PORTAL, 2_000, volumes_of()), None)
    assert found["visitors"].error == pytest.approx(0.008, abs=0.0005)
    assert found["visitors_hour"].error == pytest.approx(0.083, abs=0.002)
    assert found["pageviews"].error == pytest.approx(0.024, abs=0.0005)
    assert found["page_visitors"].error == pytest.approx(0.026, abs=0.001)
    assert found["page_visitors"].rank == 10
    assert found["page_visitors"].tenth_error == pytest.approx(0.26, abs=0.01)
    assert found["page_visitors"].within == 7
    assert found["new_pages"].error == 1.0  # 40 devices are far below the threshold
    assert set(found) == {str(each.measure) for each in PORTAL.measures}


def test_noise_and_bias_add_in_squares() -> None:
    assert relative_error(100, 10, 0.0) == pytest.approx(0.1)
    assert relative_error(80, 0.0, 0.2) == pytest.approx(0.2)
    assert relative_error(80, 8.0, 0.2) == pytest.approx((0.08**2 + 0.2**2) ** 0.5)


def test_a_wider_bound_is_more_noise_and_less_cut(tmp_path: Path) -> None:
    volumes = volumes_of(((2.0, 500.0), (20.0, 100.0)), pageviews=Volume((2_000.0,), 2_000.0))
    wide = PORTAL.tuned(Tuning(bounds={"pageviews": 20}))
    narrow, wider = (
        expect(priced(plan, "standard"), volumes, Truncation(plan, volumes))["pageviews"] for plan in (PORTAL, wide)
    )
    assert narrow.cut == pytest.approx(1 / 3)
    assert wider.cut == pytest.approx(0)
    assert wider.error == pytest.approx(282 / 2_000, rel=0.01)


def test_what_is_not_known_is_not_guessed() -> None:
    found = expect(priced(PORTAL, "standard"), volumes_of(), None)
    assert all(each.cells == 0 for each in found.values())
