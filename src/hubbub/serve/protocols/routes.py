"""What a protocol tells the collector: where it listens, how to read a request, how to answer it."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from hubbub.collect.hits import Hit
from hubbub.collect.requests import Request
from hubbub.collect.senders import Senders
from hubbub.core.reasons import DropReason
from hubbub.serve.replies import Response

LARGEST_BODY = 65_536

Read = Callable[[Request, Senders], "Sequence[Hit | DropReason] | DropReason"]
"""The hits of a request, in order; of a batch a reason in place of a hit that could not be read, so that the others of
the batch still count. Or why the request as a whole says nothing: told apart by `isinstance(read, DropReason)`."""


class Outcome(Struct, frozen=True):
    """What became of a request.

    reasons  one a hit, in order: None when its row is on disk, else why it was dropped
    unread   why the request as a whole was not understood; then there are no hits
    """

    reasons: tuple[DropReason | None, ...] = ()
    unread: DropReason | None = None

    @property
    def dropped(self) -> int:
        """How many hits were dropped."""
        return len(self.reasons) - self.reasons.count(None)


class Route(Struct, frozen=True):
    """One path of a protocol. Overload and faults are not its concern: the collector answers them with 503.

    path           exact
    methods        that it takes; OPTIONS is answered by the collector, HEAD as GET without the body
    read           the hits of a request
    reply          the answer once all its rows are on disk or dropped
    largest        bytes of a body; a larger one comes to `reply` as TOO_LARGE
    allow_headers  what a preflight allows besides the simple ones
    """

    path: str
    methods: frozenset[str]
    read: Read
    reply: Callable[[Request, Outcome], Response]
    largest: int = LARGEST_BODY
    allow_headers: str = "content-type"
