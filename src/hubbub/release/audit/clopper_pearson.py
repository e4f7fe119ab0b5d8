"""Exact confidence bounds on a probability, from how often something happened.

Source: Clopper and Pearson, *The use of confidence or fiducial limits illustrated in the case of the binomial* (1934).
"""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

_HALVINGS = 60


def at_least(happened: int, runs: int, risk: float) -> float:
    """A p such that the true probability is under it with probability at most `risk`: the largest p at which seeing
    `happened` of `runs` or more has probability at most `risk`, to within 2⁻⁶⁰ and from below.
    """
    if not 0 <= happened <= runs or runs < 1:
        raise ValueError(f"{happened} of {runs} runs")
    if happened == 0:
        return 0.0
    low, high = 0.0, happened / runs
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _tail(happened, runs, middle) <= risk:
            low = middle
        else:
            high = middle
    return low


def at_most(happened: int, runs: int, risk: float) -> float:
    """The same from above."""
    return 1.0 - at_least(runs - happened, runs, risk)


def _tail(happened: int, runs: int, p: float) -> float:
    """Pr[X ≥ happened], X binomial with `runs` and `p`; terms are summed in logarithms, to about ten digits."""
    if p <= 0.0:
        return 0.0
    logs = _log_factorials(runs)
    k = np.arange(happened, runs + 1)
    terms = logs[runs] - logs[k] - logs[runs - k] + k * np.log(p) + (runs - k) * np.log1p(-p)
    return float(np.exp(terms).sum()) * (1 + 1e-9)


@lru_cache(maxsize=4)
def _log_factorials(most: int) -> npt.NDArray[np.float64]:
    """ln(0!), ln(1!) … ln(most!)."""
    return np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, most + 1, dtype=np.float64)))])
