"""A process that writes rows through a journal as fast as it can, and compacts; it says which rows are stored."""

import asyncio
import time
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path

from hubbub.core.reasons import DropReason
from hubbub.core.rows import Row
from hubbub.store.journal import Journal
from hubbub.store.keyfile import KeyFile
from hubbub.store.raw import RawStore

DAYS = (date(2026, 3, 2), date(2026, 3, 3))
SENDERS = 64
ROOM = 10_000_000


class SystemClock:
    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000


async def send(journal: Journal, told: Connection, first: int, number: int) -> None:
    day = DAYS[number % 2]
    source = f"portal{number % 3}.example"
    for tag in range(first + number, first + ROOM, SENDERS):
        row = Row(unit=tag, tag=tag, ms=1_772_452_800_000, hour=12, kind=1, page=f"/page/{tag % 997}")
        outcome = await journal.append(source, day, row)
        if outcome is None:
            told.send_bytes(tag.to_bytes(8, "little"))
        if tag % 50 == 0:
            journal.drop(source, day, DropReason.BOT)


async def work(home: Path, first: int, told: Connection) -> None:
    clock = SystemClock()
    keys = KeyFile(home / "keys" / "keys.db", clock)
    raw = RawStore(home / "raw", keys, clock)
    journal = Journal(home / "raw", keys, clock, worker=str(first // ROOM))

    async def compact_now_and_then() -> None:
        while True:
            await asyncio.to_thread(raw.compact)
            await asyncio.sleep(0.02)

    await asyncio.gather(compact_now_and_then(), *(send(journal, told, first, number) for number in range(SENDERS)))


def write_until_killed(home: Path, first: int, told: Connection) -> None:
    """Append rows with tags from `first` on; tell the tag of every acknowledged one."""
    asyncio.run(work(home, first, told))
