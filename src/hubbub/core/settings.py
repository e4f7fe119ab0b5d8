"""The settings' types: what `hubbub.yaml` may say. Read once (by `cli`), checked, then frozen."""

from typing import Literal

from msgspec import Struct

from hubbub.core.alerts import Alerts, Report
from hubbub.core.sign_in import SignIn
from hubbub.core.tables import Table
from hubbub.core.targets import Target

TRIAL_EPSILON = 10.0  # numbers released above it are not private: the home is marked for ever


class Budget(Struct, frozen=True, forbid_unknown_fields=True):
    """What one device-day on one site may cost, as (epsilon, delta).

    Half of delta pays for the conversion from zero-concentrated DP, half for the thresholds of new keys.
    """

    epsilon: float
    delta: float = 1e-9


class Condition(Struct, frozen=True, forbid_unknown_fields=True):
    """What a page view or an event must be to count for a goal or a step: either `page` or `event` is set.

    page      a pattern of paths, see `core.patterns`
    event     a declared event; "outlink", "download", "form", "search" or "404" for those kinds
    property, value  of the declared event; "" for any
    """

    page: str = ""
    event: str = ""
    property: str = ""
    value: str = ""


class Amount(Struct, frozen=True, forbid_unknown_fields=True):
    """The money (or other quantity) that a declared event carries.

    currency  three letters of ISO 4217, or "" for a plain number
    most      the largest sum of one device's amounts in a day that is counted, in whole units; above it is cut
    """

    most: int
    currency: str = ""


class Tuning(Struct, frozen=True, forbid_unknown_fields=True):
    """What one source's plan says instead of the plan's own numbers, by the name of a measure.

    weights  its share of the day's budget, relative to all others
    bounds   the limit of what one unit adds (see `release.plan.Bound` for what is limited)
    fit      bounds that are left open follow what was released on earlier days, where it tells (`release.site_fits`)
    """

    weights: dict[str, int] = {}
    bounds: dict[str, int] = {}
    fit: bool = True


class Combinations(Struct, frozen=True, forbid_unknown_fields=True):
    """Visitors by several attributes of their first page view at once.

    attributes  two to six of `core.combinations.LISTS`; () asks for nothing
    values      attribute → the values that are told apart; all others count together
    depth       how many attributes can be asked together; 0: three, or two of two
    weight      share of the day's budget, relative to all other measures
    """

    attributes: tuple[str, ...] = ()
    values: dict[str, tuple[str, ...]] = {}
    depth: int = 0
    weight: int = 12


class Site(Struct, frozen=True, forbid_unknown_fields=True):
    """One source of the web kind: a portal.

    name        the host name the tag names (`data-domain`), unique
    timezone    IANA zone of its local day; "" takes the city's
    title       what readers see; "" shows the name
    pages       paths known publicly beforehand: their numbers need no threshold
    campaigns   utm_campaign values known beforehand
    events      declared events: name → property → allowed values
    query_keep  query parameters that stay part of a page's address
    check_url   origin to ask whether a new page exists; "" leaves it to an editor
    sitemap     address or file of its sitemap or of a list of its pages, read every day: they need no threshold
    collect     `all`, or only from visits as they happen (`live`), or only from logs (`log`)
    umami, matomo, goatcounter   what old snippets call this site: website ids, idsite numbers, codes
    own_hosts   further hosts that are this site: coming from them is no source. Subdomains are in any case
    return_hosts  hosts that send people back, such as a payment service's: coming from them is no source either
    paths       patterns such as /case/*: what stands at a star is not kept
    search_query  query parameters of the site's own search page that hold what was searched for
    search_terms  terms known beforehand
    amounts     declared events that carry an amount
    goals       name → what counts
    funnels     name → two to eight steps, done in this order within a visit
    returning   count how long ago consenting visitors were here last
    combinations  count visitors by several attributes at once
    plan        weights and bounds of this site's own, instead of the plan's
    """

    name: str
    timezone: str = ""
    title: str = ""
    pages: tuple[str, ...] = ()
    campaigns: tuple[str, ...] = ()
    events: dict[str, dict[str, tuple[str, ...]]] = {}
    query_keep: tuple[str, ...] = ()
    check_url: str = ""
    sitemap: str = ""
    collect: Literal["all", "live", "log"] = "all"
    umami: tuple[str, ...] = ()
    matomo: tuple[int, ...] = ()
    goatcounter: tuple[str, ...] = ()
    own_hosts: tuple[str, ...] = ()
    return_hosts: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    search_query: tuple[str, ...] = ()
    search_terms: tuple[str, ...] = ()
    amounts: dict[str, Amount] = {}
    goals: dict[str, Condition] = {}
    funnels: dict[str, tuple[Condition, ...]] = {}
    returning: bool = False
    combinations: Combinations = Combinations()
    plan: Tuning = Tuning()


class Server(Struct, frozen=True, forbid_unknown_fields=True):
    """How `hubbub serve` listens.

    trusted_proxies  networks (CIDR) whose X-Forwarded-For is believed
    metrics_port     loopback port of the operator's Prometheus metrics; 0 switches them off
    sender_keys      SHA-256 of the keys of those who may send events for others: when, from which address
    datacenters      `known`: what comes from cloud providers' published ranges is not counted; `none`: it is
    datacenter_ranges  file of further ranges, one a line (CIDR); those that begin with `!` count as no data centre's
    """

    trusted_proxies: tuple[str, ...] = ()
    metrics_port: int = 0
    sender_keys: tuple[str, ...] = ()
    datacenters: Literal["known", "none"] = "known"
    datacenter_ranges: str = ""


class Access(Struct, frozen=True, forbid_unknown_fields=True):
    """Who may read: `public`, or `private`: operators who are signed in, and whoever shows a key. Of the keys that are
    given here the SHA-256 stands in the file.
    """

    mode: Literal["public", "private"] = "public"
    key_hashes: tuple[str, ...] = ()


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of `hubbub.yaml`.

    tables               sources that are no web site
    topics               the city's lines of business: name → patterns of paths, of any site or, with its host in
                         front, of one
    targets              what the city aims for
    holidays             whose public holidays are days of their own kind: a country, or a part of it (AT, DE-BY)
    close_after_minutes  grace after midnight before a live day is closed
    keep_hours           the longest that raw rows and their keys live after their day's end
    address              where readers find the pages, such as https://numbers.city.example: messages link there,
                         and sign-in's cookies go by it; "" when nothing needs it
    alerts, reports      who is told what, and when
    state                URL of a PostgreSQL database, without a password; "" for a file in the home
    sign_in              a city's own provider that operators may sign in by
    raw_folder, keys_folder  where sealed rows and keys (with PostgreSQL: wrapping keys) stand, for a cluster folders
                         that all machines share; "" for `raw` and `keys` in the home
    """

    sites: tuple[Site, ...] = ()
    timezone: str = "UTC"
    tables: tuple[Table, ...] = ()
    city: str = ""
    budget: Literal["standard", "strict"] | Budget = "standard"
    topics: dict[str, tuple[str, ...]] = {}
    access: Access = Access()
    server: Server = Server()
    targets: tuple[Target, ...] = ()
    holidays: str = ""
    close_after_minutes: int = 15
    keep_hours: int = 48
    alerts: Alerts = Alerts()
    reports: tuple[Report, ...] = ()
    state: str = ""
    raw_folder: str = ""
    keys_folder: str = ""
    address: str = ""
    sign_in: SignIn | None = None

    def site(self, name: str) -> Site | None:
        """The site of this name, or None."""
        return next((site for site in self.sites if site.name == name), None)

    def table(self, name: str) -> Table | None:
        """The declared table of this name, or None."""
        return next((table for table in self.tables if table.name == name), None)

    @property
    def sources(self) -> tuple[Site | Table, ...]:
        """All sites and tables."""
        return (*self.sites, *self.tables)

    def zone_of(self, name: str) -> str:
        """The IANA zone of a source's local day."""
        source = self.site(name) or self.table(name)
        return (source.timezone if source else "") or self.timezone
