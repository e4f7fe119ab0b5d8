"""What it costs a device to come every day: for a day, a week, a month, a year, as planned and as paid in the ledger.

ρ adds up over the days and sites of one device, and so does the δ of thresholds; ρ is read as ε once, for the sum. Days
and sites of *different* devices do not add up: a device-day's rows are in the numbers of one site and day alone, so
removing them changes nothing else (parallel composition).
"""

from collections.abc import Sequence
from datetime import date, timedelta

from msgspec import Struct

from hubbub.core.plan_text import PlanText
from hubbub.core.spending import DaySpent
from hubbub.core.zcdp import epsilon_of
from hubbub.serve.charts.spending import draw_spending
from hubbub.serve.reading import ReadSide
from hubbub.serve.texts import Texts, _

YEAR_DAYS = 365
PERIODS = ((_("a day"), 1), (_("a week"), 7), (_("a month"), 30), (_("a year"), YEAR_DAYS))


class Cost(Struct, frozen=True):
    """A cost in ρ, and as (ε, δ); `days` that it is of."""

    days: int
    rho: float
    epsilon: float
    delta: float


class PeriodLine(Struct, frozen=True):
    """A period: what it costs by the plan in force, and what the ledger says was paid for the days up to the last."""

    period: str
    planned: Cost
    paid: Cost | None


class DeviceGroup(Struct, frozen=True):
    """Who comes every day: to this site, or to all of them."""

    who: str
    lines: tuple[PeriodLine, ...]


class DeviceYear(Struct, frozen=True):
    """The section. `last` is the newest day of the ledger; `charts` show what a site's days cost up to it."""

    groups: tuple[DeviceGroup, ...]
    last: date | None
    charts: tuple[str, ...]
    sentence: str


def view_device_year(read_side: ReadSide, name: str, texts: Texts) -> DeviceYear:
    """The section for a site, as the ledger stands."""
    last = max((one.day for one in read_side.ledger.spent(1)), default=None)
    year = list(read_side.ledger.spent_since(last - timedelta(YEAR_DAYS - 1))) if last else []
    mine = [one for one in year if one.source == name]
    sites = [site.name for site in read_side.settings.sites]
    plan = read_side.plan_of(name)
    this = texts.translate(_("on this site, every day"))
    groups = [DeviceGroup(this, _lines([plan], mine, last, texts))]
    if len(sites) > 1:
        every = [one for one in year if one.source in sites]
        who = texts.say(_("on all {count} sites, every day"), count=len(sites))
        groups.append(DeviceGroup(who, _lines([read_side.plan_of(site) for site in sites], every, last, texts)))
    if last is None or not mine:
        return DeviceYear(tuple(groups), last, (), "")
    sentence = _sentence(mine, plan, texts)
    return DeviceYear(tuple(groups), last, draw_spending(mine, last, plan.rho, sentence, texts), sentence)


def _lines(
    plans: Sequence[PlanText], spent: Sequence[DaySpent], last: date | None, texts: Texts
) -> tuple[PeriodLine, ...]:
    rho, thresholds = sum(plan.rho for plan in plans), sum(plan.delta / 2 for plan in plans)
    return tuple(
        PeriodLine(
            texts.translate(period),
            _cost(days, days * rho, plans[0], days * thresholds),
            _paid(spent, last, days, plans[0]) if last and spent else None,
        )
        for period, days in PERIODS
    )


def _paid(spent: Sequence[DaySpent], last: date, days: int, plan: PlanText) -> Cost:
    """What was paid for the last so many days; of one day, for the dearest of the year."""
    if days == 1:
        by_day: dict[date, list[DaySpent]] = {}
        for one in spent:
            by_day.setdefault(one.day, []).append(one)
        within = max(by_day.values(), key=lambda its: sum(one.rho for one in its))
    else:
        within = [one for one in spent if one.day > last - timedelta(days)]
    return _cost(
        len({one.day for one in within}), sum(one.rho for one in within), plan, sum(one.delta for one in within)
    )


def _cost(days: int, rho: float, plan: PlanText, thresholds: float) -> Cost:
    """ρ as ε at the δ that the plan sets aside for reading it so; the δ of thresholds adds to it."""
    reading = plan.delta / 2
    return Cost(days, rho, epsilon_of(rho, reading), reading + thresholds)


def _sentence(year: Sequence[DaySpent], plan: PlanText, texts: Texts) -> str:
    dearest = max(one.rho for one in year)
    return texts.say(
        _("{days} of the last 365 days were paid for, none with more than ρ = {most}; the plan allows {plan} a day."),
        days=len(year),
        most=f"{dearest:.3g}",
        plan=f"{plan.rho:.3g}",
    )
