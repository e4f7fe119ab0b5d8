"""Closing days from the command line and by the clock: which, and with what check of new pages afterwards."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from hubbub.cli.home import Home
from hubbub.core.days import bounds
from hubbub.release.close import CloseReport, Progress
from hubbub.release.engines import Engine
from hubbub.release.hours import finish_hours


def days_to_close(home: Home, source: str, wanted: Collection[date], include_today: bool = False) -> list[date]:
    """Those of the wanted days that have ended and are not closed, in order."""
    now_ms = home.clock.now_ms()
    zone = home.settings.zone_of(source)
    open_days = {day for name, day, _ in home.keys.open_days() if name == source}
    return sorted(
        day
        for day in open_days & set(wanted)
        if bounds(day, zone).end_ms <= now_ms or (include_today and bounds(day, zone).start_ms <= now_ms)
    )


def close_days(
    home: Home, source: str, days: Iterable[date], progress: Progress, sites: Engine[Any] | None = None
) -> CloseReport | None:
    """Release, publish and destroy these days of one source; None when there are none."""
    chosen = sorted(days)
    if not chosen:
        return None
    closer = home.closer(sites)
    for day in chosen:
        finish_hours(closer, source, day, home.clock.now_ms())
    return closer.close(source, chosen, progress=progress)


def forget_closed_logs(home: Home, source: str) -> None:
    """Remove the markers of imported files once no open day of the source has rows of a log."""
    if not any(item.source == source and {"log", "table"} & item.origins for item in home.raw.days()):
        home.seen_files(source).forget()
