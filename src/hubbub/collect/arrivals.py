"""A hit on its way through the pipeline: what was said, and what the steps have found so far."""

from datetime import date

from msgspec import Struct

from hubbub.collect.agents import Agent
from hubbub.collect.hits import Hit
from hubbub.collect.pages import Page
from hubbub.collect.portals import LocalDay, Portal
from hubbub.collect.requests import Request
from hubbub.collect.traffic import Traffic
from hubbub.core.reasons import DropReason
from hubbub.core.settings import Site

NO_PORTAL = Portal(Site(""), LocalDay("UTC"))
NO_PAGE = Page("", "")
NO_AGENT = Agent("", "", "", False)
NO_TRAFFIC = Traffic("", "")


class Arrival(Struct, gc=False):
    """A hit and the request that brought it, and the blanks that steps fill. Lives as long as its request.

    ms            when it happened, milliseconds since 1970 UTC
    source, day   where a row or a drop is counted; source is "" until the site is known
    left_out      why parts of the hit are in no row; counted beside it, once it is stored
    tag           of a hit that may be sent again; 0 has one drawn
    """

    request: Request
    hit: Hit
    portal: Portal = NO_PORTAL
    source: str = ""
    day: date = date.min
    ms: int = 0
    hour: int = 0
    page: Page = NO_PAGE
    user_agent: str = ""
    agent: Agent = NO_AGENT
    traffic: Traffic = NO_TRAFFIC
    kind: int = 0
    name: str = ""
    detail: str = ""
    amount: int = 0
    left_out: tuple[DropReason, ...] = ()
    country: str = "ZZ"
    unit: int = 0
    tag: int = 0
