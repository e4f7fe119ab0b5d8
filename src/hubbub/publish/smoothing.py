"""A second, tighter estimate of a day: what the series' own released past says of it, beside the day's own cell.

The model of one series, a state-space model with the release's noise known:

    y_t = x_t + ε_t            the cell: the day's true number and noise of the known variance v_t
    x_t = f_w μ_t + η_t        the day: the level times the share of its weekday, and what is the day's own
    μ_t = μ_{t-1} + ζ_t        the level wanders

with Var ζ = (φ ℓ)² and Var η = κ f ℓ + (ψ f ℓ)², ℓ the level as known the day before: numbers of people move in
proportion to their size, so that one φ and one ψ fit a page of ten visitors and one of a hundred thousand, and a count
scatters around its mean at least like Poisson's (κ = 1). What is estimated is x_t, the day's number without noise, and
not the level behind it: the interval means what a raw cell's interval means.

*Process variances by maximum likelihood, pooled over the series.* Each series has a (φ, ψ) of its own from `GRID`; how
often each pair comes is estimated from all series together, the nonparametric maximum likelihood estimate of a mixing
distribution (Laird, JASA 73, 1978) by EM, with the weight of one more series spread evenly over the grid. A long series
decides for itself, a short one goes by the others. Estimates are averaged over the pairs with their posterior weights.

*Breaks.* Noise being known exactly, a surprise that it does not explain is real. Each day is ordinary, or with
probability `kalman.BREAKS` a lasting shift, or with as much an event of that day alone (Harrison & Stevens, JRSS B 38,
1976); size unknown, so of the size that is seen, at least the level's. The three are weighed by their likelihood and
merged into one normal by their moments. On a clear jump the estimate is then the raw cell with the raw cell's error.

Everything here is post-processing of released cells; nothing after the last day given is used.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from hubbub.publish.common_days import with_common_days
from hubbub.publish.kalman import Days, Floats, Ints, Spreads, filter_days, smooth_days
from hubbub.publish.weekly import WEEK, flat, weekly_shape

LEVEL_STEPS = (0.003, 0.015, 0.05, 0.15)
DAY_SPREADS = (0.02, 0.1, 0.35)
GRID: tuple[tuple[float, float], ...] = tuple((step, spread) for step in LEVEL_STEPS for spread in DAY_SPREADS)
FITTED = 512  # series from which the weights of the grid are taken, evenly spread over all
NEGLIGIBLE = 0.01
ROUNDS = 50
LANES = 4_096  # lanes that are filtered side by side: what fits the processor's cache
SMOOTHED_CELLS = 2**20  # lanes × days whose course is kept at once: 8 MB an array
FIRST_DAYS = 28


class Process(Struct, frozen=True):
    """How series move: pairs (φ, ψ) of `GRID` and how often each comes, Σ weights = 1."""

    pairs: tuple[tuple[float, float], ...]
    weights: tuple[float, ...]


EVEN = Process(GRID, (1 / len(GRID),) * len(GRID))


class Smoothed(NamedTuple):
    """Estimates of days without noise, and their error variances, of the shape that was asked for.

    Infinite variance: the series has no cell up to that day. A day without a cell among days with cells is estimated
    from the others.
    """

    estimate: Floats
    variance: Floats


def filtered(
    values: npt.ArrayLike,
    variances: npt.ArrayLike,
    *,
    weekday: int | None = None,
    together: bool = False,
    process: Process | None = None,
    dispersion: float = 1.0,
) -> Smoothed:
    """The last day of each series, in the light of it and all days before: float[n] estimate and variance.

    values      float[n, d]: cells by series and day; NaN where there is none
    variances   float[n, d], or what broadcasts to it: of the noise on each cell
    weekday     of the first day, 0 for Monday, when a week has a shape; None: every day alike
    together    the series are of one whole, pages of a site say: what a day is for all of them is taken into account
    process     from `fit`, of like series; None: of these
    dispersion  κ: 1 for counts, 0 for sums in other units
    """
    found = _estimated(_days(values, variances, weekday, together=together), process, dispersion, LANES, past=False)
    return Smoothed(found.estimate[-1], found.variance[-1])


def smoothed(
    values: npt.ArrayLike,
    variances: npt.ArrayLike,
    *,
    weekday: int | None = None,
    together: bool = False,
    process: Process | None = None,
    dispersion: float = 1.0,
) -> Smoothed:
    """Every day of each series in the light of all of them: float[n, d]; the last one is what `filtered` says."""
    days = _days(values, variances, weekday, together=together)
    most = min(LANES, max(len(GRID), SMOOTHED_CELLS // len(days.values)))
    found = _estimated(days, process, dispersion, most, past=True)
    return Smoothed(found.estimate.T, found.variance.T)


def fit(
    values: npt.ArrayLike,
    variances: npt.ArrayLike,
    *,
    weekday: int | None = None,
    together: bool = False,
    dispersion: float = 1.0,
) -> Process:
    """How often each pair of process spreads comes among these series; arguments as for `filtered`."""
    return _fit(_days(values, variances, weekday, together=together), dispersion)


def _days(values: npt.ArrayLike, variances: npt.ArrayLike, weekday: int | None, *, together: bool) -> Days:
    """Checked, day by series. Raises `ValueError` for a cell whose variance is negative or not a number."""
    cells = np.asarray(values, np.float64)
    if cells.ndim != 2 or not cells.shape[1]:
        raise ValueError("values are series by day, of at least one day")
    seen = np.isfinite(cells).T
    spread = np.broadcast_to(np.asarray(variances, np.float64), cells.shape).T
    if not (spread[seen] >= 0).all():
        raise ValueError("a cell's variance is at least 0")
    noise = np.where(seen & np.isfinite(spread), np.maximum(np.nan_to_num(spread), 1e-9), np.inf)
    plain = np.where(np.isfinite(noise), np.nan_to_num(cells.T), 0.0)
    weekdays: Ints = np.zeros(len(plain), np.int64)
    shape = flat(plain.shape[1])
    if weekday is not None:
        weekdays = (np.arange(len(plain)) + weekday) % WEEK
        shape = weekly_shape(plain, noise, weekdays)
    early = np.isfinite(noise).cumsum(axis=0)
    first = np.isfinite(noise) & (early <= FIRST_DAYS)
    levels = (plain * first).sum(axis=0) / np.maximum(first.sum(axis=0), 1)
    factors, errors = np.ones(len(plain)), np.zeros(len(plain))
    days = Days(plain, noise, weekdays, shape.shares, shape.errors, np.maximum(levels, 1.0), factors, errors)
    return with_common_days(days) if together else days


def _estimated(days: Days, process: Process | None, dispersion: float, most: int, *, past: bool) -> Smoothed:
    """All days, or the last: float[d, n] or float[1, n]. Few series are filtered once, for both fit and estimate."""
    count, series = days.values.shape
    if process is None and series * len(GRID) > most:
        process = _fit(days, dispersion)
    estimate, variance = np.zeros((count if past else 1, series)), np.zeros((count if past else 1, series))
    for chunk, lanes, spreads in _chunks(series, process or EVEN, dispersion, most):
        mine = days.of(lanes)
        found, track = filter_days(mine, spreads, keep_track=past)
        weights = posterior(found.likelihood, process or pooled(found.likelihood))
        whole = (found.estimate[None], found.variance[None]) if track is None else smooth_days(mine, found, track)
        estimate[:, chunk], variance[:, chunk] = _mixed(*whole, weights)
    return Smoothed(estimate, variance)


def _fit(days: Days, dispersion: float) -> Process:
    """From evenly chosen series; pairs that hardly ever come are left out."""
    series = days.values.shape[1]
    chosen = np.unique(np.linspace(0, series - 1, min(series, FITTED)).astype(np.int64)) if series else np.zeros(0, int)
    sample = days.of(chosen)
    likelihoods = np.zeros((len(GRID), len(chosen)))
    for chunk, lanes, spreads in _chunks(len(chosen), EVEN, dispersion, LANES):
        found, _ = filter_days(sample.of(lanes), spreads)
        likelihoods[:, chunk] = found.likelihood.reshape(len(GRID), -1)
    whole = pooled(likelihoods)
    kept = [(pair, weight) for pair, weight in zip(whole.pairs, whole.weights, strict=True) if weight]
    return Process(tuple(pair for pair, _ in kept), tuple(weight for _, weight in kept))


def mixing(likelihood: Floats, rounds: int) -> Floats:
    """How often each of g kinds comes among n series, float[g], from their log-likelihoods under each, float[g, n].

    The nonparametric maximum likelihood estimate of a mixing distribution by EM (Laird, JASA 73, 1978), with one more
    series spread evenly over the kinds.
    """
    kinds, series = likelihood.shape
    likely = np.exp(likelihood - likelihood.max(axis=0, initial=-np.inf))
    weights = np.full(kinds, 1 / kinds)
    for _ in range(rounds):
        shares = weights[:, None] * likely
        shares /= shares.sum(axis=0)
        weights = (shares.sum(axis=1) + 1 / kinds) / (series + 1)
    return weights


def pooled(likelihood: Floats, grid: tuple[tuple[float, float], ...] = GRID) -> Process:
    """Weights of a whole grid from the log-likelihoods of its lanes, by EM; none for pairs that hardly ever come."""
    weights = mixing(likelihood.reshape(len(grid), -1), ROUNDS)
    weights = np.where(weights >= NEGLIGIBLE, weights, 0.0)
    return Process(grid, tuple((weights / weights.sum()).tolist()))


def _chunks(series: int, process: Process, dispersion: float, most: int) -> Iterator[tuple[slice, Ints, Spreads]]:
    """Series a few at a time, each with every pair: their slice, the series of each lane, the spreads of each lane."""
    pairs = len(process.pairs)
    width = max(1, most // pairs)
    for start in range(0, series, width):
        chunk = slice(start, min(series, start + width))
        mine = np.arange(chunk.start, chunk.stop)
        steps, spreads = np.array(process.pairs).T
        lanes = np.tile(mine, pairs)
        yield chunk, lanes, Spreads(np.repeat(steps, len(mine)), np.repeat(spreads, len(mine)), dispersion)


def posterior(likelihood: Floats, process: Process) -> Floats:
    """Weights of the pairs for each series, float[g, n], from the log-likelihood of each lane."""
    weights = np.array(process.weights)
    known = np.log(np.where(weights > 0, weights, 1.0)) + np.where(weights > 0, 0.0, -np.inf)
    found = likelihood.reshape(len(process.pairs), -1) + known[:, None]
    found = np.exp(found - found.max(axis=0))
    return np.asarray(found / found.sum(axis=0), np.float64)


def _mixed(estimates: Floats, variances: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Mean and variance of the mixture over pairs: of lanes float[…, g n] to series float[…, n]."""
    pairs, series = weights.shape
    shape = (*estimates.shape[:-1], pairs, series)
    each, spread = estimates.reshape(shape), variances.reshape(shape)
    known = np.isfinite(spread)
    mean = (weights * each).sum(axis=-2)
    apart = (weights * np.where(known, spread + (each - mean[..., None, :]) ** 2, 0.0)).sum(axis=-2)
    return mean, np.where(known.all(axis=-2), apart, np.inf)
