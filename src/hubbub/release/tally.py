"""Counts of rows that are too many to be in memory at once: part by part, added up.

Every measure is a sum over units, each bounded by its own rows alone, and a part has all rows of its units; so the sum
of the parts' counts is the count of all rows, cell by cell, however many parts there are.

Everything here is before the noise, and before it is paid for: counts stay in memory, nothing looks at one.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar

from hubbub.core.errors import StoreError
from hubbub.release.counting import Counts
from hubbub.release.plan import MeasurePlan

KeysByDay = Mapping[date, Sequence[str]]
P = TypeVar("P")
P_co = TypeVar("P_co", covariant=True)


class Parts(Protocol[P_co]):
    """Parts of whole units (`store.parts`). How many is known; they come again whenever they are asked for."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[P_co]: ...


class Ready(Protocol):
    """A part that is ready to be counted."""

    def list_keys(self, dimension: str, keys: KeysByDay) -> None:
        """Set the keys of a day for what is counted over them."""
        ...

    def count_all(self, measures: Sequence[MeasurePlan]) -> dict[str, Counts]:
        """The bounded counts of measures, by name."""
        ...

    def close(self) -> None:
        """Forget the part."""
        ...


class Tally(Generic[P]):
    """All parts of some rows, to be counted.

    parts     the rows
    begin     makes a part ready for some measures
    measures  all that will be counted, in one go or several: a single part is made ready once, for all of them
    """

    def __init__(
        self,
        parts: Parts[P],
        begin: Callable[[P, Sequence[MeasurePlan]], Ready],
        measures: Sequence[MeasurePlan],
    ) -> None:
        self._parts, self._begin, self._measures = parts, begin, measures
        self._only: Ready | None = None

    def count(
        self,
        measures: Sequence[MeasurePlan],
        keys: Mapping[str, KeysByDay] | None = None,
        heard: Callable[[float], None] = lambda _: None,
    ) -> dict[str, Counts]:
        """The bounded counts of measures, over the keys of each day by dimension where that matters.

        `heard` is told how many of the parts are done, 0 … 1. Raises `StoreError`.
        """
        total: dict[str, Counts] = {}
        try:
            for place, ready in enumerate(self._made_ready(measures) if measures else ()):
                for dimension, by_day in (keys or {}).items():
                    ready.list_keys(dimension, by_day)
                add(total, ready.count_all(measures))
                heard((place + 1) / len(self._parts))
        except MemoryError:  # Arrow's, too
            raise StoreError(
                "memory ran out while rows were counted; nothing is lost, run it again with more"
            ) from None
        return total

    def close(self) -> None:
        """Forget the rows."""
        if self._only is not None:
            self._only.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _made_ready(self, measures: Sequence[MeasurePlan]) -> Iterator[Ready]:
        """Each part in turn, forgotten before the next one comes; a single one stays."""
        if len(self._parts) == 1:
            if self._only is None:
                (part,) = self._parts
                self._only = self._begin(part, self._measures)
            yield self._only
            return
        for part in self._parts:
            ready = self._begin(part, measures)
            try:
                yield ready
            finally:
                ready.close()


def add(total: dict[str, Counts], more: Mapping[str, Counts]) -> None:
    """Add integer counts to a total, cell by cell."""
    for measure, counts in more.items():
        for day, cells in counts.items():
            sums = total.setdefault(measure, {}).setdefault(day, {})
            for key, n in cells.items():
                sums[key] = sums.get(key, 0) + n
