"""Which of a day's tests are discoveries, so that over all days few of them are false.

Batch Benjamini–Hochberg (Zrnic, Jiang, Ramdas & Jordan, "The power of batching in multiple hypothesis testing",
AISTATS 2020): each day's p-values go through the procedure of Benjamini & Hochberg (JRSS B 57, 1995) at a level α_t of
the day, and Σ_t α_t R⁺_t / (R⁺_t + Σ_{s≠t} R_s) ≤ α bounds the false discovery rate, R the number of discoveries and R⁺
what it could be at most if one p-value were 0. Days further back count less (the decaying memory of Ramdas, Yang,
Wainwright & Jordan, NIPS 2017), so that a quiet year does not use up what the next one may spend.
"""

import numpy as np

from hubbub.publish.kalman import Flags, Floats

RATE = 0.1
TESTED = 0.8  # of the rate that is tested at: what is left is for what the model of a series does not know
MEMORY, FORGOTTEN = 0.98, 0.001  # a day's weight on the next: about fifty days


class Discoveries:
    """Decides day after day; `rate` is the share of false discoveries that is allowed."""

    def __init__(self, rate: float = RATE) -> None:
        self._rate = TESTED * rate
        self._days: Floats = np.zeros((4, 0))  # remembered ones: weight, level, discoveries, what they could be at most
        self._allowed = 0.0

    @property
    def level(self) -> float:
        """The level of the last day that was decided; 0 before."""
        return float(self._days[1, -1]) if self._days.shape[1] else 0.0

    def decide(self, p_values: Floats) -> Flags:
        """Which of today's p-values (float[n], NaN where nothing was tested) are discoveries: bool[n]."""
        tested = np.isfinite(p_values)
        count = int(tested.sum())
        self._days[0] *= MEMORY
        self._allowed = MEMORY * self._allowed + (1 - MEMORY) * self._rate
        if not count:
            return np.zeros(len(p_values), np.bool_)
        level = self._level(count)
        ordered = np.sort(p_values[tested])
        found, most = _rejected(ordered, level), _rejected(np.concatenate(([0.0], ordered[:-1])), level)
        today = np.array([[1.0], [level], [found], [max(found, most, 1)]])
        self._days = np.hstack((self._days[:, self._days[0] > FORGOTTEN], today))
        bound = level * found / count
        return tested & (np.nan_to_num(p_values, nan=2.0) <= bound) if found else np.zeros(len(p_values), np.bool_)

    def _level(self, count: int) -> float:
        """What today may spend: what is allowed less what the days before have spent."""
        weight, level, found, most = self._days
        all_found = float(weight @ found)
        spent = float((weight * level * most / (most + np.maximum(all_found - weight * found, 0.0))).sum())
        return min(self._rate, max(self._allowed - spent, 0.0) * (count + all_found) / count)


def _rejected(ordered: Floats, level: float) -> int:
    """How many Benjamini & Hochberg reject, of p-values in order."""
    under = np.flatnonzero(ordered <= level * np.arange(1, len(ordered) + 1) / len(ordered))
    return int(under[-1]) + 1 if len(under) else 0
