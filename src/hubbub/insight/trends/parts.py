"""Some of the series of a scan, from day to day: what is tested, what becomes of what was found, and the filter told.

Days that are out of all expectation do not move the level; after `LASTS` of them they are the new level. A change of
level or slope that was found later is made known to the filter at once.
"""

from typing import NamedTuple

import numpy as np

from hubbub.insight.trends.changes import Change, Form
from hubbub.insight.trends.comings import LOOKS, MISSED, Comings
from hubbub.insight.trends.evidence import LEAST, combined, skewed, special, two_sided
from hubbub.insight.trends.lanes import Bank, Today
from hubbub.insight.trends.onsets import Onsets
from hubbub.insight.trends.season import EVERY, Season
from hubbub.publish.kalman import Flags, Floats

WARM = 28  # cells of a series before it is judged
LASTS = 8  # days after which what is out of all expectation is the new level
NEAR = 3  # a change of level so many days ago may yet be one of some days only
SHIFT_AGES = (2, 3, 4, 6, 9, 13, 19, 28)
SLOPE_AGES = tuple(range(15, 71))
WEIGHTS = (0.4, 0.4, 0.2)  # of the day, of a level, of a slope
SLOPE_HANDICAP = 0.5  # by which a slope must tell more than a level to be taken for one
CANDIDATE = 3.0  # |z| under which no test is looked at closely
DAY_SPREAD = 0.1  # of days that are a new level, relative to it


class Look(NamedTuple):
    """What is known of a day before it is decided what is a discovery: float[n] and bool[n] each.

    score   of the day by itself; `warm` series are judged, and `taken` ones move the filter
    gains   of level and slope of the best lanes
    new, above    series that begin, and how far they are above nothing
    gone, chance  series that are gone, and how often so much is missed by chance
    """

    day: int
    today: Today
    score: Floats
    taken: Flags
    warm: Flags
    gains: tuple[Floats, Floats]
    new: Flags
    above: Floats
    gone: Flags
    chance: Floats


class Part:
    """Series that are looked at together, as many as the processor's cache holds; arrays are day by series.

    start  place of its first series among all
    """

    def __init__(
        self,
        start: int,
        cells: Floats,
        noise: Floats,
        own: Floats,
        anew: Flags,
        season: Season,
        comings: Comings,
    ) -> None:
        self.start = start
        self._cells, self._noise, self._own, self._anew = cells, noise, own, anew
        self._season, self._comings = season, comings
        self._clean = noise.copy()  # infinite where a cell says nothing of the level
        series = cells.shape[1]
        self._bank = Bank(series)
        self._shifts = Onsets(series, max(SHIFT_AGES) + 2, SHIFT_AGES)
        self._slopes = Onsets(series, 10, SLOPE_AGES, every=7, slope=True)
        self._open: dict[int, Change] = {}
        self._watched: list[Change] = []
        self.found: list[Change] = []

    def look(self, day: int) -> Floats:
        """The day's p-values: float[n], NaN where nothing is tested."""
        if day % EVERY == 0 and day:
            self._season.learn(self._cells[:day], self._clean[:day])
            self._bank.pool()
        cells, noise = self._cells[day], self._noise[day]
        for series in np.flatnonzero(self._anew[day]).tolist():
            self._bank.widen(series)
            self._forget(series)
            self._open.pop(series, None)
        share, error = self._season.share(day)
        today = self._bank.expect(cells, noise, share, error, self._own[day])
        taken = np.isfinite(noise) & self._bank.begun
        score = (cells - today.mean) / np.sqrt(today.total)
        self._comings.take(day, cells, noise)
        for change in list(self._open.values()):
            self._follow(change, day, float(score[change.series]), taken)
        warm = taken & (self._bank.days >= WARM)
        surprise, spread, *gains = self._bank.gains(today)
        for onsets in (self._shifts, self._slopes):
            onsets.open_day(day)
            onsets.take(share, surprise, spread, warm)
        self._look = Look(day, today, score, taken, warm, (gains[0], gains[1]), *self._coming())
        return self._p_values(self._look)

    def finish(self, discoveries: list[int], p_values: Floats) -> list[Change]:
        """Note the discoveries among the day's series, and take the day in; the changes that were noted."""
        look, before = self._look, len(self.found)
        for series in discoveries:
            if look.new[series] or look.gone[series]:
                self._note_coming(series, look, float(p_values[series]))
            else:
                self._discover(series, look, float(p_values[series]))
                look.taken[series] = False  # what was made known to the filter holds today's cell already
        day, today = look.day, look.today
        for onsets in (self._shifts, self._slopes):
            onsets.follow(today.share, *look.gains, look.warm & look.taken)
        cells, noise = self._cells[day], self._noise[day]
        if self._season.is_holiday(day):
            self._season.saw_holiday(day, cells, np.where(np.isfinite(noise), today.scatter, np.inf), today.level)
        self._watch(day, today)
        self._bank.take(today, look.taken)
        self._bank.begin(today, cells, noise)
        return self.found[before:]

    def _follow(self, change: Change, day: int, score: float, taken: Flags) -> None:
        """What becomes of a change of some days: it goes on, ends, or is the new level."""
        series = change.series
        if not taken[series]:
            return
        if change.has_ended(day, score):
            del self._open[series]
            return
        taken[series] = False
        self._clean[day, series] = np.inf
        if day - change.since + 1 >= LASTS:
            change.form = Form.LEVEL
            del self._open[series]
            self._settle(series, change.since, day)

    def _settle(self, series: int, since: int, day: int) -> None:
        """The days since are the new level."""
        days = np.arange(since, day + 1)
        days = days[np.isfinite(self._noise[days, series])]
        shares = np.array([self._season.share(int(each))[0][series] for each in days])
        cells = self._cells[days, series]
        mean = max(float(cells.mean()), 1.0)
        spread = self._noise[days, series] + mean + (DAY_SPREAD * mean) ** 2
        bottom = max(float((shares**2 / spread).sum()), LEAST)
        self._bank.settle(series, float((shares * cells / spread).sum()) / bottom, 1 / bottom)
        self._forget(series)

    def _coming(self) -> tuple[Flags, Floats, Flags, Floats]:
        new, above = self._comings.begun()
        gone, chance = self._comings.gone(*self._bank.level_of())
        return new, above, gone, chance

    def _p_values(self, look: Look) -> Floats:
        shifts, slopes, today = self._shifts.scores(), self._slopes.scores(), look.today
        judged = look.warm & look.taken
        largest = np.abs(np.vstack((look.score, shifts, slopes))).max(axis=0)
        p_values = np.where(judged, 1.0, np.nan)
        near = np.flatnonzero(judged & (largest > CANDIDATE))
        if len(near):
            far = look.score[near] * np.sqrt(today.total[near] / today.spread[:, near])
            tails = two_sided(skewed(far, self._bank.skewness(today, near)))
            of_day = (self._bank.weights[:, near] * tails).sum(axis=0, keepdims=True)
            p_values[near] = combined([of_day, *(_tails(scores[:, near]) for scores in (shifts, slopes))], WEIGHTS)
        p_values[look.new] = np.minimum(1.0, len(LOOKS) * special().ndtr(-look.above[look.new]))
        p_values[look.gone] = look.chance[look.gone]
        return p_values

    def _note_coming(self, series: int, look: Look, p_value: float) -> None:
        """Note a series that begins, once, or one that is gone."""
        day, score = look.day, float(-special().ndtri(max(p_value, LEAST)))
        if not look.new[series]:
            level, error = self._bank.level_at(series)
            self._note(Change(series, day, day - MISSED + 1, Form.GONE, False, level, error, 0.0, p_value, score))
        elif not any(one.series == series and one.form is Form.BEGUN for one in self.found):
            since = int(self._comings.first[series])
            self._note(Change(series, day, since, Form.BEGUN, True, 0.0, 0.0, 0.0, p_value, score))

    def _discover(self, series: int, look: Look, p_value: float) -> None:
        """Note a change of the most likely form, and make it known to the filter."""
        day, today, score = look.day, look.today, float(look.score[series])
        level, error = self._bank.level_at(series)
        slope = self._bank.slope_at(series)
        shift, growth = self._shifts.best(series), self._slopes.best(series)
        fits = (abs(score), abs(shift.score), abs(growth.score) - SLOPE_HANDICAP)
        best = fits.index(max(fits))
        if best == 2:
            before = level + growth.behind * growth.size - growth.size * (day - growth.since)
            change = Change(
                series, day, growth.since, Form.SLOPE, growth.size > 0, before, error, slope, p_value, growth.score
            )
            self._bank.move(
                series, growth.behind * growth.size, growth.incline * growth.size, growth.spread / growth.size**2
            )
        elif best == 1 and shift.since < day:
            before = level - (1 - shift.behind) * shift.size
            is_near = day - shift.since < NEAR
            form = Form.DAYS if is_near else Form.LEVEL
            change = Change(series, day, shift.since, form, shift.size > 0, before, error, slope, p_value, shift.score)
            change.strength = float(shift.size * today.share[series] / np.sqrt(today.total[series]))
            if is_near:
                self._bank.move(series, (shift.behind - 1) * shift.size, shift.incline * shift.size)
            else:
                spread = shift.spread / shift.size**2
                self._bank.move(series, shift.behind * shift.size, shift.incline * shift.size, spread)
        else:
            change = Change(series, day, day, Form.DAYS, score > 0, level, error, slope, p_value, score, score)
        if change.form is Form.DAYS:
            change.sure = day
            self._open[series] = change
            self._clean[change.since : day + 1, series] = np.inf
        self._forget(series)
        self._note(change)

    def _note(self, change: Change) -> None:
        self.found.append(change)
        self._watched.append(change)
        for day in range(change.since, change.found):
            if np.isfinite(self._noise[day, change.series]):
                cell, noise = float(self._cells[day, change.series]), float(self._noise[day, change.series])
                change.add(day, cell, float(self._season.share(day)[0][change.series]), noise + abs(cell))

    def _watch(self, day: int, today: Today) -> None:
        """Take the size of what was found from the days that follow."""
        self._watched = [change for change in self._watched if change.is_watched(day)]
        for change in self._watched:
            series = change.series
            if np.isfinite(self._noise[day, series]):
                cell, scatter = float(self._cells[day, series]), float(today.scatter[series])
                change.add(day, cell, float(today.share[series]), scatter)

    def _forget(self, series: int) -> None:
        self._shifts.forget(series)
        self._slopes.forget(series)


def _tails(scores: Floats) -> Floats:
    """P-values of onsets; of one that knows nothing yet one half, which is no evidence either way."""
    return np.where(scores == 0, 0.5, two_sided(scores))
