"""The plans of a home's sources in words, as they are in force: what the settings ask for, and the bounds that they
leave open as the ledger has them, since those are chosen day by day.
"""

from collections.abc import Iterator, Mapping

import msgspec

from hubbub.core.plan_text import PlanText
from hubbub.core.settings import Settings, Site, Tuning
from hubbub.release.budget import Allowance, Priced, priced, share
from hubbub.release.describe import describe
from hubbub.release.ledger import Ledger
from hubbub.release.plan import Plan
from hubbub.release.site_fits import open_bounds
from hubbub.release.site_plan import plan_of
from hubbub.release.table_plan import plan_of_table


class PlansInWords(Mapping[str, PlanText]):
    """Source → its plan: the one that its newest release was paid by, while the settings ask for the same; else the one
    that the settings say.
    """

    def __init__(self, settings: Settings, ledger: Ledger) -> None:
        self._settings, self._ledger = settings, ledger
        asked = {site.name: plan_of(site, settings) for site in settings.sites}
        asked |= {table.name: plan_of_table(table) for table in settings.tables}
        self._asked = {name: priced(plan, settings.budget) for name, plan in asked.items()}
        self._standing = {name: describe(its) for name, its in self._asked.items()}
        self._paid: dict[str, tuple[str, PlanText]] = {}  # source → the ledger's head, and what it told

    def __getitem__(self, name: str) -> PlanText:
        standing = self._standing[name]
        head = self._ledger.head()
        if self._paid.get(name, ("",))[0] != head:
            found = _newest(self._ledger, name, self._asked[name], self._settings.site(name))
            self._paid[name] = (head, describe(found) if found else standing)
        return self._paid[name][1]

    def __iter__(self) -> Iterator[str]:
        return iter(self._standing)

    def __len__(self) -> int:
        return len(self._standing)


def _newest(ledger: Ledger, source: str, asked: Priced, site: Site | None) -> Priced | None:
    """The plan of the source's newest release; None where it was of other settings, budget or release of hubbub."""
    versions = ledger.plan_versions(source)
    if not versions or not versions[-1].is_kept:
        return None
    try:
        plan, paid = msgspec.json.decode(ledger.plan_text(versions[-1].name), type=tuple[Plan, Allowance])
    except msgspec.ValidationError:
        return None
    if paid != asked.allowance or not _is_asked(plan, asked.plan, site):
        return None
    return Priced(plan, paid, {each.measure: share(plan, each, paid) for each in plan.measures})


def _is_asked(plan: Plan, asked: Plan, site: Site | None) -> bool:
    """Whether a plan is what the settings ask for, but for bounds that they leave open."""
    if site is None:
        return plan.table == asked.table
    left_open = [each for each in open_bounds(site) if each in plan and each in asked]
    return plan.tuned(Tuning(bounds={each: asked[each].bound for each in left_open})) == asked
