"""Which of a day's tests are discoveries, so that over all days few of them are false.

Batch Benjamini–Hochberg (Zrnic, Jiang, Ramdas & Jordan, "The power of batching in multiple hypothesis testing",
AISTATS 2020): each day's p-values go through the procedure of Benjamini & Hochberg (JRSS B 57, 1995) at a level α_t of
the day, and Σ_t α_t R⁺_t / (R⁺_t + Σ_{s≠t} R_s) ≤ α bounds the false discovery rate, R the number of discoveries and R⁺
what it could be at most if one p-value were 0. Days further back count less (the decaying memory of Ramdas, Yang,
Wainwright & Jordan, NIPS 2017), so that a quiet year does not use up what the next one may spend.
"""

import numpy as np
from msgspec import Struct

from hubbub.publish.kalman import Flags, Floats

RATE = 0.1
TESTED = 0.8  # of the rate that is tested at: what is left is for what the model of a series does not know
MEMORY = 0.98  # a day's weight on the next: about fifty days


class _Day(Struct):
    """A day that is remembered: its level, its discoveries, and what they could have been; all with its weight."""

    level: float
    found: int
    most: int
    weight: float = 1.0


class Discoveries:
    """Decides day after day; `rate` is the share of false discoveries that is allowed."""

    def __init__(self, rate: float = RATE) -> None:
        self._rate = TESTED * rate
        self._days: list[_Day] = []
        self._allowed = 0.0

    def decide(self, p_values: Floats) -> Flags:
        """Which of today's p-values (float[n], NaN where nothing was tested) are discoveries: bool[n]."""
        tested = np.isfinite(p_values)
        count = int(tested.sum())
        for day in self._days:
            day.weight *= MEMORY
        self._days = [day for day in self._days if day.weight > 0.001]
        self._allowed = MEMORY * self._allowed + (1 - MEMORY) * self._rate
        if not count:
            return np.zeros(len(p_values), np.bool_)
        level = self._level(count)
        ordered = np.sort(p_values[tested])
        found, most = _rejected(ordered, level), _rejected(np.concatenate(([0.0], ordered[:-1])), level)
        self._days.append(_Day(level, found, max(found, most, 1)))
        bound = level * found / count
        return tested & (np.nan_to_num(p_values, nan=2.0) <= bound) if found else np.zeros(len(p_values), np.bool_)

    def _level(self, count: int) -> float:
        """What today may spend: what is allowed less what the days before have spent."""
        found = sum(day.weight * day.found for day in self._days)
        spent = sum(
            day.weight * day.level * day.most / (day.most + max(found - day.weight * day.found, 0.0))
            for day in self._days
        )
        left = max(self._allowed - spent, 0.0)
        return min(self._rate, left * (count + found) / count)


def _rejected(ordered: Floats, level: float) -> int:
    """How many Benjamini & Hochberg reject, of p-values in order."""
    under = np.flatnonzero(ordered <= level * np.arange(1, len(ordered) + 1) / len(ordered))
    return int(under[-1]) + 1 if len(under) else 0
