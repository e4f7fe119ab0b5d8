"""The addresses of the pages, made in one place so that every link keeps the period, the metric and the filter."""

from datetime import date
from urllib.parse import quote, urlencode

from hubbub.serve.pages.filters import FilterLine
from hubbub.serve.pages.periods import DEFAULT_CHOICE, Choice, Period
from hubbub.serve.pages.toplists import TopList

OVERVIEW = "/"
MEASURES = "/what-we-measure"
TRENDS = "/what-is-changing"
TARGETS = "/targets"
VERIFY = "/what-we-measure/verify"
SIGN_IN = "/sign-in"
SIGN_IN_PROVIDED = "/sign-in/provider"
SIGN_IN_BACK = "/sign-in/back"
SIGN_IN_KEY = "/sign-in-key"  # beside the pages: browsers send what they are asked for here to all of them
SIGN_OUT = "/sign-out"
PASSWORD = "/password"  # noqa: S105, an address
OPERATORS = "/operators"
OPERATORS_ACCOUNTS = "/operators/accounts"
OPERATORS_KEYS = "/operators/keys"
OPERATORS_LOG = "/operators/log"
OPERATORS_ALERTS = "/operators/alerts"
NOTES = "/notes"
NEW_TARGET = "/targets/new"
LEDGER_JSON = "/api/v1/ledger"
AUDIT_JSON = "/api/v1/audit"
PLANS_JSON = f"{LEDGER_JSON}/plans"
DEFAULT_METRIC = "visitors"


def overview_url(period: Period | None = None) -> str:
    """The overview of all sites."""
    return OVERVIEW + _query(_period(period))


def site_url(
    site: str, period: Period | None = None, metric: str = DEFAULT_METRIC, chosen: FilterLine | None = None
) -> str:
    """A site's page."""
    query = _period(period)
    if metric != DEFAULT_METRIC:
        query["metric"] = metric
    if chosen is not None:
        query |= chosen.query()
    return f"/sites/{quote(site, safe='')}{_query(query)}"


def key_url(site: str, dimension: str, key: str, period: Period) -> str:
    """A site's page about one key of a list."""
    return f"/sites/{quote(site, safe='')}{_query(_period(period) | {'by': dimension, 'is': key})}"


def and_url(site: str, chosen: FilterLine, spec: TopList, key: str, period: Period) -> str:
    """A site's page about what is chosen and one key of another list together."""
    return site_url(site, period, chosen=FilterLine(chosen.spec, chosen.key, FilterLine(spec, key)))


def choice_url(site: str, choice: Choice, dimension: str = "", last: date | None = None) -> str:
    """A site's page, or its full list of a dimension, over another entry of the period picker."""
    ending = f"/list/{dimension}" if dimension else ""
    pinned = {"date": last.isoformat()} if last else {}
    return f"/sites/{quote(site, safe='')}{ending}{_query({'period': choice} | pinned)}"


def list_url(site: str, dimension: str, period: Period | None = None, number: int = 1) -> str:
    """A full list; `number` is the page of it."""
    query = _period(period)
    if number > 1:
        query["page"] = str(number)
    return f"/sites/{quote(site, safe='')}/list/{dimension}{_query(query)}"


def table_url(table: str, period: Period | None = None, last: date | None = None) -> str:
    """A declared table's page; `last` in place of a period: the 30 days up to that one."""
    query = {"period": "30d", "date": last.isoformat()} if last else _period(period)
    return f"/tables/{quote(table, safe='')}{_query(query)}"


def target_url(name: str) -> str:
    """A target's page."""
    return f"{TARGETS}/{quote(name, safe='')}"


def target_form_url(name: str) -> str:
    """The form of a target that was made in the pages."""
    return f"{target_url(name)}/edit"


def measures_url(site: str = "") -> str:
    """What is measured, of one site or table."""
    return MEASURES + _query({"site": site} if site else {})


def sign_in_url(after: str = OVERVIEW) -> str:
    """The sign-in page, to come back to a page of ours."""
    return SIGN_IN + _query({"next": after} if after != OVERVIEW else {})


def provided_url(after: str) -> str:
    """Where a sign-in by the city's provider begins."""
    return SIGN_IN_PROVIDED + _query({"next": after} if after != OVERVIEW else {})


def page_of_ours(wished: str) -> str:
    """The path and query `wished` if they are of this host, else the overview: nobody is led elsewhere by a link."""
    is_plain = wished.isascii() and wished.isprintable() and not set(wished) & set('\\ <>"')
    is_here = wished.startswith("/") and not wished.startswith("//") and len(wished) <= 600
    is_apart = wished.partition("?")[0] in (SIGN_IN, SIGN_IN_PROVIDED, SIGN_IN_BACK, SIGN_IN_KEY, SIGN_OUT)
    return wished if is_plain and is_here and not is_apart else OVERVIEW


def trends_url(source: str = "", number: int = 1) -> str:
    """What is changing, of all sources or of one; `number` is the page of the list."""
    query = {"site": source} if source else {}
    if number > 1:
        query["page"] = str(number)
    return TRENDS + _query(query)


def finding_url(name: str) -> str:
    """The page of one finding."""
    return f"{TRENDS}/{name}"


def notes_url(source: str) -> str:
    """Where notes on a site or table go."""
    return f"{NOTES}/{quote(source, safe='')}"


def plan_url(name: str) -> str:
    """The whole text of a plan, by its name in ledger entries."""
    return PLANS_JSON + _query({"name": name})


def _period(period: Period | None) -> dict[str, str]:
    if period is None or (period.choice == DEFAULT_CHOICE and not period.is_pinned):
        return {}
    return period.query()


def _query(query: dict[str, str]) -> str:
    return f"?{urlencode(query)}" if query else ""
