"""The period picker: the same on every page, made of links and one form, so that it needs no script."""

from collections.abc import Callable
from datetime import date

from msgspec import Struct

from hubbub.core.days import DAY
from hubbub.serve.pages.periods import Choice, Period, choose_period
from hubbub.serve.texts import Texts, _

LABELS: tuple[tuple[Choice, str], ...] = (
    ("today", _("Today")),
    ("day", _("Yesterday")),
    ("7d", _("7 days")),
    ("30d", _("30 days")),
    ("month", _("Month")),
    ("12mo", _("12 months")),
)


class Link(Struct, frozen=True):
    """One entry; `current` marks the one the page shows."""

    label: str
    href: str
    current: bool = False


class Picker(Struct, frozen=True):
    """All entries, the neighbours, and what the form starts with.

    title    the days in words
    keep     what the form passes on beside its own fields
    """

    title: str
    links: tuple[Link, ...]
    earlier: str
    later: str
    action: str
    first: date
    last: date
    newest: date
    is_custom: bool
    keep: tuple[tuple[str, str], ...]


def make_picker(
    period: Period,
    link: Callable[[Period], str],
    action: str,
    texts: Texts,
    *,
    keep: tuple[tuple[str, str], ...] = (),
    hours: bool = True,
) -> Picker:
    """The picker of a page whose addresses `link` makes; without `hours` it offers whole days only."""
    links = []
    for choice, label in LABELS:
        if choice == "today" and not hours:
            continue
        target = choose_period(choice, period.anchor, period.today)
        is_stale = choice == "day" and period.anchor != period.today - DAY
        links.append(
            Link(
                texts.translate(_("Newest day") if is_stale else label),
                link(target),
                period.choice == choice and (not period.is_pinned or period.last == target.last),
            )
        )
    earlier, later = period.shifted(-1), period.shifted(1)
    return Picker(
        texts.weekday(period.first) if period.is_hourly else texts.days(period.first, period.last),
        tuple(links),
        link(earlier) if earlier else "",
        link(later) if later else "",
        action,
        period.first,
        period.last,
        period.today,
        period.choice == "custom",
        keep,
    )
