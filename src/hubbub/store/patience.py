"""Patience: work that may hang, waited for no longer than the caller can be kept."""

from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar

from hubbub.store.shared_tables import Unanswered

T = TypeVar("T")


class Patience:
    """Runs work in a thread of its own and waits for it `longest_s`. What hangs goes on hanging, without the caller;
    until it has ended nothing else is begun.
    """

    def __init__(self, longest_s: float) -> None:
        self._longest_s = longest_s
        self._stuck: Thread | None = None

    def wait_for(self, work: Callable[[], T]) -> T:
        """What the work returns or raises; `Unanswered` when it takes too long, or an earlier one still hangs."""
        if self._stuck is not None and self._stuck.is_alive():
            raise Unanswered("the state database hangs")
        outcome: SimpleQueue[tuple[T | None, Exception | None]] = SimpleQueue()

        def run() -> None:
            try:
                outcome.put((work(), None))
            except Exception as error:
                outcome.put((None, error))

        thread = Thread(target=run, name="hubbub-keys", daemon=True)
        thread.start()
        try:
            found, error = outcome.get(timeout=self._longest_s)
        except Empty:
            self._stuck = thread
            raise Unanswered("the state database hangs") from None
        if error is not None:
            raise error
        return found  # type: ignore[return-value]
