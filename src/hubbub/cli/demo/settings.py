"""The demo's hubbub.yaml: three portals whose public pages, campaigns and events are declared, and a table."""

import msgspec

from hubbub.cli.demo.city import CITY, CULTURE, PORTALS, SERVICES, ZONE, Portal
from hubbub.cli.demo.requests import NAME as REQUESTS
from hubbub.cli.demo.requests import TABLE
from hubbub.cli.demo.story import VIRAL_PAGE
from hubbub.cli.demo.views import LAUNCHED
from hubbub.cli.demo.wishes import TOPICS, WISHES
from hubbub.core.settings import Amount, Server, Settings, Site
from hubbub.core.targets import Counted, Target

HEADER = """\
# The simulated city of `hubbub demo`. Written anew at each start; for a home of your own: `hubbub init`.
# The live stream comes from this machine and names made-up addresses, so the loopback proxy is believed.
"""

TARGETS = (
    Target(
        "digital-take-up",
        title="Applications begun online",
        ready="digital_take_up",
        sources=(SERVICES.name,),
        metric="visitors",
        filter="goal==Application started",
        of=Counted("requests", (REQUESTS,)),
        period="month",
        at_least=32.0,
        owner="Digital services",
    ),
    Target(
        "parking-permits-finished",
        title="Parking permits brought to an end",
        ready="completion_rate",
        sources=(SERVICES.name,),
        funnel="Parking permit",
        period="week",
        at_least=17.0,
        owner="Traffic office",
    ),
    Target(
        "closed-in-time",
        title="Requests closed in time",
        ready="satisfaction",
        sources=(REQUESTS,),
        metric="in_time",
        period="quarter",
        at_least=80.0,
        owner="Service desk",
    ),
    Target(
        "culture-visitors",
        title="Visitors of culture and leisure",
        sources=(CULTURE.name,),
        metric="visitors",
        period="month",
        at_least="+5 %",
        baseline="previous",
        owner="Culture",
    ),
    Target(
        "cost-of-a-request",
        title="Cost of a request",
        ready="cost_per_transaction",
        sources=(REQUESTS,),
        metric="requests",
        cost=150_000.0,
        period="month",
        at_most=2.5,
        owner="Service desk",
    ),
)


def demo_settings() -> Settings:
    """The simulated city's settings, at the default budget."""
    return Settings(
        sites=tuple(_site(portal) for portal in PORTALS),
        tables=(TABLE,),
        timezone=ZONE,
        city=CITY,
        topics=TOPICS,
        targets=TARGETS,
        server=Server(trusted_proxies=("127.0.0.1/32",)),
    )


def demo_yaml() -> str:
    """`demo_settings()` as the text of a hubbub.yaml."""
    tree = msgspec.to_builtins(demo_settings())
    return HEADER + msgspec.yaml.encode(tree).decode()


def _site(portal: Portal) -> Site:
    """The portal as a source. The page that no one foresaw is on no list: it has to pass the threshold."""
    events: dict[str, dict[str, tuple[str, ...]]] = {}
    launched = (LAUNCHED,) if LAUNCHED.name in {event.name for event in portal.events} else ()
    for event in (*portal.events, *launched):
        properties = events.setdefault(event.name, {})
        properties[event.key] = (*properties.get(event.key, ()), *event.values)
    pages = tuple(page for page in portal.pages if page != VIRAL_PAGE)
    wishes = WISHES[portal.name]
    return Site(
        name=portal.name,
        title=portal.title,
        pages=pages,
        campaigns=portal.campaigns,
        events=events,
        search_query=(wishes.search[1],),
        search_terms=wishes.terms,
        amounts={event.name: Amount(event.most, "EUR") for event in portal.events if event.prices},
        goals=wishes.goals,
        funnels={name: walk.steps for name, walk in wishes.walks.items()},
        returning=bool(wishes.returning),
    )
