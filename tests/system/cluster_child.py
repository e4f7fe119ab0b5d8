"""One process of a cluster's machine that commits rows without a pause, and says which are stored."""

import asyncio
import random
import sys
from contextlib import suppress
from datetime import date
from pathlib import Path

from hubbub.cli.clock import SystemClock
from hubbub.cli.home import Home
from hubbub.core.errors import DayClosed, Overloaded
from hubbub.core.rows import Row
from hubbub.core.settings import Settings, Site
from hubbub.store import leases
from hubbub.store.journal import Journal

DAYS = (date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4))
SOURCES = ("a.example", "b.example")
SENDERS = 24
PAUSE_S = 0.1  # of a sender, from row to row: a commit is under way nearly always, and no machine is busy with it
ROOM = 10_000_000
LEASE_S, MARGIN_S, OBSERVED_S, BEAT_S = 3.0, 1.0, 1.0, 0.5


def machine(folder: Path, url: str) -> Home:
    """A home of its own, with what the machines share beside it."""
    folder.mkdir(exist_ok=True)
    shared = {name: str(folder.parent / name) for name in ("raw", "keys")}
    sites = tuple(Site(name) for name in SOURCES)
    return Home(folder, Settings(sites, state=url, raw_folder=shared["raw"], keys_folder=shared["keys"]), SystemClock())


async def send(journal: Journal, home: Home, first: int, number: int) -> None:
    """Rows of one sender, until all of its days are closed; a refused row is sent again, as a tracker would."""
    source = SOURCES[number % len(SOURCES)]
    open_days = list(DAYS)
    tag = first + number
    while open_days:
        day = open_days[tag // SENDERS % len(open_days)]
        try:
            home.keys.visitor_secret(source, day)
            outcome = await journal.append(source, day, Row(tag, tag, 0, 12, 1, "/"))
        except Overloaded:
            await asyncio.sleep(0.05)
            continue
        except DayClosed:
            open_days.remove(day)
            continue
        if outcome is None:
            print(tag, source, day, flush=True)
        else:
            open_days.remove(day)
        tag += SENDERS
        await asyncio.sleep(random.uniform(0, 2 * PAUSE_S))


async def work(home: Home, first: int) -> None:
    """All senders over one journal."""
    journal = None
    while journal is None:
        with suppress(Overloaded):
            journal = Journal(home.raw_folder, home.keys, home.clock, worker=f"worker-{first}")
    await asyncio.gather(*(send(journal, home, first, number) for number in range(SENDERS)))
    await asyncio.to_thread(journal.close)


if __name__ == "__main__":
    leases.LEASE_S, leases.MARGIN_S, leases.BEAT_S = LEASE_S, MARGIN_S, BEAT_S
    asyncio.run(work(machine(Path(sys.argv[1]), sys.argv[2]), int(sys.argv[3]) * ROOM))
