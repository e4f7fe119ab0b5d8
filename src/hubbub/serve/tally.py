"""What one worker process has counted since the city's midnight. Whole-process figures, by no site or reason."""

import os
from datetime import date

from msgspec import Struct

from hubbub.core.days import bounds, day_of
from hubbub.core.ports import Clock


class WorkerStatus(Struct, frozen=True):
    """A worker's answer to the operator.

    received  events read from the network today; accepted, dropped and refused ones, and the queue, add up to it
    accepted  rows on disk
    dropped   dropped with a reason
    refused   answered with 503
    queue     waiting for the disk at this moment
    pid       the process
    started   when it started, milliseconds since 1970 UTC
    """

    received: int
    accepted: int
    dropped: int
    refused: int
    queue: int
    pid: int
    started: int


class Tally:
    """The counters. They are exact, so they begin anew with each local day of the city and outlive none."""

    __slots__ = ("_clock", "_started", "_zone", "accepted", "dropped", "ends_ms", "received", "refused")

    def __init__(self, clock: Clock, zone: str) -> None:
        self._clock, self._zone = clock, zone
        self._started = clock.now_ms()
        self.ends_ms = 0
        self.received = self.accepted = self.dropped = self.refused = 0
        self.begin(self._started)

    def begin(self, ms: int) -> None:
        """Begin anew with the day of `ms`, counting on what still waits for the disk."""
        self.received -= self.accepted + self.dropped + self.refused
        self.accepted = self.dropped = self.refused = 0
        day: date = day_of(ms, self._zone)
        self.ends_ms = bounds(day, self._zone).end_ms

    def status(self) -> WorkerStatus:
        """The figures now; asked for from any thread, so it changes nothing."""
        received, accepted, dropped, refused = self.received, self.accepted, self.dropped, self.refused
        queue = max(received - accepted - dropped - refused, 0)
        if self._clock.now_ms() >= self.ends_ms:
            received, accepted, dropped, refused = queue, 0, 0, 0
        return WorkerStatus(received, accepted, dropped, refused, queue, os.getpid(), self._started)
