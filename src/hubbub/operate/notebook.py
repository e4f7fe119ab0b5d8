"""What analysts have written in the pages, kept in memory so that readers cost the state database next to nothing."""

import logging
from collections.abc import Callable
from hashlib import sha256
from threading import Lock

import sqlalchemy as sa
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Engine

from hubbub.core.errors import HubbubError
from hubbub.core.ports import Clock
from hubbub.core.targets import Target
from hubbub.insight.findings import Finding
from hubbub.operate.page_targets import add_target, change_target, load_packed, remove_target, unpack
from hubbub.operate.remarks import Personal, Remark, Verdict, add_note, judge, load_remarks, remove_note
from hubbub.operate.roles import Operator

FRESH_MS = 30_000  # what others wrote is seen after that; what the reader wrote, at once

_log = logging.getLogger("hubbub.notebook")


class Written(Struct, frozen=True):
    """Everything that is written down.

    state    a name of it
    targets  those that fit the settings
    misfits  those that no longer do, and why
    """

    state: str = ""
    remarks: tuple[Remark, ...] = ()
    targets: tuple[Target, ...] = ()
    misfits: tuple[tuple[Target, str], ...] = ()

    def target(self, name: str) -> Target | None:
        """The target of this name, whether or not it fits."""
        every = (*self.targets, *(one for one, _why in self.misfits))
        return next((one for one in every if one.name == name), None)


class Rules(Struct, frozen=True):
    """What may be written.

    personal  see `remarks.Personal`
    target    see `page_targets.Check`
    taken     names of the targets in hubbub.yaml
    """

    personal: Personal
    target: Callable[[Target], None]
    taken: frozenset[str] = frozenset()


class BlankBook:
    """Where nothing can be written."""

    @property
    def is_stale(self) -> bool:
        """Never."""
        return False

    def written(self) -> Written:
        """Nothing."""
        return Written()

    def refresh(self) -> None:
        """Nothing to be read."""


class Notebook(BlankBook):
    """Remarks and targets in a state database. Methods that write raise a HubbubError for what breaks the rules."""

    def __init__(self, engine: Engine, clock: Clock, rules: Rules) -> None:
        self.engine, self._clock, self.rules = engine, clock, rules
        self._kept: Written | None = None
        self._read_ms = 0
        self._lock = Lock()

    def written(self) -> Written:
        """What was read last; reads at the first time only."""
        if self._kept is None:
            self.refresh()
        assert self._kept is not None
        return self._kept

    @property
    def is_stale(self) -> bool:
        """Whether it is time to read again."""
        return self._kept is None or not 0 <= self._clock.now_ms() - self._read_ms < FRESH_MS

    def refresh(self) -> None:
        """Read again; what was known stays while the state database is out of reach."""
        self._read_ms = self._clock.now_ms()
        with self._lock:  # or what was read first could be kept last
            self._read()

    def _read(self) -> None:
        try:
            with self.engine.connect() as connection:
                remarks, packed = load_remarks(connection), load_packed(connection)
        except sa.exc.DBAPIError as error:
            _log.error("the state database does not answer (%s): notes stay as they were", type(error).__name__)
            self._kept = self._kept or Written()
            return
        state = sha256(repr((remarks, packed)).encode()).hexdigest()[:16] if remarks or packed else ""
        if self._kept is None or self._kept.state != state:
            self._kept = Written(state, remarks, *self._fitting(packed))

    def judge(self, operator: Operator, finding: Finding, verdict: Verdict, text: str) -> None:
        """See `remarks.judge`."""
        judge(self.engine, operator, finding, verdict, text, self.rules.personal, self._clock.now_ms())
        self.refresh()

    def add_note(self, operator: Operator, note: Remark) -> None:
        """See `remarks.add_note`; when it was written is added."""
        add_note(self.engine, operator, replace(note, at_ms=self._clock.now_ms()), self.rules.personal)
        self.refresh()

    def remove_note(self, operator: Operator, number: int) -> None:
        """See `remarks.remove_note`."""
        remove_note(self.engine, operator, number, self._clock.now_ms())
        self.refresh()

    def add_target(self, operator: Operator, target: Target) -> None:
        """See `page_targets.add_target`."""
        add_target(self.engine, operator, target, self.rules.taken, self.rules.target, self._clock.now_ms())
        self.refresh()

    def change_target(self, operator: Operator, target: Target) -> None:
        """See `page_targets.change_target`."""
        change_target(self.engine, operator, target, self.rules.target, self._clock.now_ms())
        self.refresh()

    def remove_target(self, operator: Operator, name: str) -> None:
        """See `page_targets.remove_target`."""
        remove_target(self.engine, operator, name, self._clock.now_ms())
        self.refresh()

    def _fitting(self, packed: tuple[str, ...]) -> tuple[tuple[Target, ...], tuple[tuple[Target, str], ...]]:
        """Targets that fit the settings, which may be others than when they were made, and the rest with reasons."""
        fitting, misfits = [], []
        for text in packed:
            target = unpack(text)
            if target.name in self.rules.taken:
                misfits.append((target, "hubbub.yaml has a target of this name"))
                continue
            try:
                self.rules.target(target)
            except HubbubError as error:
                misfits.append((target, str(error)))
            else:
                fitting.append(target)
        return tuple(fitting), tuple(misfits)
