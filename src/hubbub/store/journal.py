"""The journal: live rows, on disk before anyone is told so.

Rows of a worker process are gathered while the commit before is under way, sealed by (source, day), written and
synced together by one thread. There is no timer: a row that finds the disk idle is committed at once.
"""

import threading
from asyncio import Future, get_running_loop
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from queue import Empty, SimpleQueue

from hubbub.core.errors import DayClosed, Overloaded
from hubbub.core.ports import Clock
from hubbub.core.reasons import DropReason
from hubbub.core.rows import Row
from hubbub.store import frames
from hubbub.store.disk import Disk
from hubbub.store.journal_file import JournalFile, cut_torn_tails
from hubbub.store.keys import KeyStore
from hubbub.store.layout import Layout
from hubbub.store.sealing import Seal
from hubbub.store.waiting import Batch, Outcome

QUEUE_ROWS = 20_000
TICK_S = 1.0
PATIENCE_S = 2.0
RETRY_S = 0.5

Key = tuple[str, date]
Drops = Counter[tuple[str, date, DropReason]]


class Journal:
    """One worker's journal; an `EventSink`. `append`, `append_all` and `drop` are for the event loop's thread.

    folder   the raw folder
    worker   names the journal's folder; no two live processes need different ones, but it reads better. Where
             machines share the raw folder more is added to it
    on_close called, from the writer's thread, when any process has closed or destroyed a day
    limit    rows waiting or being written beyond which `append` raises `Overloaded`

    A row or drop of a closed day is counted as dropped under source "" on the present UTC day, for its own day's
    counters may be gone; the row's future resolves to `DropReason.DAY_CLOSED`.
    """

    def __init__(
        self,
        folder: Path,
        keys: KeyStore,
        clock: Clock,
        *,
        worker: str = "main",
        limit: int = QUEUE_ROWS,
        disk: Disk | None = None,
        on_close: Callable[[], None] = lambda: None,
    ) -> None:
        layout = Layout(folder)
        self._keys = keys
        self._clock = clock
        self._limit = limit
        self._on_close = on_close
        self._wake: SimpleQueue[None] = SimpleQueue()
        guards = keys.guards(layout)
        cut_torn_tails(layout.journal, guards.finished)
        self._file = JournalFile(layout.journal, worker, clock, disk or guards.disk)
        self._right = guards.writer(worker, lambda: self._wake.put(None))
        self._epoch = keys.epoch()
        self._seals: dict[Key, tuple[bytes, Seal]] = {}
        self._lock = threading.Lock()
        self._batches: dict[Key, Batch] = {}
        self._drops: Drops = Counter()
        self._flushes: list[threading.Event] = []
        self._queued = 0
        self._refusal: str | None = None
        self._is_closing = False
        self._thread = threading.Thread(target=self._run, name="hubbub-journal", daemon=True)
        self._thread.start()

    @property
    def takes_rows(self) -> bool:
        """Whether `append` would take a row now; what `/healthz` tells."""
        return self._refusal is None and self._queued < self._limit

    def append(self, source: str, day: date, row: Row) -> "Future[DropReason | None]":
        """Queue a row. The future resolves to None when the row is on disk, to
        `DropReason.DAY_CLOSED` when its day takes no more, or to `Overloaded` when the disk failed.

        Raises `Overloaded` at once when the queue is full, the disk has just failed, or the journal is closed.
        """
        with self._lock:
            self._check_room(1)
            batch = self._batch(source, day)
            batch.rows.append(row)
            self._queued += 1
            return batch.wait()

    def append_all(self, rows: Sequence[tuple[str, date, Row]]) -> "list[Future[DropReason | None]]":
        """Queue rows for the same commit: all are on disk after it or none is, but those of days that take no more.

        A future each, in order, as of `append`; rows of one source and day share theirs. Raises `Overloaded` at once,
        and then none is queued.
        """
        waiters: dict[Key, Future[DropReason | None]] = {}
        with self._lock:
            self._check_room(len(rows))
            for source, day, row in rows:
                batch = self._batch(source, day)
                batch.rows.append(row)
                if (source, day) not in waiters:
                    waiters[source, day] = batch.wait()
            self._queued += len(rows)
        return [waiters[source, day] for source, day, _ in rows]

    def _check_room(self, rows: int) -> None:
        if self._refusal is not None:
            raise Overloaded(self._refusal)
        if self._queued + rows > self._limit:
            raise Overloaded("too many rows wait for the disk")

    def _batch(self, source: str, day: date) -> Batch:
        batch = self._batches.get((source, day))
        if batch is None:
            batch = self._batches[source, day] = Batch(get_running_loop())
            if len(self._batches) == 1:
                self._wake.put(None)
        return batch

    def drop(self, source: str, day: date, reason: DropReason) -> None:
        """Count a drop; `source` is "" when it is unknown. On disk with the next commit or within a second."""
        with self._lock:
            self._drops[source, day, reason] += 1

    def flush(self) -> None:
        """Wait until the drops counted so far are on disk, PATIENCE_S at the longest. For another thread's use."""
        written = threading.Event()
        with self._lock:
            self._flushes.append(written)
        self._wake.put(None)
        written.wait(PATIENCE_S)

    def close(self) -> None:
        """Write what is queued and end; rows appended from now on are refused."""
        with self._lock:
            self._refusal = "the journal is closed"
            self._is_closing = True
        self._wake.put(None)
        self._thread.join()

    def _run(self) -> None:
        while True:
            with suppress(Empty):
                self._wake.get(timeout=TICK_S)
            with self._lock:
                batches, self._batches = self._batches, {}
                drops, self._drops = self._drops, Counter()
                flushes, self._flushes = self._flushes, []
                is_closing = self._is_closing
            if batches or drops:
                self._finish(batches, self._commit(batches, drops))
            for written in flushes:
                written.set()
            if self._wake.empty():
                self._rest()
                if is_closing:
                    break
        self._file.close()
        self._right.close()

    def _rest(self) -> None:
        """Between commits: let closers in, forget what was destroyed, and end a file whose hour is over."""
        self._right.release()
        self._notice_closes()
        self._file.close_old()

    def _notice_closes(self) -> None:
        """When a day was closed or destroyed: drop its seal, and end the file so that it can be compacted away."""
        epoch = self._keys.epoch()
        if epoch != self._epoch:
            self._epoch = epoch
            self._seals.clear()
            self._file.close()
            self._on_close()

    def _commit(self, batches: dict[Key, Batch], drops: Drops) -> dict[Key, Outcome]:
        """Make rows and drops durable, or put the drops back; what became of each batch."""
        try:
            self._right.hold()
            self._file.move_to(self._right.name)
            self._notice_closes()
            outcomes = self._write(batches, Counter(drops))
            self._confirm()
            return outcomes
        except Exception as error:  # whatever it is, senders must not be left waiting
            refusal = error if isinstance(error, Overloaded) else Overloaded(f"rows cannot be stored: {_told(error)}")
            with self._lock:
                self._drops.update(drops)
            return dict.fromkeys(batches, refusal)

    def _confirm(self) -> None:
        try:
            self._right.confirm()
        except Overloaded:
            self._file.take_back()
            raise

    def _write(self, batches: dict[Key, Batch], drops: Drops) -> dict[Key, Outcome]:
        outcomes: dict[Key, Outcome] = {}
        sealed: dict[Key, tuple[Seal, list[Row], Counter[DropReason]]] = {}
        for key, batch in batches.items():
            try:
                sealed[key] = self._seal(*key), batch.rows, Counter()
                outcomes[key] = None
            except DayClosed:
                outcomes[key] = DropReason.DAY_CLOSED
                drops["", self._open_day(), DropReason.DAY_CLOSED] += len(batch.rows)
        for (source, day, reason), count in drops.items():
            key = ("", self._open_day()) if self._keys.is_closed(source, day) else (source, day)
            if key not in sealed:
                sealed[key] = self._seal(*key), [], Counter()
            sealed[key][2][reason] += count

        def frames_at(file: str, start: int) -> bytes:
            made = bytearray()
            for (source, day), (seal, rows, dropped) in sealed.items():
                made += frames.encode(file, start + len(made), source, day, rows, dropped, seal)
            return bytes(made)

        self._file.append(frames_at)
        return outcomes

    def _seal(self, source: str, day: date) -> Seal:
        data_key = self._keys.data_key(source, day)
        known = self._seals.get((source, day))
        if known is None or known[0] != data_key:
            known = self._seals[source, day] = (data_key, Seal(data_key))
        return known[1]

    def _open_day(self) -> date:
        """The present UTC day, or the first after it that source "" has open."""
        day = datetime.fromtimestamp(self._clock.now_ms() / 1000, UTC).date()
        while self._keys.is_closed("", day):
            day += timedelta(days=1)
        return day

    def _finish(self, batches: dict[Key, Batch], outcomes: dict[Key, Outcome]) -> None:
        """Tell those who wait. After a failure nothing is taken for a moment, so that a full disk is not hammered."""
        refusal = next((each for each in outcomes.values() if isinstance(each, Overloaded)), None)
        with self._lock:
            self._queued -= sum(len(batch.rows) for batch in batches.values())
            if refusal is not None and not self._is_closing:
                self._refusal = refusal.reason
        for key, batch in batches.items():
            batch.settle(outcomes[key])
        if refusal is not None:
            self._right.release()
            threading.Event().wait(RETRY_S)
            with self._lock:
                if not self._is_closing:
                    self._refusal = None


def _told(error: Exception) -> str:
    return error.strerror or "disk error" if isinstance(error, OSError) else type(error).__name__
