"""Released cells: the only form in which a number leaves raw rows."""

from datetime import date
from enum import StrEnum

from msgspec import Struct


class Gap(StrEnum):
    """Why a slot of a measure has no cells."""

    NONE = ""
    FORFEITED = "forfeited"  # debited, then a crash before the draw was kept: paid for and lost
    LATE = "late"  # an hour that was not released in time
    KEPT_BACK = "kept_back"  # raw rows died before they could be released


class Released(Struct, frozen=True):
    """The noised cells of one (source, day, measure, slot), final. Made by the ledger alone.

    slot        hour slot 0..24 of the local day, or None for the whole day
    dimensions  what the keys are, in order; () for a single number
    keys        one tuple a cell, sorted; every key is public or passed its threshold
    values      noised counts, integers, may be negative
    variance    of the noise on each value (that of the discrete Gaussian)
    is_new      per cell: it passed the threshold of new keys on this very release (so it is biased upwards)
    threshold   what new keys had to exceed; 0 where every key is public
    hidden      per cell: a new key that no one has confirmed yet; marts leave it out
    gap         why there are no cells
    trial       the home's budget was too large for the numbers to be private
    entry       hash of the ledger entry that paid
    parts       values count in 1/`parts`
    tells, of   of a declared table: what is measured, and of which number (see `release.plan.MeasurePlan`)
    low, high   the range of that number
    bound       within which a unit counted (see `release.plan.Bound`)
    """

    source: str
    day: date
    measure: str
    slot: int | None
    dimensions: tuple[str, ...]
    keys: tuple[tuple[str, ...], ...]
    values: tuple[int, ...]
    variance: float
    is_new: tuple[bool, ...]
    threshold: int
    hidden: tuple[bool, ...]
    gap: Gap
    trial: bool
    entry: str
    parts: int = 1
    tells: str = ""
    of: str = ""
    low: float = 0.0
    high: float = 0.0
    bound: int = 0
