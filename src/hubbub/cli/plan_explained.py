"""A plan with all that can be said of it: `hubbub plan explain` as values, for the table and for JSON."""

from datetime import date

from msgspec import Struct

from hubbub.cli.home import Home
from hubbub.core.days import day_of
from hubbub.core.errors import InputError
from hubbub.core.plan_text import MeasureText
from hubbub.core.settings import Settings, Site
from hubbub.core.tables import Table
from hubbub.release.budget import PICO, Priced, priced
from hubbub.release.describe import describe
from hubbub.release.expectation import ASSUMED, Expected, assumed, expect
from hubbub.release.fits import fitted
from hubbub.release.site_plan import plan_of
from hubbub.release.table_plan import plan_of_table
from hubbub.release.truncation import Truncation
from hubbub.release.volumes import Volumes, read_volumes

MECHANISM = "discrete Gaussian noise on integer counts, once a day"
WITH_THRESHOLD = f"{MECHANISM}; new keys show when their noised number of devices is above the threshold"


class ExplainedMeasure(Struct, frozen=True):
    """One measure: its line of the plan, how it is made private, and what to expect of it."""

    plan: MeasureText
    mechanism: str
    expected: Expected


class Explained(Struct, frozen=True):
    """One source.

    rho_spent    sum of what the measures cost, of `rho`; likewise `delta_spent` of the half of δ for thresholds
    ground       what the expected errors rest on, in words
    first, last  the released days that they rest on; None for an assumption
    """

    source: str
    plan: str
    unit: str
    rho: float
    rho_spent: float
    epsilon: float
    delta: float
    delta_spent: float
    trial: bool
    ground: str
    first: date | None
    last: date | None
    measures: tuple[ExplainedMeasure, ...]


def sources_of(settings: Settings, name: str = "") -> tuple[Site | Table, ...]:
    """All sites and tables, or the one of this name. Raises InputError."""
    found = tuple(each for each in settings.sources if each.name == name or not name)
    if not found:
        known = ", ".join(each.name for each in settings.sources)
        raise InputError("--source", f"hubbub.yaml has no source {name!r}", f"It has: {known}.")
    return found


def priced_in(settings: Settings, source: Site | Table) -> Priced:
    """The plan of a source under the budget of the settings, as long as nothing was released."""
    plan = plan_of_table(source) if isinstance(source, Table) else plan_of(source, settings)
    return priced(plan, settings.budget)


def priced_of(home: Home, source: Site | Table) -> Priced:
    """The plan of a source as a close of today's rows would have it."""
    if not home.has_ledger:
        return priced_in(home.settings, source)
    today = day_of(home.clock.now_ms(), home.settings.zone_of(source.name))
    return fitted(home.closer().door, source.name, today).priced(source.name)


def explain(home: Home, site: Site | Table, visitors: float | None) -> Explained:
    """The plan of a source; errors at so many visitors a day, or at the volumes that the last month released."""
    its = priced_of(home, site)
    found = released_volumes(home, its, site.name)
    if visitors is not None and isinstance(site, Site):
        today = date.fromtimestamp(home.clock.now_ms() / 1000)
        guess = assumed(its.plan, visitors, Volumes(today, today, {}))
        cuts = Truncation(its.plan, found if found is not None else guess)
        ground = f"assumed {visitors:,.0f} visitors a day: {ASSUMED}"
        return _explained(site, its, expect(its, guess, cuts), ground, None)
    if found is None:
        return _explained(site, its, {}, "none, for nothing was released yet; of a site, --visitors N tells them", None)
    ground = f"a day's mean of what was released from {found.first} to {found.last}"
    return _explained(site, its, expect(its, found, Truncation(its.plan, found)), ground, found)


def released_volumes(home: Home, its: Priced, source: str) -> Volumes | None:
    """What the last month released of a source; None for a home that has no ledger yet, which this does not make."""
    if not home.has_ledger:
        return None
    return read_volumes(home.ledger, its.plan, source)


def _explained(
    site: Site | Table, its: Priced, expected: dict[str, Expected], ground: str, on: Volumes | None
) -> Explained:
    told = describe(its)
    return Explained(
        source=site.name,
        plan=told.name,
        unit=told.unit,
        rho=told.rho,
        rho_spent=sum(share.rho for share in its.shares.values()) / PICO,
        epsilon=told.epsilon,
        delta=told.delta,
        delta_spent=sum(share.delta for share in its.shares.values()),
        trial=told.trial,
        ground=ground,
        first=on.first if on else None,
        last=on.last if on else None,
        measures=tuple(
            ExplainedMeasure(
                each, WITH_THRESHOLD if each.threshold else MECHANISM, expected.get(each.measure, Expected())
            )
            for each in told.measures
        ),
    )
