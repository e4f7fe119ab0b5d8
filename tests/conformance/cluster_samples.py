"""Days, a clock, and rows for the suites over both state databases."""

from datetime import date

DAY = date(2026, 3, 2)
NEXT = date(2026, 3, 3)
NOON_MS = 1_772_452_800_000  # 2026-03-02 12:00 UTC


class SetClock:
    """A clock that stands until it is set."""

    def __init__(self, ms: int = NOON_MS) -> None:
        self.ms = ms

    def now_ms(self) -> int:
        return self.ms
