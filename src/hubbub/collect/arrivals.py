"""An event on its way through the pipeline: what the request said, and what the steps have found so far."""

from collections.abc import Mapping
from datetime import date

from msgspec import Struct

from hubbub.collect.agents import Agent
from hubbub.collect.events import Event
from hubbub.collect.pages import Page
from hubbub.collect.portals import LocalDay, Portal
from hubbub.collect.traffic import Traffic

NO_EVENT = Event()
NO_PORTAL = Portal("", LocalDay("UTC"), frozenset(), {})
NO_PAGE = Page("", "")
NO_AGENT = Agent("", "", "", False)
NO_TRAFFIC = Traffic("", "")


class Arrival(Struct, gc=False):
    """What a request said (the first five), and the blanks that steps fill. Lives as long as its request.

    body      the JSON; None when it was too large to read, unused when `event` is known already (a pixel)
    headers   names in lower case
    address   the client's, "" when unknown; it is in no row
    ms        receive time, milliseconds since 1970 UTC
    event     what happened, as the request says it
    source, day   where a row or a drop is counted; source is "" until the site is known
    """

    body: bytes | None
    headers: Mapping[bytes, bytes]
    address: str
    ms: int
    event: Event = NO_EVENT
    portal: Portal = NO_PORTAL
    source: str = ""
    day: date = date.min
    hour: int = 0
    page: Page = NO_PAGE
    user_agent: str = ""
    agent: Agent = NO_AGENT
    traffic: Traffic = NO_TRAFFIC
    kind: int = 0
    name: str = ""
    detail: str = ""
    country: str = "ZZ"
    unit: int = 0
