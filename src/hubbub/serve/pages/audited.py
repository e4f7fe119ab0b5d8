"""The audit of the noise, for the public page: what was tried, and what came of it, in plain words."""

from datetime import date

from msgspec import Struct

from hubbub.core.audit_text import AuditedMechanism, AuditText
from hubbub.serve.reading import ReadSide
from hubbub.serve.texts import Texts, _

COST = _("What a device’s presence costs (ε)")
FAILING = _("How often a threshold shows what one device alone has")


class AuditLine(Struct, frozen=True):
    """One mechanism: what is declared at most, what the runs show at least, and whether that fits."""

    says: str
    declared: str
    found: str
    verdict: str


class CopiesLine(Struct, frozen=True):
    """The broken copies of a mechanism: what is wrong with each, and how many were caught."""

    says: str
    faults: str
    verdict: str


class AuditView(Struct, frozen=True):
    """An audit in words. `groups` have a caption, then a line a mechanism."""

    day: date
    sentence: str
    versions: str
    runs: int
    holds: bool
    groups: tuple[tuple[str, tuple[AuditLine, ...]], ...]
    copies: tuple[CopiesLine, ...]


def state_of_audit(read_side: ReadSide) -> str:
    """A name of the audit that the page shows: it changes when another one was made."""
    audit = read_side.audit()
    return f"{audit.day} {audit.hubbub} {hash(audit)}" if audit else ""


def view_audit(read_side: ReadSide, texts: Texts) -> AuditView | None:
    """The last audit; None without one."""
    audit = read_side.audit()
    if audit is None:
        return None
    groups = (
        (COST, tuple(_cost(each, texts) for each in audit.mechanisms if each.bounds == "epsilon")),
        (FAILING, tuple(_failing(each, texts) for each in audit.mechanisms if each.bounds == "delta")),
    )
    return AuditView(
        audit.day,
        _sentence(audit, texts),
        f"hubbub {audit.hubbub}, OpenDP {audit.opendp}, Python {audit.python}",
        audit.runs,
        audit.holds,
        tuple((texts.translate(caption), lines) for caption, lines in groups if lines),
        tuple(_copies(each, texts) for each in audit.mechanisms if each.broken),
    )


def _sentence(audit: AuditText, texts: Texts) -> str:
    good, all_ = sum(each.holds for each in audit.mechanisms), len(audit.mechanisms)
    if audit.holds and audit.caught == audit.broken:
        return texts.say(
            _(
                "On {day} all {count} ways in which numbers are released kept what is declared, and all {broken} "
                "copies that were broken on purpose were caught."
            ),
            day=texts.day(audit.day),
            count=all_,
            broken=audit.broken,
        )
    return texts.say(
        _(
            "On {day} {good} of {count} ways in which numbers are released kept what is declared, and {caught} of "
            "{broken} copies that were broken on purpose were caught."
        ),
        day=texts.day(audit.day),
        good=good,
        count=all_,
        caught=audit.caught,
        broken=audit.broken,
    )


def _cost(one: AuditedMechanism, texts: Texts) -> AuditLine:
    return AuditLine(
        texts.translate(one.says),
        texts.say(_("at most {epsilon}"), epsilon=texts.decimal(one.declared, 2)),
        texts.say(_("at least {epsilon}"), epsilon=texts.decimal(one.lowest, 2)),
        _verdict(one, texts),
    )


def _failing(one: AuditedMechanism, texts: Texts) -> AuditLine:
    return AuditLine(
        texts.translate(one.says),
        texts.say(_("at most {share}"), share=texts.percent(one.declared, 2)),
        texts.say(
            _("between {lowest} and {highest}"),
            lowest=texts.percent(one.lowest, 2),
            highest=texts.percent(one.highest, 2),
        ),
        _verdict(one, texts),
    )


def _copies(one: AuditedMechanism, texts: Texts) -> CopiesLine:
    caught = sum(copy.caught for copy in one.broken)
    return CopiesLine(
        texts.translate(one.says),
        "; ".join(texts.translate(copy.fault) for copy in one.broken),
        texts.say(_("{caught} of {count} caught"), caught=caught, count=len(one.broken)),
    )


def _verdict(one: AuditedMechanism, texts: Texts) -> str:
    return texts.translate(_("holds") if one.holds else _("does not hold"))
