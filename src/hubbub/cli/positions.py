"""How far a live log was read: a mark that appears in the same commit as the rows of the lines before it.

Its name says the order of the marks, the offset in the file, the latest day that rows were stored for, and a digest of
the file's first bytes and of those before the offset, by which the file is known again. A plain digest would let
anyone who has a guess of the last line test it. So it is keyed with the visitor secret of that day, and dies with it:
from then on the name tells the offset alone. That is soon enough, for no line of a later day was read before (or it
would be the day of the mark), and lines of a day without its secret are refused anyway: who begins anew with the
lines of today counts none twice.
"""

import hashlib
import hmac
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from msgspec import Struct

from hubbub.core.errors import Refused
from hubbub.store.disk import FILE_MODE, make_folder, take_lock
from hubbub.store.keys import KeyStore, State
from hubbub.store.raw import RawStore

_MARK = re.compile(r"(\d{12})-([0-9a-f]+)-(\d{4}-\d\d-\d\d)-([0-9a-f]{32})")
LOCK = "lock"


class Mark(Struct, frozen=True):
    """A place in a log, and what stands before it (see `LiveFile.sample`), as it is kept; `number` counts them."""

    number: int
    offset: int
    day: date
    digest: str

    @property
    def name(self) -> str:
        """Its file's name."""
        return f"{self.number:012}-{self.offset:x}-{self.day}-{self.digest}"

    @classmethod
    def of_name(cls, name: str) -> "Mark | None":
        """The mark of a file's name; None of other names."""
        found = _MARK.fullmatch(name)
        return cls(int(found[1]), int(found[2], 16), date.fromisoformat(found[3]), found[4]) if found else None


class Positions:
    """The marks of one live log of one source, in a folder under the raw one."""

    def __init__(self, raw_folder: Path, source: str, log: Path, raw: RawStore, keys: KeyStore) -> None:
        named = hashlib.sha256(os.fsencode(log.absolute())).hexdigest()[:16]
        self._raw_folder, self._folder = raw_folder, raw_folder / "followed" / source / named
        self._source, self._raw, self._keys = source, raw, keys

    @contextmanager
    def alone(self) -> Iterator[None]:
        """While it lasts no other process follows the log. Raises Refused."""
        make_folder(self._folder)
        descriptor = os.open(self._folder / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, FILE_MODE)
        try:
            try:
                take_lock(descriptor, self._folder / LOCK)
            except FileExistsError:
                raise Refused("this log is being followed already, by another process") from None
            yield
        finally:
            os.close(descriptor)

    def last(self) -> Mark | None:
        """The mark of the last commit; None before the first one."""
        return max(self._marks(), key=lambda mark: mark.number, default=None)

    def next(self, last: Mark | None, offset: int, sample: bytes, day: date, secret: bytes) -> Mark:
        """The mark that follows, keyed with the visitor secret of the day."""
        return Mark(last.number + 1 if last else 1, offset, day, _digest(secret, offset, sample))

    def path_of(self, mark: Mark) -> Path:
        """Where the mark is to appear, under the raw folder."""
        return (self._folder / mark.name).relative_to(self._raw_folder)

    def is_known(self, mark: Mark, offset: int, sample: bytes) -> bool:
        """Whether the mark was made of this sample; never once its day has ended."""
        secret = self.secret_of(mark.day)
        return secret is not None and hmac.compare_digest(mark.digest, _digest(secret, offset, sample))

    def secret_of(self, day: date) -> bytes | None:
        """The visitor secret of a day that is open; None when it has none, yet or any more."""
        secrets = self._keys.find(self._source, day)
        return secrets.visitor if secrets is not None and secrets.state == State.OPEN else None

    def forget_before(self, mark: Mark) -> None:
        """Remove the marks that this one has replaced."""
        for each in self._marks():
            if each.number < mark.number:
                (self._folder / each.name).unlink(missing_ok=True)

    def _marks(self) -> Iterator[Mark]:
        yield from filter(None, map(Mark.of_name, self._raw.marks(self._folder)))


def _digest(secret: bytes, offset: int, sample: bytes) -> str:
    told = b"%d\0" % offset + sample
    return hashlib.blake2b(told, key=secret, digest_size=16, person=b"hubbub position").hexdigest()
