"""The settings' types: what `hubbub.yaml` may say. Read once (by `cli`), checked, then frozen."""

from typing import Literal

from msgspec import Struct

TRIAL_EPSILON = 10.0  # numbers released above it are not private: the home is marked for ever


class Budget(Struct, frozen=True, forbid_unknown_fields=True):
    """What one device-day on one site may cost, as (epsilon, delta).

    Half of delta pays for the conversion from zero-concentrated DP, half for the thresholds of new keys.
    """

    epsilon: float
    delta: float = 1e-9


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
    """

    name: str
    timezone: str = ""
    title: str = ""
    pages: tuple[str, ...] = ()
    campaigns: tuple[str, ...] = ()
    events: dict[str, dict[str, tuple[str, ...]]] = {}
    query_keep: tuple[str, ...] = ()
    check_url: str = ""


class Server(Struct, frozen=True, forbid_unknown_fields=True):
    """How `hubbub serve` listens.

    trusted_proxies  networks (CIDR) whose X-Forwarded-For is believed
    metrics_port     loopback port of the operator's Prometheus metrics; 0 switches them off
    """

    trusted_proxies: tuple[str, ...] = ()
    metrics_port: int = 0


class Access(Struct, frozen=True, forbid_unknown_fields=True):
    """Who may read: `public`, or `private` with keys, of which only the SHA-256 stands in the file."""

    mode: Literal["public", "private"] = "public"
    key_hashes: tuple[str, ...] = ()


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of `hubbub.yaml`.

    close_after_minutes  grace after midnight before a live day is closed
    keep_hours           the longest that raw rows and their keys live after their day's end
    """

    sites: tuple[Site, ...]
    timezone: str = "UTC"
    city: str = ""
    budget: Literal["standard", "strict"] | Budget = "standard"
    access: Access = Access()
    server: Server = Server()
    close_after_minutes: int = 15
    keep_hours: int = 48

    def site(self, name: str) -> Site | None:
        """The site of this name, or None."""
        return next((site for site in self.sites if site.name == name), None)

    def zone_of(self, name: str) -> str:
        """The IANA zone of a site's local day."""
        site = self.site(name)
        return (site.timezone if site else "") or self.timezone
