"""Sends what waits in the outbox, for a bounded time; what fails waits longer each time."""

from collections.abc import Callable
from time import monotonic

from msgspec import Struct
from sqlalchemy import Engine

from hubbub.core.ports import Clock
from hubbub.operate.messages import Message
from hubbub.operate.outbox import Letter, Outcome, claim, settle

Deliver = Callable[[Letter, Message], Outcome]


class Sent(Struct, frozen=True):
    """How many messages were sent, wait for another attempt, and were given up."""

    sent: int = 0
    waiting: int = 0
    given_up: int = 0


def send_waiting(engine: Engine, deliver: Deliver, clock: Clock, sender: str, patience_s: float) -> Sent:
    """Send what is due until nothing is, or the time is up. A channel that fails is left alone for the rest of it, so
    that one receiver that hangs does not keep the others' messages back.
    """
    ended = {"sent": 0, "waiting": 0, "given_up": 0}
    failing: set[str] = set()
    start = monotonic()
    while monotonic() - start < patience_s:
        claimed = claim(engine, sender, clock.now_ms(), failing)
        if claimed is None:
            break
        letter, message = claimed
        outcome = deliver(letter, message)
        ended[settle(engine, letter, outcome, clock.now_ms())] += 1
        if outcome.ended == "later":
            failing.add(letter.channel)
    return Sent(**ended)
