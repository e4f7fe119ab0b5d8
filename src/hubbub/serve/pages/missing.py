"""What is still missing from a period, said once, in plain words."""

from datetime import date

from msgspec import Struct

from hubbub.publish.query import GapNote
from hubbub.serve.texts import Texts

MOST_NOTES = 8


class MissingNote(Struct, frozen=True):
    """Days, or hours, and why they are not in the sums."""

    when: str
    text: str


def tell_missing(gaps: tuple[GapNote, ...], first: date, last: date, texts: Texts) -> tuple[MissingNote, ...]:
    """Notes on what the period lacks, newest first, neighbouring ones of the same reason put together."""
    found: dict[tuple[str, str], None] = {}
    for gap in sorted(gaps, key=lambda gap: gap.last, reverse=True):
        if gap.last < first or gap.first > last:
            continue
        start, end = max(gap.first, first), min(gap.last, last)
        when = texts.days(start, end)
        if gap.hours:
            hours = ", ".join(gap.hours) if len(gap.hours) <= 3 else f"{gap.hours[0]} … {gap.hours[-1]}"
            when = f"{when}, {hours}"
        found.setdefault((when, gap.text), None)
    return tuple(MissingNote(when, text) for when, text in list(found)[:MOST_NOTES])
