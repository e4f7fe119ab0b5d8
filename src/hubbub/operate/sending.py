"""Sends what waits in the outbox, for a bounded time; what fails waits longer each time."""

from collections.abc import Callable
from threading import Thread
from time import monotonic

from msgspec import Struct
from sqlalchemy import Engine

from hubbub.core.ports import Clock
from hubbub.operate.messages import Message
from hubbub.operate.outbox import Letter, Outcome, claim, settle

LONGEST_ATTEMPT_S = 60.0  # each step of an attempt has a timeout; a receiver that answers in drops meets none of them

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
        outcome = _attempt(deliver, letter, message)
        ended[settle(engine, letter, outcome, clock.now_ms())] += 1
        if outcome.ended == "later":
            failing.add(letter.channel)
    return Sent(**ended)


def _attempt(deliver: Deliver, letter: Letter, message: Message) -> Outcome:
    """What comes of an attempt, or that it has come to no end. It is not waited for then, and ends with the process."""
    ended: list[Outcome] = []
    thread = Thread(target=lambda: ended.append(deliver(letter, message)), name="hubbub-delivery", daemon=True)
    thread.start()
    thread.join(LONGEST_ATTEMPT_S)
    return ended[0] if ended else Outcome("later", f"no end within {LONGEST_ATTEMPT_S:.0f} s")
