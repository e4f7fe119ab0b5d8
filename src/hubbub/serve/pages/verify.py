"""The result of checking the ledger's chain, for whoever pressed the button."""

from typing import Any

import msgspec
from msgspec import Struct

from hubbub.serve.reading import ReadSide
from hubbub.serve.texts import Texts, _


class VerifyView(Struct, frozen=True):
    """Whether the chain holds, the sentence that says so, and what the check reports, field by field."""

    holds: bool
    sentence: str
    facts: tuple[tuple[str, str], ...]


def view_verify(read_side: ReadSide, texts: Texts) -> VerifyView:
    """Run the check now."""
    report: dict[str, Any] = msgspec.to_builtins(read_side.ledger.verify())
    holds = not report.get("problems", True)
    sentence = (
        _("The chain holds: no entry was changed, removed or put in between.")
        if holds
        else _("The chain is broken: the ledger is not as it was written.")
    )
    facts = tuple((name.replace("_", " "), _in_words(value)) for name, value in report.items())
    return VerifyView(holds, texts.translate(sentence), facts)


def _in_words(value: object) -> str:
    if isinstance(value, list | tuple):
        return "; ".join(_in_words(one) for one in value) or "none"
    return "none" if value in (None, "") else str(value)
