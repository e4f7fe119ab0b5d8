"""What an import tells of what it read, whichever kind of file it was: for a person, or as JSON."""

import sys
from collections.abc import Iterable, Mapping
from datetime import date

import msgspec

from hubbub.core.reasons import DropReason


def tell_import(
    unit: str,
    sentence: str,
    read: int,
    accepted: int,
    dropped: Mapping[DropReason, int],
    bad: Iterable[str],
    waiting: list[date],
    json: bool,
) -> None:
    """`unit` is what was read, "lines" or "rows", under which JSON has their number; `sentence` says the same in words;
    `bad` are those that were shown to be left out, and `waiting` the days that are not closed yet.
    """
    for each in bad:
        print(f"hubbub: {each}", file=sys.stderr)
    if json:
        by_reason = {str(reason): count for reason, count in dropped.items()}
        told = {unit: read, "accepted": accepted, "dropped": by_reason, "waiting": waiting}
        print(msgspec.json.encode(told).decode())
        return
    print(sentence)
    for reason, count in dropped.items():
        print(f"{count:>12,} dropped: {reason}")
    if waiting:
        days = " and ".join(map(str, waiting))
        print(f"{days} may go on in another file: import it too, or end with `hubbub close --all --final`")
