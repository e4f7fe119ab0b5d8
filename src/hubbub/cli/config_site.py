"""Checks of one site's settings, and the keys that are known beforehand as rows have them."""

import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo, available_timezones

from msgspec.structs import replace

from hubbub.cli.config_values import (
    HOST,
    check_count,
    check_hosts,
    check_label,
    check_page,
    check_pattern,
    known_term,
    refuse_name,
    refuse_value,
)
from hubbub.collect.hits import RESERVED
from hubbub.collect.pages import parse_page
from hubbub.collect.refused_values import region_of
from hubbub.core.combinations import FEWEST_ATTRIBUTES, LISTS, MOST_ATTRIBUTES, MOST_CELLS, MOST_DEPTH, MOST_VALUES
from hubbub.core.errors import ConfigError
from hubbub.core.keys import Measure
from hubbub.core.settings import Combinations, Condition, Site, Tuning
from hubbub.release.plan import MOST_WEIGHT
from hubbub.release.site_plan import SHAPES, most_bound, tables_of

MOST_GOALS, MOST_FUNNELS, MOST_STEPS = 20, 10, 8
MOST_AMOUNT = 1_000_000_000
KINDS = ("outlink", "download", "form", "search", "404")
"""What a goal's or step's `event` may be without being declared."""

_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]+)?|https?://\[[0-9a-f:]+\](:[0-9]+)?")
_LIST = re.compile(r"https?://\S+|/\S.*")
_UMAMI_ID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_GOATCOUNTER_CODE = re.compile(r"[A-Za-z0-9-]{1,63}")  # the first part of a host name
_CURRENCY = re.compile(r"[A-Z]{3}")


def check_zone(place: str, zone: str) -> None:
    """Raises ConfigError for a zone that IANA's table does not have."""
    if zone not in available_timezones():
        raise ConfigError(place, repr(zone), "an IANA time zone such as Europe/Vienna")
    ZoneInfo(zone)


def checked_site(path: str, site: Site, zone: str) -> Site:
    """The site at this place of the file, checked; `zone` is where its day is. Raises ConfigError or Refused."""
    region = region_of(zone)
    if not HOST.fullmatch(site.name):
        raise ConfigError(f"{path}.name", repr(site.name), "a host name in lower case, such as portal.example")
    if site.check_url and not _ORIGIN.fullmatch(site.check_url):
        raise ConfigError(f"{path}.check_url", repr(site.check_url), "an origin such as https://portal.example")
    if site.sitemap and not _LIST.fullmatch(site.sitemap):
        allowed = "an address such as https://portal.example/sitemap.xml, or an absolute path"
        raise ConfigError(f"{path}.sitemap", repr(site.sitemap), allowed)
    for index, page in enumerate(site.pages):
        check_page(f"{path}.pages[{index}]", page, region)
    for index, campaign in enumerate(site.campaigns):
        refuse_value(f"{path}.campaigns[{index}]", campaign, region)
    for event, properties in site.events.items():
        _check_event(f"{path}.events", event, properties, region)
    _check_parameters(path, site)
    _check_addresses(path, site)
    _check_amounts(f"{path}.amounts", site)
    _check_goals(path, site, region)
    _check_combinations(f"{path}.combinations", site.combinations)
    check_tuning(f"{path}.plan", site.plan)
    keep = frozenset(site.query_keep)
    pages = (parse_page(f"https://{site.name}{page}", keep, site.paths) for page in site.pages)
    terms = (known_term(f"{path}.search_terms[{i}]", term, region) for i, term in enumerate(site.search_terms))
    return replace(
        site,
        pages=tuple(dict.fromkeys(page.path for page in pages if page)),
        campaigns=tuple(dict.fromkeys(campaign.lower() for campaign in site.campaigns)),  # as links are read
        search_terms=tuple(dict.fromkeys(terms)),
    )


def check_tuning(place: str, tuning: Tuning) -> None:
    """Weights and bounds of measures that there are, within the hard limits."""
    for setting, numbers in (("weights", tuning.weights), ("bounds", tuning.bounds)):
        for name, number in numbers.items():
            here = f"{place}.{setting}.{name}"
            if name not in SHAPES:
                raise ConfigError(here, repr(name), f"a measure of the plan: {', '.join(map(str, SHAPES))}")
            if name == Measure.COMBINATIONS and setting == "bounds":
                raise ConfigError(here, str(number), "nothing here: it follows from the site's combinations")
            most = MOST_WEIGHT if setting == "weights" else most_bound(name)
            if not 1 <= number <= most:
                raise ConfigError(here, str(number), f"a whole number from 1 to {most}" if most > 1 else "1, no other")


def _check_event(place: str, event: str, properties: Mapping[str, tuple[str, ...]], region: str) -> None:
    if event in RESERVED or event in KINDS or not event:
        raise ConfigError(f"{place}.{event}", repr(event), "a name of your own: this one means the same of every site")
    check_label(place, event, region)
    for name, values in properties.items():
        refuse_name(f"{place}.{event}.{name}", name)
        if not values:
            raise ConfigError(f"{place}.{event}.{name}", "no values", "the list of values to count, such as [a, b]")
        for value in values:
            refuse_value(f"{place}.{event}.{name}", value, region)


def _check_parameters(path: str, site: Site) -> None:
    for name in site.query_keep:
        refuse_name(f"{path}.query_keep", name)
    for name in site.search_query:
        refuse_name(f"{path}.search_query", name)
        if name in site.query_keep:
            allowed = "a parameter that query_keep does not name: what is searched for is kept as a term, not in a page"
            raise ConfigError(f"{path}.search_query", repr(name), allowed)


def _check_addresses(path: str, site: Site) -> None:
    check_hosts(f"{path}.own_hosts", site.own_hosts)
    check_hosts(f"{path}.return_hosts", site.return_hosts)
    for index, pattern in enumerate(site.paths):
        place = f"{path}.paths[{index}]"
        check_pattern(place, pattern)
        if "*" not in pattern or "**" in pattern:
            allowed = "a pattern with a star for each segment that is not kept, such as /case/*"
            raise ConfigError(place, repr(pattern), allowed)
    for setting, ids, form, allowed in (
        ("umami", site.umami, _UMAMI_ID, "the UUID in the old snippet's data-website-id"),
        ("goatcounter", site.goatcounter, _GOATCOUNTER_CODE, "the first part of GoatCounter's host, such as portal"),
    ):
        for index, snippet_id in enumerate(ids):
            if not form.fullmatch(snippet_id):
                raise ConfigError(f"{path}.{setting}[{index}]", repr(snippet_id), allowed)
    for index, number in enumerate(site.matomo):
        if number < 1:
            raise ConfigError(f"{path}.matomo[{index}]", str(number), "the snippet's idsite, 1 or more")


def _check_amounts(place: str, site: Site) -> None:
    for event, amount in site.amounts.items():
        _check_declared(f"{place}.{event}", event, site)
        if not 1 <= amount.most <= MOST_AMOUNT:
            allowed = f"1 to {MOST_AMOUNT}, the most of one device and day in whole units"
            raise ConfigError(f"{place}.{event}.most", str(amount.most), allowed)
        if amount.currency and not _CURRENCY.fullmatch(amount.currency):
            allowed = "three capital letters of ISO 4217, such as EUR, or none for a plain number"
            raise ConfigError(f"{place}.{event}.currency", repr(amount.currency), allowed)


def _check_combinations(place: str, asked: Combinations) -> None:
    """Attributes that there are, with lists that are not too long, in tables that are not too many."""
    if not asked.attributes and asked != Combinations():
        raise ConfigError(f"{place}.attributes", "none", f"some of {', '.join(LISTS)}")
    for name in (*asked.attributes, *asked.values):
        if name not in LISTS or (name in asked.values and name not in asked.attributes):
            raise ConfigError(f"{place}.attributes", repr(name), f"some of {', '.join(LISTS)}, each with its values")
    if not asked.attributes:
        return
    count = len(asked.attributes)
    if len(set(asked.attributes)) < count or not FEWEST_ATTRIBUTES <= count <= MOST_ATTRIBUTES:
        found = ", ".join(asked.attributes)
        raise ConfigError(f"{place}.attributes", found, f"{FEWEST_ATTRIBUTES} to {MOST_ATTRIBUTES} of them, each once")
    for name in asked.attributes:
        _check_values(f"{place}.values.{name}", LISTS[name], asked.values.get(name, ()))
    most = min(MOST_DEPTH, count)
    if asked.depth and not 2 <= asked.depth <= most:
        raise ConfigError(f"{place}.depth", str(asked.depth), f"2 to {most}")
    if not 1 <= asked.weight <= MOST_WEIGHT:
        raise ConfigError(f"{place}.weight", str(asked.weight), f"a whole number from 1 to {MOST_WEIGHT}")
    if (cells := tables_of(asked).cells) > MOST_CELLS:
        raise ConfigError(
            place, f"{cells} cells a day", f"at most {MOST_CELLS}: name fewer `values`, or fewer attributes"
        )


def _check_values(place: str, known: tuple[str, ...], values: tuple[str, ...]) -> None:
    if not values and len(known) > MOST_VALUES:
        raise ConfigError(place, "none", f"the values to tell apart, at most {MOST_VALUES}, such as [{known[14]}]")
    if len(values) > MOST_VALUES or len(set(values)) < len(values):
        raise ConfigError(place, f"{len(values)} values", f"at most {MOST_VALUES}, each once")
    for value in values:
        if value not in known:
            raise ConfigError(place, repr(value), f"some of {', '.join(known)}")


def _check_goals(path: str, site: Site, region: str) -> None:
    check_count(f"{path}.goals", len(site.goals), MOST_GOALS, "goals")
    check_count(f"{path}.funnels", len(site.funnels), MOST_FUNNELS, "funnels")
    for name, goal in site.goals.items():
        check_label(f"{path}.goals", name, region)
        _check_condition(f"{path}.goals.{name}", goal, site)
    for name, steps in site.funnels.items():
        check_label(f"{path}.funnels", name, region)
        if not 2 <= len(steps) <= MOST_STEPS:
            raise ConfigError(f"{path}.funnels.{name}", f"{len(steps)} steps", f"2 to {MOST_STEPS} steps")
        for index, step in enumerate(steps):
            _check_condition(f"{path}.funnels.{name}[{index}]", step, site)


def _check_condition(place: str, condition: Condition, site: Site) -> None:
    if bool(condition.page) == bool(condition.event):
        found = "both page and event" if condition.page else "neither page nor event"
        raise ConfigError(place, found, "either page: a pattern of paths, or event: a declared event")
    if condition.page:
        if condition.property or condition.value:
            raise ConfigError(place, "a property of a page", "property and value go with event")
        check_pattern(f"{place}.page", condition.page)
        return
    if condition.event not in KINDS:
        _check_declared(f"{place}.event", condition.event, site, f"; or {', '.join(KINDS)}")
    properties = site.events.get(condition.event, {})
    if condition.property and condition.property not in properties:
        allowed = f"a property that events.{condition.event} declares"
        raise ConfigError(f"{place}.property", repr(condition.property), allowed)
    if condition.value and condition.value not in properties.get(condition.property, ()):
        allowed = "a value that the property declares, and the property beside it"
        raise ConfigError(f"{place}.value", repr(condition.value), allowed)


def _check_declared(place: str, event: str, site: Site, others: str = "") -> None:
    if event not in site.events:
        declared = ", ".join(map(repr, site.events)) or "none is yet"
        raise ConfigError(place, repr(event), f"an event that the site's events declare ({declared}){others}")
