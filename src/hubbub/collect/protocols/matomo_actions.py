"""What one Matomo tracking request says happened.

Facts are those of Matomo's HTTP Tracking API. A request is one action; of several that it names the one counts that
Matomo would take: a heartbeat, a conversion, then download, outlink, event, site search, content, page view.
"""

import re
from collections.abc import Mapping

from msgspec import Struct

from hubbub.collect.hits import DOWNLOAD, ENGAGEMENT, OUTLINK, PAGEVIEW, SEARCH, Properties
from hubbub.collect.protocols.parameters import number, whole
from hubbub.core.reasons import DropReason

Parameters = Mapping[str, str]

ORDER = "Ecommerce Order"
CART = "Ecommerce Cart Update"
GOAL = "Goal {}"
DIMENSIONS = tuple(f"dimension{number}" for number in range(1, 100))

# What campaigns are called in addresses made for Matomo, as the rest of hubbub knows them.
_CAMPAIGN = re.compile(r"(?<=[?&#])(?:mtm|pk|matomo|piwik)_(campaign|source|medium|cpn)(?==)")
_CAMPAIGN_MARKS = ("mtm_", "pk_", "matomo_", "piwik_")


class Action(Struct, frozen=True, gc=False):
    """Name, properties, searched term and amount of a hit."""

    name: str
    properties: Properties = {}
    search: str = ""
    amount: float = 0


def action(asked: Parameters) -> Action | DropReason:
    """What happened, IGNORED for what hubbub does not count, or BAD_EVENT for an event that Matomo refuses.

    A heartbeat says that someone is still there: engagement without a time of its own, which prolongs a visit.
    """
    if _is_set(asked, "ping"):
        return Action(ENGAGEMENT)
    goal = whole(asked.get("idgoal", ""))
    if goal is not None:
        name = GOAL.format(goal) if goal else ORDER if asked.get("ec_id") else CART
        return Action(name, _dimensions(asked), amount=number(asked.get("revenue", "")))
    if asked.get("download"):
        return Action(DOWNLOAD, {"url": asked["download"]})
    if asked.get("link"):
        return Action(OUTLINK, {"url": asked["link"]})
    if asked.get("e_c"):
        return _event(asked)
    if asked.get("search"):
        return Action(SEARCH, search=asked["search"])
    if asked.get("c_n") or _is_set(asked, "ca"):
        return DropReason.IGNORED
    return Action(PAGEVIEW)


def page_url(url: str) -> str:
    """The page's address, with the campaign parameters that Matomo has of its own under their common names."""
    if not any(mark in url for mark in _CAMPAIGN_MARKS):
        return url
    return _CAMPAIGN.sub(lambda found: "utm_" + ("campaign" if found[1] == "cpn" else found[1]), url)


def _event(asked: Parameters) -> Action | DropReason:
    """The declared event named like the category; action and name are properties of it, the value its amount."""
    category, verb, name = asked["e_c"].strip(), asked.get("e_a", "").strip(), asked.get("e_n", "").strip()
    if not category or not verb:
        return DropReason.BAD_EVENT
    if category in (PAGEVIEW, ENGAGEMENT):
        return DropReason.UNKNOWN_EVENT
    said: Properties = {"action": verb, **({"name": name} if name else {}), **_dimensions(asked)}
    return Action(category, said, amount=number(asked.get("e_v", "")))


def _dimensions(asked: Parameters) -> Properties:
    return {name: value for name, value in asked.items() if name.startswith("dimension") and value}


def _is_set(asked: Parameters, name: str) -> bool:
    return bool(whole(asked.get(name, "")))
