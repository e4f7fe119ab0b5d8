"""Marts of a machine of a cluster: made again where another machine released something, or a key was shown or hidden.

`<home>/marts.seen` says how far the ledger was, and which keys were hidden, when the marts were written last.
"""

from hashlib import sha256

import msgspec
from msgspec import Struct

from hubbub.cli.home import Home
from hubbub.cli.places import shared_state
from hubbub.release.public_keys import Standing
from hubbub.release.state import claim

FILE = "marts.seen"
UNSEEN = (Standing.WAITING, Standing.REVOKED)


class Seen(Struct, frozen=True):
    """The newest entry of the ledger that the marts hold, and a digest of the keys that they hide."""

    entries: int = 0
    hidden: str = ""


def catch_up(home: Home) -> int:
    """Write the months again that may have changed; how many. Nothing where the home has its database to itself."""
    if not shared_state(home.settings):
        return 0
    path = home.folder / FILE
    try:
        before = msgspec.json.decode(path.read_bytes(), type=Seen)
    except (FileNotFoundError, msgspec.DecodeError):
        before = Seen()
    with claim(home.ledger.engine):
        known = [each for each in home.public_keys.known() if each.standing in UNSEEN]
        told = sorted(f"{each.source}|{each.dimension}|{each.key}" for each in known)
        now = Seen(home.ledger.count(), sha256("\n".join(told).encode()).hexdigest())
        if now == before:
            return 0
        if now.hidden != before.hidden or now.entries < before.entries:
            months = {(source, month) for source in home.ledger.sources() for month in home.ledger.months(source)}
        else:
            months = {(each.source, each.day.replace(day=1)) for each in home.ledger.entries(before.entries)}
        for source, month in sorted(months):
            home.publish(source, [month])
        aside = path.with_suffix(".new")
        aside.write_bytes(msgspec.json.encode(now))
        aside.replace(path)
    return len(months)
