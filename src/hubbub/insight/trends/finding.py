"""From marts to findings: gather the series, scan all together, put sizes and kinds to what was found, group it."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from math import e, log
from types import MappingProxyType

import numpy as np

from hubbub.core.settings import Settings
from hubbub.insight.calendar import holidays_of
from hubbub.insight.change import compare
from hubbub.insight.findings import Finding, Findings, Kind
from hubbub.insight.trends.changes import Change, Form
from hubbub.insight.trends.gathering import CITY, Series, gather, measures_of
from hubbub.insight.trends.grouping import grouped
from hubbub.insight.trends.scanning import scan
from hubbub.publish.intervals import Z95, Estimate
from hubbub.publish.kalman import Flags, Floats
from hubbub.publish.marts import Marts

NEVER: Mapping[tuple[str, str], Sequence[date]] = MappingProxyType({})
NEWS = 0.01  # share of the whole up to which a key that begins is no news
LASTING = 4  # days after which a change that goes on is told as one of the level
NEXT_TO_NONE = 0.05
FADED, FADED_DAYS = 0.1, 3
TOLD = 0.5  # probability from which a finding is told
ODDS = 1 / 365  # a change a year: how likely one is on a day before anything is seen


def find_changes(
    marts: Marts,
    settings: Settings,
    last: date,
    counted: Mapping[tuple[str, str], Sequence[date]] = NEVER,
) -> Findings:
    """All findings in the marts, until the day `last`; the same marts give the same findings.

    counted  by source and measure, the days from which on it is counted otherwise: no change is told of them
    """
    series = gather(marts, settings, last)
    states = {source.name: marts.version(source.name) for source in settings.sources}
    spans = {source.name: span for source in settings.sources if (span := marts.span(source.name))}
    ends = {name: span.last for name, span in spans.items()}
    if sites := [ends[site.name] for site in settings.sites if site.name in ends]:
        ends[CITY] = max(sites)
    if not series.names:
        return Findings(states, ends)
    days = series.days()
    holidays = {day for year in {each.year for each in days} for day in holidays_of(settings.holidays, year)}
    changes = scan(
        series.values,
        series.variances,
        series.first,
        holidays=holidays,
        dispersion=series.dispersion,
        begins=np.where(series.parents >= 0, series.begins, len(days)),
        floor=_floors(series),
        anew=_anew(series, counted),
    )
    found = [_finding(series, change, len(days) - 1) for change in changes]
    found = [one for one in found if one.probability >= TOLD]
    return Findings(states, ends, len(series.names), grouped(found, settings))


def _anew(series: Series, counted: Mapping[tuple[str, str], Sequence[date]]) -> Flags:
    """Bool[n, d]: the days on which a series is counted otherwise than before."""
    found = np.zeros(series.values.shape, np.bool_)
    days = series.values.shape[1]
    for place, name in enumerate(series.names):
        for measure in measures_of(name):
            told = [(day - series.first).days for day in counted.get((name.source, measure), ())]
            found[place, [at for at in told if 0 <= at < days]] = True
    return found


def _floors(series: Series) -> Floats:
    """Float[n]: what a key must go beyond to be news."""
    seen = np.isfinite(series.values)
    mean = np.where(seen, series.values, 0.0).sum(axis=1) / np.maximum(seen.sum(axis=1), 1)
    return np.where(series.parents >= 0, NEWS * np.maximum(mean[series.parents], 0.0), 0.0)


def _finding(series: Series, change: Change, last: int) -> Finding:
    """A change of one series in the words of `insight.findings`."""
    before, now, known, scatter = change.size()
    whole = float(series.wholes[change.series])
    before, now, known, scatter = before / whole, now / whole, known / whole, scatter / whole
    compared = compare(_estimate(now, scatter), _estimate(before, known))
    p_value = min(change.p_value, 1.0)
    until = _faded(series.values[change.series], change, now) if change.form is Form.BEGUN else change.until
    return Finding(
        series.names[change.series],
        _kind(series, change, before, now, last),
        series.first + timedelta(change.found),
        series.first + timedelta(change.since),
        None if until is None else series.first + timedelta(until),
        before,
        now,
        now - before,
        (known**2 + scatter**2) ** 0.5,
        p_value,
        _probability(p_value),
        compared.ratio,
        compared.low,
        compared.high,
    )


def _faded(cells: Floats, change: Change, usual: float) -> int | None:
    """The last day of a key that was new and is hardly there any more; None: it is."""
    there = np.flatnonzero(cells > FADED * usual)
    return int(there[-1]) if len(there) and there[-1] < len(cells) - FADED_DAYS and there[-1] > change.since else None


def _estimate(value: float, stderr: float) -> Estimate:
    return Estimate(value, stderr, value - Z95 * stderr, value + Z95 * stderr, True)


def _kind(series: Series, change: Change, before: float, now: float, last: int) -> Kind:
    if series.is_share[change.series]:
        return Kind.MIX
    if change.form is Form.BEGUN:
        return Kind.EMERGING
    if change.form is Form.GONE:
        return Kind.VANISHED
    if change.form is Form.SLOPE:
        return Kind.SLOPE
    lasts = change.form is Form.LEVEL or (change.until is None and last - change.since + 1 >= LASTING)
    if not lasts:
        return Kind.SPIKE if change.rises else Kind.DROP
    if series.names[change.series].where and min(before, now) < NEXT_TO_NONE * max(before, now):
        return Kind.EMERGING if change.rises else Kind.VANISHED
    return Kind.RISE if change.rises else Kind.FALL


def _probability(p_value: float) -> float:
    """At most how likely a change is given its p-value, from odds of `ODDS`.

    A p-value p multiplies the odds by no more than 1/(−e p ln p), whatever the alternative (Sellke, Bayarri & Berger,
    "Calibration of p values for testing precise null hypotheses", The American Statistician 55, 2001).
    """
    if p_value >= 1 / e:
        return ODDS
    bound = -e * max(p_value, 1e-300) * log(max(p_value, 1e-300))
    return 1 / (1 + bound * (1 - ODDS) / ODDS)
