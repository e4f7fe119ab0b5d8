"""What is allowed in a plan and hardly meant: numbers that drown, settings that do nothing, bounds without keys."""

from collections.abc import Iterator, Mapping

from hubbub.core.keys import Dimension
from hubbub.core.settings import Settings, Site
from hubbub.release.budget import Priced
from hubbub.release.expectation import Expected
from hubbub.release.plan import Keys
from hubbub.release.volumes import Volumes

NOT_IN_LOGS = ("umami", "matomo", "goatcounter", "events", "amounts", "returning")
DROWNED = 0.5  # the relative error from which a number says nothing


def of_settings(settings: Settings) -> Iterator[str]:
    """Of all sources together."""
    if settings.access.key_hashes and settings.access.mode == "public":
        yield "access.key_hashes: unused, for everyone may read (access.mode: public)"


def of_budget(priced: Priced) -> Iterator[str]:
    """Of what a source may cost."""
    if priced.allowance.trial:
        yield (
            f"the budget is a trial (ε = {priced.allowance.epsilon:.4g}): its numbers are not private, and the home is "
            "marked as a trial for ever with its first release"
        )


def of_site(site: Site, priced: Priced, known: Mapping[str, int]) -> Iterator[str]:
    """Of one site's plan, without a look at releases. `known` is how many public keys a dimension has."""
    if site.collect == "log":
        for setting in NOT_IN_LOGS:
            if getattr(site, setting):
                yield f"{setting}: unused, for a log does not tell it (collect: log)"
    for setting, numbers in (("weights", site.plan.weights), ("bounds", site.plan.bounds)):
        for name in numbers:
            if name not in priced.plan:
                yield f"plan.{setting}.{name}: unused, for this site is not asked for {name}"
            elif priced.allowance.trial:
                yield f"plan.{setting}.{name}: unused, for a trial widens bounds and gives all the same noise"
    for measure in priced.plan.measures:
        wanted = site.plan.bounds.get(str(measure.measure), 0)
        if wanted > measure.bound:
            yield f"plan.bounds.{measure.measure}: {wanted} is more than there are keys; {measure.bound} is taken"
        keys = known.get(str(measure.dimension)) if measure.keys is Keys.PUBLIC else None
        if keys is not None and measure.bound > max(keys, 1) and not priced.allowance.trial:
            yield (
                f"{measure.measure}: the bound is {measure.bound}, but only {keys} keys are public, and the noise is "
                f"that of {measure.bound}. Import keys (`hubbub keys import`), or set plan.bounds.{measure.measure}"
            )


def of_releases(priced: Priced, volumes: Volumes, expected: Mapping[str, Expected]) -> Iterator[str]:
    """Of what was released: measures whose largest number is not known to a factor of two, or shows nothing at all."""
    silent = []
    for measure in priced.plan.measures:
        name = str(measure.measure)
        if name not in volumes.measures:
            continue
        found = expected[name]
        if not found.cells:
            silent.append(name)
        elif found.error > DROWNED and measure.tells not in ("load", "wide"):
            yield (
                f"{name}: drowns in its noise; a day's largest number is about {found.largest:,.0f}, with "
                f"{100 * found.error:.0f} % of noise. Give it more weight, or read it by week"
            )
    if silent:
        yield f"nothing stood out of the noise from {volumes.first} to {volumes.last} in: {', '.join(silent)}"


def public_keys_of(site: Site, known: Mapping[str, int]) -> dict[str, int]:
    """How many pages are public: those of the settings, or those that the home knows when it knows more."""
    return {Dimension.PAGE.value: max(len(site.pages), known.get(Dimension.PAGE.value, 0))}
