"""A home: the folder that holds everything, and the parts of hubbub put together on it, each at first use."""

from collections.abc import Iterable
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Engine as Database

from hubbub.cli.clock import SystemClock
from hubbub.cli.config import load_settings
from hubbub.cli.places import STATE_FILE, open_database, open_keys, shared_state
from hubbub.cli.seen_files import SeenFiles
from hubbub.cli.upgrading import upgrade
from hubbub.core.errors import InputError
from hubbub.core.ports import Clock
from hubbub.core.settings import Settings, Site
from hubbub.core.tables import Table
from hubbub.operate.operators import Operators
from hubbub.operate.schedule import OpenDay
from hubbub.publish.marts import Marts
from hubbub.release.close import Closer
from hubbub.release.engines import Engine
from hubbub.release.ledger import Ledger
from hubbub.release.public_keys import PublicKeys
from hubbub.release.state import claim
from hubbub.store.engines.duckdb import engine_of
from hubbub.store.keys import KeyStore
from hubbub.store.raw import RawStore


class Home:
    """The parts of one home. Nothing is opened before it is asked for."""

    def __init__(self, folder: Path, settings: Settings, clock: Clock) -> None:
        self.folder = folder
        self.settings = settings
        self.clock = clock

    @classmethod
    def open(cls, folder: Path, clock: Clock | None = None) -> "Home":
        """The home in `folder`. Raises InputError, ConfigError or Refused for its hubbub.yaml."""
        folder = folder.absolute()
        return cls(folder, load_settings(folder), clock or SystemClock())

    @property
    def raw_folder(self) -> Path:
        """Sealed rows of open days."""
        return self.folder / (self.settings.raw_folder or "raw")

    @property
    def run_folder(self) -> Path:
        """Sockets of running workers."""
        return self.folder / "run"

    @cached_property
    def database(self) -> Database:
        """The state database, as it is found."""
        return open_database(self.folder, self.settings)

    @cached_property
    def keys(self) -> KeyStore:
        """Secrets of open days."""
        return open_keys(self.folder, self.settings, self.clock, lambda: self.database)

    @cached_property
    def raw(self) -> RawStore:
        """Raw rows of open days."""
        return RawStore(self.raw_folder, self.keys, self.clock)

    @cached_property
    def ledger(self) -> Ledger:
        """What was released and what it cost."""
        upgrade(self.database)
        return Ledger(self.database, self.clock)

    @cached_property
    def operators(self) -> Operators:
        """Accounts, sessions, API keys and the log of changes."""
        upgrade(self.database)
        return Operators.of(self.database, self.clock, self.settings.sign_in, self.settings.address)

    @property
    def has_ledger(self) -> bool:
        """Whether a state database is there already: asking for `ledger` would make one."""
        return bool(shared_state(self.settings)) or (self.folder / STATE_FILE).exists()

    @cached_property
    def public_keys(self) -> PublicKeys:
        """Keys that are known beforehand, and new ones that wait for a confirmation."""
        return PublicKeys(self.ledger.engine)

    @cached_property
    def marts(self) -> Marts:
        """Released cells as tables."""
        return Marts(self.folder / "marts")

    def site(self, name: str) -> Site:
        """The site of this name. Raises InputError."""
        site = self.settings.site(name)
        if site is None:
            known = ", ".join(each.name for each in self.settings.sites)
            raise InputError("--site", f"hubbub.yaml has no site {name!r}", f"It has: {known}.")
        return site

    def table(self, name: str) -> Table:
        """The declared table of this name. Raises InputError."""
        table = self.settings.table(name)
        if table is None:
            known = ", ".join(each.name for each in self.settings.tables) or "none"
            raise InputError("--table", f"hubbub.yaml has no table {name!r}", f"It has: {known}.")
        return table

    def closer(self, sites: Engine[Any] | None = None) -> Closer:
        """What closes days and releases hours; `sites` counts those of sites, without it this process does."""
        parts = (self.raw, self.keys, self.ledger, self.public_keys, self.settings, self.publish)
        return Closer(*parts, engine_of(self.folder), sites=sites)

    def publish(self, source: str, days: Iterable[date]) -> None:
        """Write the marts of the months of these days again, from what the ledger keeps."""
        for month in sorted({day.replace(day=1) for day in days}):
            last = (month.replace(day=28) + (date.resolution * 4)).replace(day=1) - date.resolution
            self.marts.write(source, month, self.ledger.released(source, month, last))

    def republish(self, source: str) -> None:
        """Write all marts of a source again, after keys were shown or hidden. Waits for a close that publishes, too:
        it may have read which keys are hidden before.
        """
        with claim(self.ledger.engine):
            self.publish(source, self.ledger.months(source))

    def open_days(self) -> list[OpenDay]:
        """Every (source, day) that still has secrets or raw rows; source "" for what named no site."""
        origins = {(item.source, item.day): item.origins for item in self.raw.days()}
        return [
            OpenDay(source, day, created_ms, origins.get((source, day), frozenset()) not in ({"log"}, {"table"}))
            for source, day, created_ms in self.keys.open_days()
        ]

    def seen_files(self, source: str) -> SeenFiles:
        """Which logs were imported into open days of this source."""
        return SeenFiles(self.raw_folder / "imports" / source)
