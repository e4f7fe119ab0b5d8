"""The outcome of an audit, for the public page: plain values, so that pages need not know the release room."""

from datetime import date
from typing import Literal

from msgspec import Struct


class BrokenCopy(Struct, frozen=True):
    """A copy of a mechanism that was broken on purpose.

    fault   what is wrong with it, in words
    runs    on each of the two inputs, as many as it took
    found   the lower bound that the same test gave
    caught  that bound exceeds what is declared
    """

    fault: str
    runs: int
    found: float
    caught: bool


class AuditedMechanism(Struct, frozen=True):
    """One mechanism and what many runs of it on two neighbouring inputs showed.

    name      for programs
    says      what is released, in words
    bounds    what is bounded: "epsilon" at `delta`, or "delta" itself (how often a threshold fails)
    runs      on each of the two inputs
    declared  what it may cost at most
    delta     at which ε is declared; for "delta" the same as `declared`
    lowest    what it costs at least, as far as the runs show
    highest   of "delta", what it is at most; else 0: an upper bound on ε cannot be had from runs
    holds     `lowest` does not exceed `declared`
    event     what told most, in words
    broken    the broken copies
    """

    name: str
    says: str
    bounds: Literal["epsilon", "delta"]
    runs: int
    declared: float
    delta: float
    lowest: float
    highest: float
    holds: bool
    event: str
    broken: tuple[BrokenCopy, ...]


class AuditText(Struct, frozen=True):
    """An audit.

    day       it was made on (UTC)
    hubbub, opendp, python   the versions that were audited
    runs      of each mechanism on each of two inputs
    risk      the probability that any bound of the sound mechanisms is wrong by chance, all together
    mechanisms  in the order of the code
    """

    day: date
    hubbub: str
    opendp: str
    python: str
    runs: int
    risk: float
    mechanisms: tuple[AuditedMechanism, ...]

    @property
    def holds(self) -> bool:
        """No mechanism was found to cost more than is declared."""
        return all(each.holds for each in self.mechanisms)

    @property
    def broken(self) -> int:
        """How many broken copies there were."""
        return sum(len(each.broken) for each in self.mechanisms)

    @property
    def caught(self) -> int:
        """How many of them were caught."""
        return sum(copy.caught for each in self.mechanisms for copy in each.broken)
