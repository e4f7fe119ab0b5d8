"""Where the parts of a home stand: in its folder or, for a cluster, in PostgreSQL and in folders that are shared."""

import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from sqlalchemy import Engine

from hubbub.core.days import HOUR_MS
from hubbub.core.errors import ConfigError, Refused
from hubbub.core.ports import Clock
from hubbub.core.settings import Settings
from hubbub.release.postgresql import SCHEME, open_shared_state
from hubbub.release.state import open_state
from hubbub.store.keyfile import KeyFile
from hubbub.store.keys import KeyStore
from hubbub.store.shared_keys import SharedKeys
from hubbub.store.wrapping import WrappingFolder

STATE = "HUBBUB_STATE"
STATE_FILE = "state.db"


def check_places(settings: Settings) -> None:
    """Raises ConfigError for a state database of another kind, Refused for a password in the file."""
    url = settings.state
    if not url:
        return
    try:
        parts = urlsplit(url)
        has_password = parts.password is not None or "password" in dict(parse_qsl(parts.query))
    except ValueError:
        raise ConfigError("state", "something that is no URL", f"{SCHEME}://user@host/name") from None
    if has_password:
        raise Refused(
            "state: a password does not belong into hubbub.yaml. Leave it out there and put it into a file that only "
            f"hubbub's user may read: ~/.pgpass or the one that PGPASSFILE names. Or set {STATE} to the whole URL"
        )
    if parts.scheme != SCHEME:
        raise ConfigError("state", f"the kind {parts.scheme!r}", f"{SCHEME}://user@host/name, or nothing for a file")


def shared_state(settings: Settings) -> str:
    """The URL of the state database, from the environment or the settings; "" when it is a file of the home."""
    return os.environ.get(STATE) or settings.state


def open_database(folder: Path, settings: Settings) -> Engine:
    """The state database of the home in `folder`."""
    url = shared_state(settings)
    return open_shared_state(url) if url else open_state(folder / STATE_FILE)


def open_keys(folder: Path, settings: Settings, clock: Clock, database: Callable[[], Engine]) -> KeyStore:
    """The key store of the home in `folder`; `database` opens the state database, which only a cluster's needs."""
    keys_folder = folder / (settings.keys_folder or "keys")
    if shared_state(settings):
        return SharedKeys(database(), keys_folder, clock)
    return KeyFile(keys_folder / "keys.db", clock)


def destroy_out_of_reach(folder: Path, settings: Settings, now_ms: int) -> None:
    """When the state database is out of reach: destroy what opens the secrets of days that were kept too long."""
    if shared_state(settings):
        limit_ms = now_ms - settings.keep_hours * HOUR_MS
        WrappingFolder(folder / (settings.keys_folder or "keys")).destroy_older(limit_ms)
