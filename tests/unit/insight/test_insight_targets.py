"""Targets: probabilities that are right, words that noise does not flip, and what is told where nothing is known."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby, pairwise

import numpy as np
import pytest
from target_samples import SIGMA, MadeUp, constant

from hubbub.core.errors import QueryError
from hubbub.core.targets import Counted, Target, Window
from hubbub.insight.targets.aiming import NO_BASELINE
from hubbub.insight.targets.board import Board
from hubbub.insight.targets.evaluate import NOTHING, TOO_EARLY, evaluate
from hubbub.insight.targets.periods import Span, a_year_before, before, judged_on, looked_back, period_of
from hubbub.insight.targets.results import Evaluation, Stand
from hubbub.insight.targets.series import check_counted
from hubbub.insight.targets.standing import next_of_days, next_of_running, verdict
from hubbub.insight.targets.state import Standing
from hubbub.publish.marts import Month

FIRST = date(2025, 6, 1)
LAST = date(2026, 3, 20)
DAYS = (LAST - FIRST).days + 1
LEVEL = 1_000.0


def target_of(name: str, **more: object) -> Target:
    return Target(**{"name": name, "metric": "visitors", **more})  # type: ignore[arg-type]


def one(released: MadeUp, **more: object) -> Evaluation:
    (site,) = released.series
    (found,) = evaluate([target_of("t", sources=(site,), **more)], released)
    return found


def calm(level: float = LEVEL, days: int = DAYS) -> MadeUp:
    return MadeUp(FIRST, constant(np.random.default_rng(1), 1, days, level))


def test_periods_are_those_of_the_calendar() -> None:
    day = date(2024, 2, 29)
    assert period_of(target_of("t", period="month"), day) == Span(date(2024, 2, 1), day)
    assert period_of(target_of("t", period="week"), day) == Span(date(2024, 2, 26), date(2024, 3, 3))
    assert period_of(target_of("t", period="quarter"), date(2024, 12, 31)) == Span(
        date(2024, 10, 1), date(2024, 12, 31)
    )
    assert period_of(target_of("t", period="year"), day) == Span(date(2024, 1, 1), date(2024, 12, 31))
    assert judged_on(target_of("t", period="month", due=date(2025, 7, 9)), day) == Span(
        date(2025, 7, 1), date(2025, 7, 31)
    )
    assert a_year_before(Span(date(2024, 2, 1), day)) == Span(date(2023, 2, 1), date(2023, 2, 28))
    month = target_of("t", period="month")
    assert before(month, period_of(month, date(2024, 1, 5))) == Span(date(2023, 12, 1), date(2023, 12, 31))
    assert looked_back(date(2026, 1, 20)) == date(2025, 10, 1)
    assert looked_back(date(2026, 3, 20)) == date(2026, 1, 1)


def test_a_period_that_is_over_is_judged_by_noise_alone() -> None:
    """February's sum has an error of σ √28; the probability is the normal's."""
    released = calm()
    (site,) = released.series
    whole = float(released.series[site][(date(2026, 2, 1) - FIRST).days :][:28].sum())
    stderr = SIGMA * np.sqrt(28)
    found = one(released, at_least=whole - stderr)
    february = found.periods[0]
    assert february.span == Span(date(2026, 2, 1), date(2026, 2, 28))
    assert february.value == pytest.approx(whole)
    assert february.stderr == pytest.approx(stderr)
    assert february.probability == pytest.approx(0.8413, abs=1e-3)
    assert february.standing is Standing.MET


def test_a_running_period_is_judged_by_what_it_will_be() -> None:
    found = one(calm(), at_least=31_000 - 900.0)
    state = found.state
    assert state.as_of == LAST
    assert state.value is not None
    assert state.forecast is not None
    assert state.forecast_stderr is not None
    assert abs(state.value - 20_000) < 4 * SIGMA * np.sqrt(20)
    assert abs(state.forecast - 31_000) < 4 * state.forecast_stderr
    assert state.standing is Standing.ON_TRACK
    assert found.pace is not None
    assert found.pace.days_left == 11
    assert found.pace.needed == pytest.approx((30_100 - state.value) / 11)
    assert one(calm(), at_least=35_000.0).state.standing is Standing.MISSED
    assert one(calm(), at_least=15_000.0).state.standing is Standing.MET
    assert one(calm(), at_most=40_000.0).state.standing is Standing.ON_TRACK
    assert one(calm(), between=(30_000.0, 32_500.0)).state.standing is Standing.ON_TRACK
    assert one(calm(), at_least=31_000.0).state.standing in (Standing.AT_RISK, Standing.ON_TRACK)


def test_probabilities_are_right() -> None:
    """Of targets said to be met with 10, 30, … 90 %, as many are: levels wander, months are told on their tenth day."""
    rng = np.random.default_rng(3)
    sites, days = 400, (date(2026, 3, 10) - FIRST).days + 1
    walk = np.exp(np.cumsum(0.01 * rng.normal(0, 1, (sites, days + 21)), axis=1))
    true = rng.poisson(2_000 * walk)
    released = {f"s{line}.example": true[line, :days] + rng.normal(0, SIGMA, days) for line in range(sites)}
    sums = true[:, (date(2026, 3, 1) - FIRST).days :][:, :31].sum(axis=1)
    aims = sums * np.exp(rng.normal(0, 0.03, sites))
    targets = [
        target_of(f"t{line}", sources=(f"s{line}.example",), at_least=float(aims[line])) for line in range(sites)
    ]
    chance = np.array([found.state.probability for found in evaluate(targets, MadeUp(FIRST, released))])
    met = sums >= aims
    assert abs(chance.mean() - met.mean()) < 0.06
    for low, high in ((0.0, 0.2), (0.2, 0.8), (0.8, 1.01)):
        mine = (chance >= low) & (chance < high)
        assert mine.sum() > 30
        assert abs(chance[mine].mean() - met[mine].mean()) < 0.16


def flips(words: Sequence[tuple[date, Standing]]) -> int:
    """How often a word comes back after another, within a month and before its end, which settles it."""
    found = 0
    for _, days in groupby(words, key=lambda one: one[0].replace(day=1)):
        kept = [word for word, _ in groupby(word for day, word in days if day.day < 28)]
        found += sum(was is again for was, again in zip(kept, kept[2:], strict=False))
    return found


def memoryless(stand: Stand, confidence: float) -> Standing:
    """One threshold for each word."""
    if stand.probability >= confidence:
        return Standing.ON_TRACK
    return Standing.MISSED if stand.probability <= 0.01 else Standing.AT_RISK


@pytest.mark.parametrize("share", [0.998, 0.999, 1.0])
def test_noise_alone_does_not_flip_a_month(share: float) -> None:
    """Nothing changes but noise; the aim lies at the truth or close under it, where words flip most."""
    sites = 100
    released = MadeUp(FIRST, constant(np.random.default_rng(4), sites, DAYS, LEVEL))
    aim = share * LEVEL * 31
    targets = [target_of(f"t{line}", sources=(f"s{line}.example",), at_least=aim) for line in range(sites)]
    found = evaluate(targets, released)
    held = sum(flips([(one.day, one.standing) for one in each.standings]) for each in found)
    bare = sum(flips([(one.day, memoryless(one, 0.8)) for one in each.standings]) for each in found)
    assert bare > 15
    assert held <= bare / 25


def test_noise_alone_hardly_ever_flips_a_day() -> None:
    """Each day anew, at the aim exactly: without hysteresis the word flips every other day."""
    sites = 60
    released = MadeUp(FIRST, constant(np.random.default_rng(5), sites, DAYS, LEVEL))
    targets = [
        target_of(f"t{line}", sources=(f"s{line}.example",), period="day", at_least=LEVEL) for line in range(sites)
    ]
    found = evaluate(targets, released)
    days = sum(len(each.standings) for each in found)
    held = sum(a.standing is not b.standing for each in found for a, b in pairwise(each.standings))
    bare = sum(
        (a.probability < 0.5) is not (b.probability < 0.5) for each in found for a, b in pairwise(each.standings)
    )
    assert bare / days > 0.4
    assert held / days < 0.006


def test_a_word_does_change_when_something_has_changed() -> None:
    released = calm(days=DAYS - 12)
    (site,) = released.series
    after = np.rint(0.8 * LEVEL + np.random.default_rng(2).normal(0, SIGMA, 12))
    fallen = MadeUp(FIRST, {site: np.concatenate((released.series[site], after))})
    assert one(released, at_least=30_000.0).state.standing is Standing.ON_TRACK
    state = one(fallen, at_least=30_000.0).state
    assert state.standing is Standing.MISSED
    assert LAST - timedelta(12) < state.since <= LAST


def test_how_it_stood_does_not_change_when_later_days_come() -> None:
    whole = calm()
    (site,) = whole.series
    early = MadeUp(FIRST, {site: whole.series[site][:-9]})
    now, then = one(whole, at_least=30_900.0).standings, one(early, at_least=30_900.0).standings
    assert len(now) == len(then) + 9
    for left, right in zip(now, then, strict=False):
        assert (left.day, left.standing) == (right.day, right.standing)
        assert left.probability == pytest.approx(right.probability)


def test_a_change_weighs_the_noise_of_its_baseline() -> None:
    released = calm(days=DAYS)
    grown = one(released, at_least="+3 %", baseline="previous", period="month")
    assert grown.bounds is not None
    assert grown.bounds.low_stderr == pytest.approx(1.03 * SIGMA * np.sqrt(28) * 31 / 28)
    assert grown.bounds.low == pytest.approx(1.03 * 31 * LEVEL, rel=0.01)
    window = one(released, at_least="-5 %", baseline=Window(date(2025, 7, 1), date(2025, 7, 31)))
    assert window.bounds is not None
    assert window.bounds.low == pytest.approx(0.95 * 31 * LEVEL, rel=0.01)
    assert window.state.standing is Standing.ON_TRACK
    number = one(released, at_most="+10 %", baseline=25_000.0)
    assert number.bounds is not None
    assert number.bounds.high == pytest.approx(27_500)
    assert number.bounds.high_stderr == 0.0
    last_year = one(released, at_least="+3 %", baseline="last_year")
    assert (last_year.state.standing, last_year.state.why) == (Standing.UNKNOWN, NO_BASELINE)


def test_a_cost_is_shared_by_what_was_done() -> None:
    found = one(calm(), ready="cost_per_transaction", cost=62_000.0, at_most=2.1)
    state = found.state
    assert state.value == pytest.approx(2.0, rel=0.01)
    assert state.forecast == pytest.approx(2.0, rel=0.02)
    assert state.standing is Standing.ON_TRACK
    assert found.bounds is not None
    assert found.bounds.low is None
    assert found.bounds.high == pytest.approx(2.1)
    assert one(calm(), ready="cost_per_transaction", cost=62_000.0, at_most=1.8).state.standing is Standing.MISSED


def test_a_share_of_two_numbers_carries_the_noise_of_both() -> None:
    rng = np.random.default_rng(7)
    series = {"online.example": 300 + rng.normal(0, SIGMA, DAYS), "all.example": 1_200 + rng.normal(0, SIGMA, DAYS)}
    target = target_of(
        "t",
        ready="digital_take_up",
        sources=("online.example",),
        of=Counted("visitors", ("all.example",)),
        at_least=24.0,
    )
    (found,) = evaluate([target], MadeUp(FIRST, series))
    assert found.unit == "percent"
    assert found.state.value == pytest.approx(25.0, abs=0.8)
    expected = 100 * SIGMA * np.sqrt(1 + 0.25**2) / 1_200 / np.sqrt(20)
    assert found.state.stderr == pytest.approx(expected, rel=0.05)
    assert found.state.standing is Standing.ON_TRACK
    assert found.pace is not None


def test_a_due_date_is_judged_by_its_period() -> None:
    found = one(calm(), at_least=30_000.0, due=date(2026, 5, 31))
    assert found.span == Span(date(2026, 5, 1), date(2026, 5, 31))
    assert found.state.value is None
    assert found.state.forecast == pytest.approx(31_000, rel=0.05)
    over = one(calm(), at_least=27_000.0, due=date(2026, 2, 10))
    assert over.state.forecast is None
    assert over.state.standing is Standing.MET
    assert over.standings[-1].day == date(2026, 2, 28)
    once = one(calm(), at_least=90_000.0, period="once", first=date(2026, 2, 1), due=date(2026, 4, 30))
    assert once.state.value == pytest.approx(48_000, rel=0.01)
    assert once.state.forecast == pytest.approx(89_000, rel=0.05)


def test_what_is_not_known_is_said() -> None:
    nothing = one(MadeUp(FIRST, {"s0.example": np.zeros(0)}), at_least=1.0)
    assert (nothing.state.standing, nothing.state.why) == (Standing.UNKNOWN, NOTHING)
    early = one(calm(days=20), at_least=1.0, period="year")
    assert (early.state.standing, early.state.why) == (Standing.UNKNOWN, TOO_EARLY)


def test_lost_days_are_told_by_like_days_before_and_make_it_less_sure() -> None:
    released = calm()
    (site,) = released.series
    holed = released.series[site].copy()
    holed[-6:-3] = np.nan
    whole, other = one(released, at_least=30_000.0), one(MadeUp(FIRST, {site: holed}), at_least=30_000.0)
    assert (whole.estimated, other.estimated) == (0, 3)
    assert other.state.value == pytest.approx(whole.state.value, rel=0.005)
    assert other.state.stderr is not None
    assert whole.state.stderr is not None
    assert other.state.stderr > whole.state.stderr


def test_words_follow_probabilities_with_two_thresholds() -> None:
    met, track, risk, missed = Standing.MET, Standing.ON_TRACK, Standing.AT_RISK, Standing.MISSED
    assert [verdict(p, 0.8) for p in (0.8, 0.5, 0.19)] == [met, risk, missed]
    assert next_of_running(risk, 0.79, 0.0, 0.8) is risk
    assert next_of_running(risk, 0.8, 0.0, 0.8) is track
    assert next_of_running(track, 0.41, 0.0, 0.8) is track
    assert next_of_running(track, 0.39, 0.0, 0.8) is risk
    assert next_of_running(risk, 0.009, 0.0, 0.8) is missed
    assert next_of_running(missed, 0.15, 0.0, 0.8) is missed
    assert next_of_running(missed, 0.25, 0.0, 0.8) is risk
    assert next_of_running(track, 1.0, 0.995, 0.8) is met
    assert next_of_running(met, 1.0, 0.9, 0.8) is met
    assert next_of_days(met, 0.01, 0.8) is met
    assert next_of_days(met, 0.0009, 0.8) is missed
    assert next_of_days(risk, 0.99, 0.8) is risk


def test_an_evaluation_is_made_once_for_a_published_state() -> None:
    released, board = calm(), Board()
    targets = [target_of("t", sources=("s0.example",), at_least=1.0)]
    first = board.standings(targets, released)
    asked = released.asked
    assert board.standings(targets, released) is first
    assert released.asked == asked
    released.versions["s0.example"] = "2"
    assert board.standings(targets, released) is not first
    assert released.asked == asked  # no month's file is another one
    released.versions["s0.example"] = "3"
    released.months = {"2026-03": Month("2026-03.new.parquet", "", 1, LAST, LAST, LAST)}
    assert board.standings(targets, released) is not first
    assert released.asked == asked + 1  # that month alone


def test_what_does_not_add_up_is_refused() -> None:
    settings = calm().settings
    with pytest.raises(QueryError, match="medians do not add up"):
        check_counted(Counted("engaged_median"), settings)
    with pytest.raises(QueryError, match="'visits' by page"):
        check_counted(Counted("visits", (), "page==/a"), settings)
    with pytest.raises(QueryError, match="dimension==value"):
        check_counted(Counted("visitors", (), "goal"), settings)


def test_a_site_that_is_new_or_lost_for_a_day_leaves_the_others_told() -> None:
    rng = np.random.default_rng(9)
    old, new = LEVEL + rng.normal(0, SIGMA, DAYS), LEVEL + rng.normal(0, SIGMA, DAYS)
    new[:-40] = np.nan
    new[-3] = np.nan
    released = MadeUp(FIRST, {"old.example": old, "new.example": new, "empty.example": np.zeros(0)})
    (found,) = evaluate([target_of("t", at_least=50_000.0)], released)
    assert found.state.value == pytest.approx(40 * LEVEL, rel=0.02)
    assert found.estimated == 1
    assert found.periods[1].value == pytest.approx(31 * LEVEL, rel=0.01)
