"""The public page "What we measure": the plan, the budget and what it means, the ledger, the refusals."""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from math import exp, log, log1p, sqrt
from operator import attrgetter

import msgspec
from msgspec import Struct

from hubbub.serve.reading import PlanText, ReadSide
from hubbub.serve.texts import Texts, _

LATEST_ENTRIES = 25
LATEST_DAYS = 14
PICO = 10**12
DEBIT = "debit"

REFUSALS: tuple[str, ...] = (
    _("No identifier that is the same across two sites, two days or two sources: no cookie, no account."),
    _("No fingerprint, phone number, account or card number as a key."),
    _("No profile of a person, a device or a household, and no score, rank or label on people."),
    _("No “loyalty” of a person. How often a service is returned to and how it is liked is measured of the service."),
    _("No guessed sex, age, income, family or health."),
    _("No list of people who broke a rule, and no trace of where somebody went."),
    _("No way back from a number to a person, whoever asks: the rows and keys it was made from are destroyed."),
    _("No import of tables with such columns: it is refused, and the reason is given."),
)
UNPROTECTED: tuple[str, ...] = (
    _(
        "Until a day is closed, the machine that counts is trusted: it holds that day’s rows, sealed, for at most "
        "{hours} hours after the day’s end."
    ),
    _("That a crowd as a whole does something is not hidden; that is what is measured."),
    _("When the server is overloaded it turns events away, and that moment is not covered by the noise."),
    _("Whoever watches the network between you and a site sees the visit itself; that is not ours to hide."),
)


class LedgerLine(Struct, frozen=True):
    """What the page shows of an entry; whatever else the ledger knows is in its JSON. `rho` is in 1e-12."""

    source: str
    day: date
    measure: str
    step: str
    slot: int | None = None
    rho: int = 0
    scale: str = ""
    bound: str = ""
    gap: str = ""
    hour: str = ""
    hash: str = ""

    @property
    def sigma(self) -> float:
        """Standard deviation of the noise; 0 where nothing was drawn."""
        return float(Fraction(self.scale)) if self.scale else 0.0


class DaySpent(Struct, frozen=True):
    """What one source spent for one day."""

    source: str
    day: date
    releases: int
    rho: float
    epsilon: float


class Meaning(Struct, frozen=True):
    """What the budget means for somebody: the case, and its ρ and ε."""

    who: str
    rho: float
    epsilon: float


class MeasuresView(Struct, frozen=True):
    """Everything the template needs."""

    plan: PlanText
    meanings: tuple[Meaning, ...]
    odds: str
    latest: tuple[LedgerLine, ...]
    spent: tuple[DaySpent, ...]
    entries: int
    head: str
    sites: int
    refusals: tuple[str, ...]
    unprotected: tuple[str, ...]
    keep_hours: int


def view_measures(read_side: ReadSide, texts: Texts) -> MeasuresView:
    """The plan as it is now, and what the ledger says was spent."""
    plan, settings = read_side.plan, read_side.settings
    lines = tuple(_lines(read_side.ledger.entries()))
    delta = plan.delta / 2
    cases = (
        (_("a device that visits one site on one day"), 1),
        (_("a device that visits three sites on one day: three times that"), 3),
        (_("a person who uses two browsers on one site and day: 2² times"), 4),
        (_("a device that visits one site every day of a year: 365 times"), 365),
    )
    meanings = tuple(
        Meaning(texts.translate(who), plan.rho * times, epsilon_of(plan.rho * times, delta)) for who, times in cases
    )
    return MeasuresView(
        plan,
        meanings,
        texts.percent(best_guess(plan.epsilon)),
        lines[-LATEST_ENTRIES:][::-1],
        spent_by_day(lines, delta)[:LATEST_DAYS],
        len(lines),
        read_side.ledger.head(),
        len(settings.sites),
        tuple(texts.translate(text) for text in REFUSALS),
        tuple(texts.say(text, hours=settings.keep_hours) for text in UNPROTECTED),
        settings.keep_hours,
    )


def epsilon_of(rho: float, delta: float) -> float:
    """An ε that ρ-zCDP implies at δ: Canonne, Kamath & Steinke 2020, proposition 12, at the best α of a fine grid."""
    if rho <= 0:
        return 0.0
    start = sqrt(log(1 / delta) / rho)
    excesses = (start * 1.02**step for step in range(-300, 301))
    return min(
        (1 + excess) * rho + (log(1 / delta) + excess * log1p(-1 / (1 + excess)) - log1p(excess)) / excess
        for excess in excesses
    )


def best_guess(epsilon: float) -> float:
    """The best chance to be right about "was this device there?" for who knew nothing before: e^ε / (1 + e^ε)."""
    return 1 / (1 + exp(-epsilon))


def spent_by_day(lines: Iterable[LedgerLine], delta: float) -> tuple[DaySpent, ...]:
    """What each source spent a day, newest day first."""
    found: dict[tuple[date, str], list[float]] = {}
    for line in lines:
        if line.step == DEBIT:
            found.setdefault((line.day, line.source), []).append(line.rho / PICO)
    totals = (
        DaySpent(source, day, len(costs), sum(costs), epsilon_of(sum(costs), delta))
        for (day, source), costs in found.items()
    )
    return tuple(sorted(totals, key=attrgetter("day"), reverse=True))


def _lines(entries: Iterable[Struct]) -> Iterable[LedgerLine]:
    for entry in entries:
        yield msgspec.convert(entry, LedgerLine, from_attributes=True)
