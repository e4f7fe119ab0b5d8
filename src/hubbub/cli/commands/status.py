"""`hubbub status`: the operator's exact counters of days that are not closed yet."""

from collections import Counter

import msgspec

from hubbub.cli.home import Home
from hubbub.cli.options import HERE, HomeOption, JsonOption
from hubbub.cli.presenting import command_app
from hubbub.core.reasons import DropReason
from hubbub.serve.status import workers

app = command_app()


@app.command(name="status")
def show_status(json: JsonOption = False, home: HomeOption = HERE) -> None:
    """Show what was received, accepted and dropped (by reason) in the days that are not closed yet.

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
    told = {
        "received": accepted + dropped.total(),
        "accepted": accepted,
        "dropped": {str(reason): count for reason, count in dropped.most_common()},
        "days": [
            {
                "source": source,
                "day": day.isoformat(),
                "accepted": each.accepted,
                "dropped": {str(reason): count for reason, count in sorted(each.dropped.items())},
            }
            for (source, day), each in counters.items()
        ],
        "workers": live,
    }
    if json:
        print(msgspec.json.encode(told).decode())
        return
    print(f"received {accepted + dropped.total():,}, accepted {accepted:,}, dropped {dropped.total():,}")
    for reason, count in dropped.most_common():
        print(f"{count:>12,} {reason}")
    for (source, day), each in counters.items():
        name = source or "(no site named)"
        print(f"{day} {name}: {each.accepted:,} accepted, {sum(each.dropped.values()):,} dropped")
    print(f"{len(live)} {'worker answers' if len(live) == 1 else 'workers answer'}")
