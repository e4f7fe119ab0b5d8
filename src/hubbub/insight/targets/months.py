"""Daily numbers by month, asked for again only when a file of that month is another one."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import numpy as np

from hubbub.publish.kalman import Floats
from hubbub.publish.marts import Manifest, Marts

MOST = 8_192  # months of single series, under 1 kB each

Ask = Callable[[date, date], Floats]


class Months:
    """Remembers months; of one thread at a time."""

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], tuple[tuple[str, ...], Floats]] = {}
        self._manifests: dict[str, Manifest] = {}

    def look(self) -> None:
        """What is published may have changed since."""
        self._manifests = {}
        if len(self._kept) > MOST:
            self._kept = {}

    def days(self, key: object, sources: Sequence[str], marts: Marts, span: tuple[date, date], ask: Ask) -> Floats:
        """Columns by day, float[k, d], over these days; `ask` gives those of a whole month."""
        first, last = span
        month, found = first.replace(day=1), []
        while month <= last:
            following = (month + timedelta(32)).replace(day=1)
            files = tuple(self._file(source, month, marts) for source in sources)
            kept = self._kept.get((key, month))
            if kept is None or kept[0] != files:
                kept = files, ask(month, following - timedelta(1))
                self._kept[key, month] = kept
            found.append(kept[1])
            month = following
        start = first.day - 1
        return np.concatenate(found, axis=1)[:, start : start + (last - first).days + 1]

    def _file(self, source: str, month: date, marts: Marts) -> str:
        if source not in self._manifests:
            self._manifests[source] = marts.manifest(source)
        entry = self._manifests[source].months.get(f"{month:%Y-%m}")
        return entry.file if entry else ""
