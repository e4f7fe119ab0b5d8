"""What a source's day has cost, as the ledger tells it to pages."""

from datetime import date

from msgspec import Struct


class DaySpent(Struct, frozen=True):
    """What one source paid for one local day: how many debits, their ρ together, and their δ for thresholds."""

    source: str
    day: date
    releases: int
    rho: float
    delta: float = 0.0
