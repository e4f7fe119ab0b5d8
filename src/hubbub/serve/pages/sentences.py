"""The sentence above a chart: what it shows, in plain words, and honest about noise."""

from hubbub.insight.change import Change, Direction
from hubbub.serve.pages.figures import write_percent
from hubbub.serve.pages.periods import Period
from hubbub.serve.texts import Texts, _

SUBJECTS = {
    "visitors": _("Visitors"),
    "pageviews": _("Page views"),
    "visits": _("Visits"),
    "events": _("Events"),
    "amount": _("Amounts"),
}


def name_before(period: Period, texts: Texts) -> str:
    """The period before, as the end of a sentence."""
    if period.is_today:
        return texts.say(_("the same hours a week before"))
    if period.choice == "day":
        return texts.say(_("the same weekday a week before"))
    if period.choice == "7d":
        return texts.say(_("the week before"))
    if period.choice == "month":
        return texts.say(_("the same days of the month before"))
    if period.choice == "12mo":
        return texts.say(_("the same days a year before"))
    return texts.many("the day before", "the {count} days before", period.length)


def tell_change(metric: str, change: Change, period: Period, paired: int, texts: Texts) -> str:
    """`Visits rose 12 % ± 3 against the week before.`

    paired  how many days both periods have, when the change is over those only; 0: not by the day
    """
    sentence = _change(metric, change, period, texts)
    if 0 < paired < period.length and change.direction is not Direction.UNKNOWN:
        counted = texts.many(
            "Compared is the one day that both have.", "Compared are the {count} days that both have.", paired
        )
        sentence = f"{sentence} {counted}"
    return sentence


def _change(metric: str, change: Change, period: Period, texts: Texts) -> str:
    subject, before = texts.translate(SUBJECTS[metric]), name_before(period, texts)
    if change.direction is Direction.UNKNOWN:
        return texts.say(
            _("{subject}: of {before} nothing is released to compare with."), subject=subject, before=before
        )
    if change.ratio is None:
        words = {
            Direction.ROSE: _("{subject}: more than {before}, from too few to give a percentage."),
            Direction.FELL: _("{subject}: fewer than {before}, from too few to give a percentage."),
            Direction.STEADY: _("{subject} against {before}: no change that noise does not explain."),
        }[change.direction]
        return texts.say(words, subject=subject, before=before)
    size, margin = write_percent(change, texts)
    words = {
        Direction.ROSE: _("{subject} rose {size} {margin} against {before}."),
        Direction.FELL: _("{subject} fell {size} {margin} against {before}."),
        Direction.STEADY: _("{subject} against {before}: no change that noise does not explain ({size} {margin})."),
    }[change.direction]
    if not margin:
        words = words.replace(" {margin}", "")
    return texts.say(words, subject=subject, before=before, size=size, margin=margin)
