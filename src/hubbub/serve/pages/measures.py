"""The public page "What we measure": the plan, the budget and what it means, the audit, the ledger, the refusals."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from math import exp

import msgspec
from msgspec import Struct

from hubbub.core.errors import QueryError
from hubbub.core.plan_text import PlanText, PlanVersion
from hubbub.core.settings import Settings, Site
from hubbub.core.tables import Table
from hubbub.core.zcdp import epsilon_of
from hubbub.serve.pages.addresses import measures_url, plan_url
from hubbub.serve.pages.asked import AskedLine, tell_asked
from hubbub.serve.pages.audited import AuditView, view_audit
from hubbub.serve.pages.device_year import DeviceYear, view_device_year
from hubbub.serve.pages.picker import Link
from hubbub.serve.pages.plan_changes import tell_changes
from hubbub.serve.pages.table_lines import tell_read
from hubbub.serve.reading import ReadSide
from hubbub.serve.texts import Texts, _

LATEST_ENTRIES = 25
LATEST_SPENT = 30
LATEST_VERSIONS = 12

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
SET_ASIDE = _(
    "Programs that say what they are count nowhere, nor, where the settings do not say otherwise, does what comes from "
    "data centres. Some programs say they are browsers: a device that views {burst} pages within {seconds} seconds, "
    "over {hour} in an hour of the clock or over {day} in a day, or that searches for {searches} different things, "
    "counts in nothing but the number of devices set aside. Only its own rows are looked at, so that nobody’s being "
    "counted depends on somebody else."
)
RATES = {"burst": 30, "seconds": 10, "hour": 600, "day": 2000, "searches": 100}  # as `release.portal` has them
UNPROTECTED: tuple[str, ...] = (
    _(
        "Until a day is closed, the machine that counts is trusted: it holds that day’s rows, sealed, for at most "
        "{hours} hours after the day’s end."
    ),
    _("That a crowd as a whole does something is not hidden; that is what is measured."),
    _("When the server is overloaded it turns events away, and that moment is not covered by the noise."),
    _("Whoever watches the network between you and a site sees the visit itself; that is not ours to hide."),
)


CASES_OF_SITE = (
    (_("a device that visits one site on one day"), 1),
    (_("a device that visits three sites on one day: three times that"), 3),
    (_("a person who uses two browsers on one site and day: 2² times"), 4),
    (_("a device that visits one site every day of a year: 365 times"), 365),
)
CASES_OF_TABLE = (
    (_("what is protected here, on one day"), 1),
    (_("a person who stands in it twice on one day: 2² times"), 4),
    (_("a person who stands in it once every day of a year: 365 times"), 365),
)


class LedgerLine(Struct, frozen=True):
    """What the page shows of an entry; whatever else the ledger knows is in its JSON."""

    source: str
    day: date
    measure: str
    step: str
    slot: int | None = None
    scale: str = ""
    bound: str = ""
    gap: str = ""
    hour: str = ""
    hash: str = ""

    @property
    def sigma(self) -> float:
        """Standard deviation of the noise; 0 where nothing was drawn."""
        return float(Fraction(self.scale)) if self.scale else 0.0


class DayLine(Struct, frozen=True):
    """What one source spent for one day, as (ε, δ) too."""

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


class VersionLine(Struct, frozen=True):
    """One version of a site's plan: since when, what it changed, in words, and where its whole text is ("" nowhere)."""

    number: int
    day: date
    hash: str
    text: str
    changes: tuple[str, ...]


class MeasuresView(Struct, frozen=True):
    """Everything the template needs. `links` lead to the plans of other sources, `added` is what this one asks for,
    `versions` are those of its plan, newest first.
    """

    site: str
    title: str
    is_table: bool
    links: tuple[Link, ...]
    added: tuple[AskedLine, ...]
    aside: str
    plan: PlanText
    versions: tuple[VersionLine, ...]
    version_count: int
    year: DeviceYear
    meanings: tuple[Meaning, ...]
    odds: str
    latest: tuple[LedgerLine, ...]
    spent: tuple[DayLine, ...]
    entries: int
    head: str
    sites: int
    refusals: tuple[str, ...]
    unprotected: tuple[str, ...]
    keep_hours: int
    audit: AuditView | None


def view_measures(read_side: ReadSide, query: Mapping[str, str], texts: Texts) -> MeasuresView:
    """The plan of a site or table as it is now, and what the ledger says was spent. Raises `QueryError` for one that is
    not here.
    """
    settings = read_side.settings
    source = _read_source(query.get("site", ""), settings)
    name = source.name if source else ""
    plan = read_side.plan_of(name)
    ledger = read_side.ledger
    versions = ledger.plan_versions(name)
    delta = plan.delta / 2
    is_table = isinstance(source, Table)
    cases = CASES_OF_TABLE if is_table else CASES_OF_SITE
    meanings = tuple(
        Meaning(texts.translate(who), plan.rho * times, epsilon_of(plan.rho * times, delta)) for who, times in cases
    )
    return MeasuresView(
        name,
        (source.title or name) if source else "",
        is_table,
        tuple(Link(each.title or each.name, measures_url(each.name), each.name == name) for each in settings.sources),
        _asked(source, settings, texts),
        texts.say(SET_ASIDE, **RATES),
        plan,
        _versions(versions, texts),
        len(versions),
        view_device_year(read_side, name, texts),
        meanings,
        texts.percent(best_guess(plan.epsilon)),
        tuple(msgspec.convert(entry, LedgerLine, from_attributes=True) for entry in ledger.latest(LATEST_ENTRIES)),
        tuple(
            DayLine(one.source, one.day, one.releases, one.rho, epsilon_of(one.rho, delta))
            for one in ledger.spent(LATEST_SPENT)
        ),
        ledger.count(),
        ledger.head(),
        len(settings.sites),
        tuple(texts.translate(text) for text in REFUSALS),
        tuple(texts.say(text, hours=settings.keep_hours) for text in UNPROTECTED),
        settings.keep_hours,
        view_audit(read_side, texts),
    )


def _versions(versions: Sequence[PlanVersion], texts: Texts) -> tuple[VersionLine, ...]:
    """The newest ones, newest first."""
    return tuple(
        VersionLine(
            one.number, one.day, one.name.rpartition("/")[2][:12], plan_url(one.name) if one.is_kept else "",
            tell_changes(one, texts),
        )
        for one in reversed(versions[-LATEST_VERSIONS:])
    )  # fmt: skip


def _asked(source: Site | Table | None, settings: Settings, texts: Texts) -> tuple[AskedLine, ...]:
    if source is None:
        return ()
    return tell_read(source, texts) if isinstance(source, Table) else tell_asked(source, settings, texts)


def _read_source(name: str, settings: Settings) -> Site | Table | None:
    if not name:
        return settings.sources[0] if settings.sources else None
    found = settings.site(name) or settings.table(name)
    if found is None:
        raise QueryError("site", f"“{name[:40]}”", ", ".join(source.name for source in settings.sources))
    return found


def best_guess(epsilon: float) -> float:
    """The best chance to be right about "was this device there?" for who knew nothing before: e^ε / (1 + e^ε)."""
    return 1 / (1 + exp(-epsilon))
