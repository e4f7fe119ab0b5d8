"""What stands in the ledger: its entries, the cells and key lists they are bound to, and their hashes."""

import hashlib
import zlib
from datetime import date
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import Struct

from hubbub.core.errors import LedgerError
from hubbub.release.state import WHOLE_DAY
from hubbub.release.types import Gap

GENESIS = "0" * 64
_CANONICAL = msgspec.json.Encoder(order="sorted")


class Step(StrEnum):
    """What an entry says: cost committed, cells kept, or why there will be none."""

    DEBIT = "debit"
    DRAWN = "drawn"
    GAP = "gap"


class LedgerEntry(Struct, frozen=True, kw_only=True):
    """One line of the ledger. `hash` is the SHA-256 of all other fields as JSON with sorted keys and no spaces.

    seq         1, 2, 3, … without holes
    step        see `Step`; a debit comes first, then one drawn or one gap; a gap may stand alone
    slot        hour slot, or None for the whole day
    slots       how many hours this debit pays for, each drawn by an entry of its own; 0 when it is drawn at once
    plan        name, version and hash of the plan with its budget, of whose text a copy is kept (`release.plan_texts`)
    rho         pico-rho (1e-12) debited; an hour's is 0, since its day's vector was debited at once
    delta       of the threshold
    scale       of the discrete Gaussian, a fraction; its square is the nominal variance
    l2_squared  squared L2 sensitivity, with the bound in words beside it
    threshold   new keys had to exceed it; 0 without new keys
    key_list    hash of the frozen list of public keys
    input       hash of the sealed list of journal ranges and segments
    cells       hash of the cells that were kept, of a drawn entry
    gap         of a gap entry
    pays        hash of the debit that this entry lives on; "" in a debit that pays for itself
    trial       the home ran with numbers that are not private, then or earlier
    hour        when, in UTC, to the hour only
    previous    hash of the entry before; 64 zeros in the first
    """

    seq: int
    step: Step
    source: str
    day: date
    measure: str
    slot: int | None = None
    slots: int = 0
    plan: str = ""
    rho: int = 0
    delta: float = 0.0
    scale: str = ""
    l2_squared: int = 0
    bound: str = ""
    threshold: int = 0
    key_list: str = ""
    input: str = ""
    cells: str = ""
    gap: Gap = Gap.NONE
    pays: str = ""
    trial: bool = False
    hour: str = ""
    previous: str = GENESIS
    hash: str = ""

    def sealed(self) -> "LedgerEntry":
        """The entry with its hash."""
        return msgspec.structs.replace(self, hash=hash_of(self))

    def to_row(self) -> dict[str, Any]:
        """The entry as a row of the ledger table."""
        row: dict[str, Any] = msgspec.to_builtins(self)
        return {**row, "slot": WHOLE_DAY if self.slot is None else self.slot}


def from_row(row: Any) -> LedgerEntry:
    """The entry that a row of the ledger table holds. Raises `msgspec.ValidationError` for what never was one."""
    fields = {str(name): value for name, value in row.items()}
    fields["slot"] = None if fields["slot"] == WHOLE_DAY else fields["slot"]
    return msgspec.convert(fields, LedgerEntry, strict=True)


def hash_of(entry: LedgerEntry) -> str:
    """SHA-256 (hex) of every field but the hash itself."""
    fields = msgspec.to_builtins(entry)
    del fields["hash"]
    return hashlib.sha256(_CANONICAL.encode(fields)).hexdigest()


class Cells(Struct, frozen=True):
    """The noised cells of one entry: `values` in the order of its public keys, `new` sorted by key."""

    values: tuple[int, ...]
    new: tuple[tuple[tuple[str, ...], int], ...] = ()


def pack(value: Cells | tuple[tuple[str, ...], ...]) -> tuple[str, bytes]:
    """Hash of the value's JSON, and that JSON compressed, as it is stored."""
    encoded = _CANONICAL.encode(value)
    return digest(encoded), zlib.compress(encoded, 6)


def unpack_cells(packed: bytes) -> Cells:
    """The cells that `pack` stored. Raises `LedgerError` for other bytes."""
    return msgspec.json.decode(_unpack(packed), type=Cells)


def unpack_keys(packed: bytes) -> tuple[tuple[str, ...], ...]:
    """The keys that `pack` stored. Raises `LedgerError` for other bytes."""
    return msgspec.json.decode(_unpack(packed), type=tuple[tuple[str, ...], ...])


def packed_hash(packed: bytes) -> str:
    """The hash that `pack` gave for these bytes; "" when they are not what it stores."""
    try:
        return digest(_unpack(packed))
    except LedgerError:
        return ""


def _unpack(packed: bytes) -> bytes:
    """The JSON in these bytes, which must be one whole stream with nothing after it."""
    stream = zlib.decompressobj()
    try:
        unpacked = stream.decompress(packed)
    except zlib.error:
        stream = zlib.decompressobj()
        unpacked = b""
    if not stream.eof or stream.unused_data:
        raise LedgerError("what the ledger kept was changed; run `hubbub ledger verify`")
    return unpacked


def encode(value: object) -> bytes:
    """JSON with sorted keys and no spaces."""
    return _CANONICAL.encode(value)


def digest(data: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()
