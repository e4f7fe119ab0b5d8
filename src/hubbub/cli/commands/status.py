"""`hubbub status`: the operator's exact counters of days that are not closed yet."""

from collections import Counter
from collections.abc import Mapping

import msgspec

from hubbub.cli.home import Home
from hubbub.cli.options import HERE, HomeOption, JsonOption
from hubbub.cli.presenting import command_app
from hubbub.cli.upgrading import upgrade
from hubbub.core.reasons import BESIDE, DropReason
from hubbub.operate.outbox import counts
from hubbub.serve.status import workers

app = command_app()


@app.command(name="status")
def show_status(json: JsonOption = False, home: HomeOption = HERE) -> None:
    """Show what was received, accepted and dropped (by reason) in the days that are not closed yet.

    What was left out of rows that are kept (undeclared properties, refused terms and amounts) is told apart.
    These counters are exact, so they are the operator's alone: they are read from sealed files and from
    sockets that only this user may open, they enter no page or API, and they die when the day closes.
    """
    here = Home.open(home)
    live = workers(here.run_folder)
    counters = here.raw.counters()
    accepted = sum(each.accepted for each in counters.values())
    dropped: Counter[DropReason] = Counter()
    for each in counters.values():
        dropped.update(each.dropped)
    left_out = Counter({reason: dropped.pop(reason) for reason in sorted(BESIDE & dropped.keys())})
    outbox = _outbox(here)
    told = {
        "received": accepted + dropped.total(),
        "accepted": accepted,
        "dropped": {str(reason): count for reason, count in dropped.most_common()},
        "left_out": {str(reason): count for reason, count in left_out.most_common()},
        "days": [
            {
                "source": source,
                "day": day.isoformat(),
                "accepted": each.accepted,
                "dropped": _told(each.dropped, False),
                "left_out": _told(each.dropped, True),
            }
            for (source, day), each in counters.items()
        ],
        "workers": live,
        "outbox": outbox,
    }
    if json:
        print(msgspec.json.encode(told).decode())
        return
    print(f"received {accepted + dropped.total():,}, accepted {accepted:,}, dropped {dropped.total():,}")
    for reason, count in dropped.most_common():
        print(f"{count:>12,} {reason}")
    for reason, count in left_out.most_common():
        print(f"{count:>12,} left out of rows that are kept: {reason}")
    for (source, day), each in counters.items():
        name = source or "(no site named)"
        print(f"{day} {name}: {each.accepted:,} accepted, {sum(_told(each.dropped, False).values()):,} dropped")
    print(f"{len(live)} {'worker answers' if len(live) == 1 else 'workers answer'}")
    if outbox:
        print(f"messages: {outbox['waiting']:,} to be sent, {outbox['given_up']:,} given up (`hubbub alerts list`)")


def _outbox(home: Home) -> dict[str, int]:
    """How many messages wait and how many were given up in the last 30 days; {} where nobody is told anything."""
    if not home.has_ledger or not (home.settings.alerts.channels or home.settings.reports):
        return {}
    upgrade(home.database)
    with home.database.connect() as connection:
        found = counts(connection)
    return {"waiting": found.get("waiting", 0), "given_up": found.get("given_up", 0)}


def _told(dropped: Mapping[DropReason, int], beside: bool) -> dict[str, int]:
    """The reasons of one kind by name: for which hits were dropped, or something was left out of a kept row."""
    return {str(reason): count for reason, count in sorted(dropped.items()) if (reason in BESIDE) is beside}
