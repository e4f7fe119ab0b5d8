"""Did the level or the slope change some days ago? Likelihood ratios over when it did, from the filter's surprises.

A change of size δ that began on day s moves the surprise of each later day by δ h d, where d is how far the filter's
level is behind: it follows the change as its gains let it (Willsky & Jones, IEEE Trans. Automatic Control 21, 1976).
So with surprises e of variance F, the best δ is N/D with N = Σ h d e/F and D = Σ (h d)²/F, and N/√D is standard normal
where nothing changed. All onsets of the last days are carried along, float[a, n] of single precision: a slot an onset.
"""

from typing import NamedTuple

import numpy as np

from hubbub.insight.trends.lanes import DAMPING, SINGLE, Singles
from hubbub.publish.kalman import Flags, Floats

LEAST = 1e-30
CLIPPED = 4.0  # standard deviations from which one day's surprise counts for no more


class Onset(NamedTuple):
    """A change that may have begun on a day: its size and the variance of that, its score, and how far level and slope
    of the filter are behind a change of one.
    """

    since: int
    size: float
    spread: float
    score: float
    behind: float
    incline: float


class Onsets:
    """Changes of one kind that may have begun on one of the last days.

    slots  how many onsets are kept; `every` how many days apart; `ages` after how many days each is tested
    slope  the slope changed, and not the level
    """

    def __init__(self, series: int, slots: int, ages: tuple[int, ...], every: int = 1, *, slope: bool = False) -> None:
        self.ages = ages
        self._slots, self._every, self._slope = slots, every, slope
        shape = (slots, series)
        self._level: Singles = np.zeros(shape, SINGLE)
        self._incline: Singles = np.zeros(shape, SINGLE)
        self._top: Singles = np.zeros(shape, SINGLE)
        self._bottom: Singles = np.zeros(shape, SINGLE)
        self._begun = np.full(slots, -1, np.int64)  # the day each slot began
        self._day = -1

    def open_day(self, day: int) -> None:
        """A change may begin today."""
        self._day = day
        if day % self._every == 0:
            slot = day // self._every % self._slots
            self._begun[slot] = day
            self._level[slot], self._incline[slot] = float(not self._slope), float(self._slope)
            self._top[slot], self._bottom[slot] = 0.0, 0.0

    def take(self, share: Floats, surprise: Floats, spread: Floats, taken: Flags) -> None:
        """Weigh today's surprises: float[n] each, those that are not `taken` say nothing."""
        bounded = np.clip(surprise, -CLIPPED * np.sqrt(spread), CLIPPED * np.sqrt(spread))
        seen = np.where(taken, share / spread, 0.0)
        self._top += self._level * (seen * bounded).astype(SINGLE)
        self._bottom += self._level * self._level * (seen * share).astype(SINGLE)

    def follow(self, share: Floats, level_gain: Floats, slope_gain: Floats, taken: Flags) -> None:
        """How far the filter is behind after it took today's cells in and went on to tomorrow."""
        told = np.where(taken, share, 0.0)
        self._incline -= self._level * (told * slope_gain).astype(SINGLE)
        self._level *= (1 - told * level_gain).astype(SINGLE)
        self._level += self._incline
        self._incline *= SINGLE(DAMPING)

    def scores(self) -> Floats:
        """N/√D of the onsets that are tested today: float[k, n]."""
        slots = [slot for slot in range(self._slots) if self._begun[slot] >= 0 and self._age(slot) in self.ages]
        top, bottom = self._top[slots], self._bottom[slots]
        known = bottom > 0
        return np.where(known, top / np.sqrt(np.where(known, bottom, 1.0)), 0.0).astype(np.float64)

    def best(self, series: int) -> "Onset":
        """The most likely onset of a series."""
        tops, bottoms = self._top[:, series], np.maximum(self._bottom[:, series], LEAST).astype(np.float64)
        slot = int(np.where(self._begun >= 0, tops**2 / bottoms, -1.0).argmax())
        top, bottom = float(tops[slot]), float(bottoms[slot])
        behind, incline = float(self._level[slot, series]), float(self._incline[slot, series])
        return Onset(int(self._begun[slot]), top / bottom, 1 / bottom, top / bottom**0.5, behind, incline)

    def forget(self, series: int) -> None:
        """Nothing before tomorrow is thought of any more for this series."""
        for column in (self._level, self._incline, self._top, self._bottom):
            column[:, series] = 0.0

    def _age(self, slot: int) -> int:
        return self._day - int(self._begun[slot]) + 1
