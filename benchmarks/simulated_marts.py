"""Marts of many sites and years for benchmarks: the portal plan's shape, numpy's noise, no raw rows behind them."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from rich.progress import track

from hubbub.core import vocabulary
from hubbub.core.keys import Measure
from hubbub.publish.marts import Marts
from hubbub.publish.tables import MART_SCHEMA

PAGES = tuple(f"/service/{number:03d}" for number in range(200))
VISITS = tuple(f"{visit}\x1f{label}" for visit in (1, 2) for label, _, _ in vocabulary.DURATION_BINS)
KEYS: tuple[tuple[Measure, tuple[str, ...], float], ...] = (
    # measure, its keys (two dimensions joined by U+001F), sigma at the default budget
    (Measure.VISITORS, ("",), 15.8),
    (Measure.PAGEVIEWS, ("",), 141.4),
    (Measure.PAGE_VISITORS, PAGES, 17.1),
    (Measure.PAGE_PAGEVIEWS, PAGES, 40.0),
    (Measure.ENTRY_PAGES, PAGES, 22.4),
    (Measure.EXIT_PAGES, PAGES, 22.4),
    (Measure.VISITS, VISITS, 16.9),
    (Measure.CHANNELS, vocabulary.CHANNELS, 18.3),
    (Measure.REFERRERS, vocabulary.REFERRERS, 18.3),
    (Measure.CAMPAIGNS, ("spring", "vaccination"), 22.4),
    (Measure.COUNTRIES, vocabulary.COUNTRIES, 22.4),
    (Measure.DEVICES, vocabulary.DEVICES, 31.6),
    (Measure.BROWSERS, vocabulary.BROWSERS, 31.6),
    (Measure.SYSTEMS, vocabulary.SYSTEMS, 31.6),
    (Measure.LANGUAGES, vocabulary.LANGUAGES, 31.6),
    (Measure.EVENTS, tuple(f"Event {number:02d}" for number in range(30)), 31.6),
    (Measure.CONTRIBUTIONS, tuple(label for label, _ in vocabulary.CONTRIBUTION_BINS), 31.6),
)
HOURLY = ((Measure.VISITORS_HOUR, 13.3), (Measure.PAGEVIEWS_HOUR, 54.8))
VISITORS_A_DAY = 20_000
Floats = npt.NDArray[np.float64]


def write_marts(folder: Path, last: date, *, years: int = 5, sites: int = 20, seed: int = 1) -> Marts:
    """Write marts of `years` up to the day `last` for `sites` sites, `site-00.example` and so on."""
    rng = np.random.default_rng(seed)
    marts = Marts(folder)
    months = months_up_to(last, 12 * years)
    work = [(f"site-{number:02d}.example", month) for number in range(sites) for month in months]
    for source, month in track(work, "simulating marts"):
        marts.write_table(source, month, month_table(source, month, last, rng))
    return marts


def months_up_to(last: date, count: int) -> list[date]:
    """First days of the `count` months up to that of `last`."""
    newest = last.year * 12 + last.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(newest - count + 1, newest + 1)]


def month_table(source: str, month: date, last: date, rng: np.random.Generator) -> pa.Table:
    """One month of one site: Zipf-like keys, a weekly rhythm, noise of each measure's sigma."""
    days = [day for offset in range(31) if (day := month + timedelta(days=offset)).month == month.month]
    days = [day for day in days if day <= last]
    level = np.array([VISITORS_A_DAY * (0.6 if day.weekday() > 4 else 1.0) for day in days])
    parts = [
        _cells(source, days, measure.value, keys, None, np.outer(level, _shares(len(keys))), sigma, rng)
        for measure, keys, sigma in KEYS
    ]
    rhythm = np.outer(level, np.sin(np.linspace(0, np.pi, 24)) / 15)
    parts += [_cells(source, days, measure.value, (), 24, rhythm, sigma, rng) for measure, sigma in HOURLY]
    return pa.concat_tables(parts)


def _shares(keys: int) -> Floats:
    weights = 1 / np.arange(1, keys + 1)
    return np.asarray(weights / weights.sum(), np.float64)


def _cells(
    source: str,
    days: list[date],
    measure: str,
    keys: tuple[str, ...],
    hours: int | None,
    means: Floats,
    sigma: float,
    rng: np.random.Generator,
) -> pa.Table:
    """Cells of all days by key, or by hour."""
    width = hours or len(keys)
    rows = len(days) * width
    place = pa.array(np.tile(np.arange(width), len(days)))
    pairs = [key.partition("\x1f")[::2] for key in keys] or [("", "")] * width
    columns = {
        "source": pa.repeat(source, rows),
        "day": pa.array(np.repeat(np.array(days, "datetime64[D]"), width)),
        "hour": pa.array(np.tile(np.arange(width, dtype="int8"), len(days))) if hours else pa.nulls(rows, pa.int8()),
        "measure": pa.repeat(measure, rows),
        "key1": pa.array([first for first, _ in pairs]).take(place),
        "key2": pa.array([second for _, second in pairs]).take(place),
        "value": pa.array(np.rint(means + rng.normal(0, sigma, means.shape)).astype("int64").ravel()),
        "variance": pa.repeat(sigma**2, rows),
        "is_new": pa.repeat(False, rows),
        "threshold": pa.repeat(0, rows),
        "gap": pa.repeat("", rows),
        "trial": pa.repeat(False, rows),
    }
    return pa.table(columns).cast(MART_SCHEMA)
