"""What a version of a plan changed, in words for readers."""

from hubbub.core.plan_text import PlanDifference, PlanVersion
from hubbub.serve.texts import Texts, _

WORDS = {
    "budget": _("the budget: {before} → {after}"),
    "added": _("new: {subject} ({after})"),
    "removed": _("no more: {subject}"),
    "weight": _("{subject}: share of the budget {before} → {after}"),
    "bound": _("{subject}: {before} → {after}"),
    "keys": _("{subject}: other entries"),
    "gone": _("{subject}: without {before}"),
    "come": _("{subject}: with {after}"),
    "swapped": _("{subject}: {before} → {after}"),
    "meaning": _("“{subject}” means something else now; earlier numbers are of what it meant then"),
    "counting": _("{subject}: counted in another way"),
    "program": _("nothing that is counted; a new release of the program writes the plan otherwise"),
}
MOST_WEIGHTS = 3  # more of them are told in one sentence
SHARE = _("{subject} {before} → {after}")
SHARES = _("shares of the budget: {shares}")
FIRST = _("the first plan")
UNKNOWN = _("not known: of plans before this one only the hash was kept")
AGAIN = _("the same as version {number}")


def tell_changes(version: PlanVersion, texts: Texts) -> tuple[str, ...]:
    """The sentences that say what a version changed."""
    if version.number == 1:
        return (texts.translate(FIRST),)
    weights = [each for each in version.changes if each.what == "weight"]
    if len(weights) <= MOST_WEIGHTS:
        weights = []
    told = tuple(tell_change(each, texts) for each in version.changes if each not in weights)
    if weights:
        shares = (
            texts.say(
                SHARE, subject=texts.translate(each.subject).partition(":")[0], before=each.before, after=each.after
            )
            for each in weights
        )
        told += (texts.say(SHARES, shares="; ".join(shares)),)
    told = told or (texts.translate(UNKNOWN),)
    return (texts.say(AGAIN, number=version.same_as), *told) if version.same_as else told


def tell_change(change: PlanDifference, texts: Texts) -> str:
    """One difference."""
    what: str = change.what
    if what == "keys" and (change.before or change.after):
        what = "swapped" if change.before and change.after else "gone" if change.before else "come"
    subject = texts.translate(change.subject) if change.subject else ""
    return texts.say(WORDS[what], subject=subject, before=change.before, after=change.after)
