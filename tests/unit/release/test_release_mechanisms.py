"""Noise has the variance it promises, costs what was debited, and thresholds are strict."""

import math
from fractions import Fraction

import pytest
from release_samples import DAY

from hubbub.core.errors import LedgerError
from hubbub.core.keys import Measure
from hubbub.release import drawing
from hubbub.release.budget import PICO, Share, scale_for, variance_of
from hubbub.release.counting import Counts
from hubbub.release.drawing import DayKeys, draw
from hubbub.release.key_lists import key_list
from hubbub.release.mechanisms import add_noise, passes
from hubbub.release.portal import PORTAL

DRAWS = 20_000


@pytest.mark.parametrize("scale", [Fraction(1, 2), Fraction(3), Fraction(18697, 1024)])
def test_noise_has_the_promised_mean_and_variance(scale: Fraction) -> None:
    """False-alarm rate 1e-8 a case: normal limits of mean and variance at 5.73 standard errors.

    The fourth moment of a discrete Gaussian is at most 3.7 variance² for these scales, so the variance of a squared
    draw is at most 2.7 variance².
    """
    noise = add_noise([1000] * DRAWS, scale, 1, math.ceil(PICO / (2 * scale * scale) * 2))
    variance = variance_of(scale)
    mean = sum(noise) / DRAWS - 1000
    spread = sum((value - 1000) ** 2 for value in noise) / DRAWS
    assert abs(mean) < 5.73 * math.sqrt(variance / DRAWS)
    assert abs(spread - variance) < 5.73 * variance * math.sqrt(2.7 / DRAWS)


def test_noise_is_not_repeated() -> None:
    scale = Fraction(100)
    assert add_noise([0] * 50, scale, 1, PICO) != add_noise([0] * 50, scale, 1, PICO)


@pytest.mark.parametrize("l2_squared", [1, 2, 3, 5, 16, 36, 100, 10_000])
@pytest.mark.parametrize("rho", [5 * 10**8, 85 * 10**8, 10**12, 10**17])
def test_opendp_finds_every_scale_within_its_debit(l2_squared: int, rho: int) -> None:
    assert add_noise([], scale_for(l2_squared, rho), l2_squared, rho) == []


def test_noise_that_costs_more_than_its_debit_is_not_drawn() -> None:
    rho = 85 * 10**8
    scale = scale_for(5, rho)
    with pytest.raises(LedgerError, match="costs more"):
        add_noise([1], scale * Fraction(999, 1000), 5, rho)
    with pytest.raises(LedgerError, match="costs more"):
        add_noise([1], scale, 6, rho)


def test_a_new_key_must_exceed_the_threshold() -> None:
    assert not passes(118, 118)
    assert passes(119, 118)


def test_draw_releases_public_keys_and_only_new_ones_above(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[int]] = []

    def without_noise(counts: list[int], *_: object) -> list[int]:
        seen.append(list(counts))
        return list(counts)

    monkeypatch.setattr(drawing, "add_noise", without_noise)
    share = Share(1, Fraction(1), 1e-9, 10)
    public = key_list([("a",), ("b",)])
    counts: Counts = {DAY: {("b",): 7, ("x",): 11, ("y",): 10, ("w",): 12}}
    open_measure = draw(PORTAL[Measure.REFERRERS], share, [DayKeys(DAY, public)], counts)[0]
    assert open_measure.values == (0, 7)
    assert open_measure.new == ((("w",), 12), (("x",), 11))
    assert seen.pop() == [0, 7, 12, 11, 10]
    new_only = draw(PORTAL[Measure.NEW_PAGES], share, [DayKeys(DAY, public)], counts)[0]
    assert new_only.values == ()
    assert new_only.new == ((("w",), 12), (("x",), 11))
    closed = draw(PORTAL[Measure.PAGE_VISITORS], share, [DayKeys(DAY, public)], counts)[0]
    assert closed.values == (0, 7)
    assert closed.new == ()
