"""The loop that follows logs until it is told to stop, and waits out what passes by itself."""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from threading import Event

from hubbub.cli.following import Follower, Following, Tell
from hubbub.cli.home import Home
from hubbub.collect.forgetting import forget
from hubbub.collect.logs.detection import check_name
from hubbub.core.errors import HubbubError, InputError, Refused
from hubbub.core.settings import Site

LOOK_S = 1.0
LONGEST_PAUSE_S = 30.0


def follow(home: Home, site: Site, logs: Sequence[Path], how: Following, stopped: Event, tell: Tell) -> None:
    """Follow the logs of a site until `stopped` is set; what was read by then is stored.

    Raises InputError when a log is in no known format or cannot be one, Refused when the site counts visits as they
    happen, or when a log is followed already.
    """
    _check(site, logs, how)
    with ExitStack() as stack:
        watches = []
        for log in logs:
            follower = Follower(home, site, log, how, tell)
            stack.callback(follower.close)
            stack.enter_context(follower.positions.alone())
            follower.begin()
            watches.append(_Watch(follower, tell))
        epoch = home.keys.epoch()
        while not stopped.is_set():
            is_busy = any([watch.look() for watch in watches])
            if home.keys.epoch() != epoch:  # a day was closed: nothing of it shall be left in memory either
                epoch = home.keys.epoch()
                forget()
            if not is_busy:
                stopped.wait(LOOK_S)
        for watch in watches:
            watch.end()


class _Watch:
    """A follower whose faults are waited out, longer each time."""

    def __init__(self, follower: Follower, tell: Tell) -> None:
        self._follower, self._tell = follower, tell
        self._pause_s = self._until_s = 0.0

    def look(self) -> bool:
        """Let the follower look, unless it is to wait; whether there may be more at once."""
        if time.monotonic() < self._until_s:
            return False
        try:
            if self._pause_s:
                self._follower.check()
                self._follower.commit()
            is_busy = self._follower.look()
        except InputError:
            raise
        except (HubbubError, OSError) as fault:
            if not self._pause_s:
                self._tell(f"waits, nothing is lost: {fault}")
            self._pause_s = min(2 * self._pause_s or LOOK_S, LONGEST_PAUSE_S)
            self._until_s = time.monotonic() + self._pause_s
            return False
        if self._pause_s:
            self._pause_s = 0.0
            self._tell("goes on")
        return is_busy

    def end(self) -> None:
        """Store what was read, if it can be; else it is read again the next time."""
        try:
            if self._pause_s:
                self._follower.check()
            self._follower.commit()
        except (HubbubError, OSError) as fault:
            self._tell(f"ends, the last lines are read again the next time: {fault}")


def _check(site: Site, logs: Sequence[Path], how: Following) -> None:
    check_name(how.format)
    if site.collect == "live":
        raise Refused(f"{site.name} counts visits as they happen (`collect: live`): a log would count them again")
    if len({log.absolute() for log in logs}) < len(logs):
        raise InputError("--follow", "a log is named twice", "Name each log once.")
    for log in logs:
        if log.suffix == ".gz" or log.is_dir() or not log.absolute().parent.is_dir():
            raise InputError(str(log), "it cannot be followed", "Name the file that the server writes to.")
