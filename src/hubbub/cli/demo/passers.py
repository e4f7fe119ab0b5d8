"""Visitors of the live stream: what their browsers would send. All made up; addresses are random numbers."""

from ipaddress import IPv4Address

import numpy as np
from msgspec import Struct

from hubbub.cli.demo.city import Portal
from hubbub.cli.demo.crowd import COUNTRIES, LANGUAGES, PROFILES, Profile, Source, sources_of
from hubbub.cli.demo.visits import pick
from hubbub.collect.countries import countries_of
from hubbub.collect.datacenters import datacenters_of
from hubbub.core.settings import Server

ADDRESSES = 40_000
FIRST_ADDRESS, LAST_ADDRESS = int(IPv4Address("1.0.0.0")), int(IPv4Address("223.255.255.255"))

_KHTML = "(KHTML, like Gecko)"
_WINDOWS, _MAC = "Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7"
_PHONE, _PAD = "iPhone; CPU iPhone OS 18_6 like Mac OS X", "iPad; CPU OS 18_6 like Mac OS X"
_CHROME = f"AppleWebKit/537.36 {_KHTML} Chrome/141.0.0.0"
_SAFARI = f"AppleWebKit/605.1.15 {_KHTML} Version/18.6"

USER_AGENTS = {
    # by device, browser and system, as a `Profile` names them
    ("Mobile", "Chrome", "Android"): f"Mozilla/5.0 (Linux; Android 10; K) {_CHROME} Mobile Safari/537.36",
    ("Mobile", "Safari", "iOS"): f"Mozilla/5.0 ({_PHONE}) {_SAFARI} Mobile/15E148 Safari/604.1",
    ("Desktop", "Chrome", "Windows"): f"Mozilla/5.0 ({_WINDOWS}) {_CHROME} Safari/537.36",
    (
        "Desktop",
        "Firefox",
        "Windows",
    ): "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0",
    ("Desktop", "Edge", "Windows"): f"Mozilla/5.0 ({_WINDOWS}) {_CHROME} Safari/537.36 Edg/141.0.0.0",
    ("Desktop", "Safari", "macOS"): f"Mozilla/5.0 ({_MAC}) {_SAFARI} Safari/605.1.15",
    ("Mobile", "Samsung Internet", "Android"): (
        f"Mozilla/5.0 (Linux; Android 15; SM-S921B) AppleWebKit/537.36 {_KHTML} "
        "SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36"
    ),
    ("Desktop", "Chrome", "macOS"): f"Mozilla/5.0 ({_MAC}) {_CHROME} Safari/537.36",
    ("Desktop", "Firefox", "Linux"): "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    ("Tablet", "Safari", "iOS"): f"Mozilla/5.0 ({_PAD}) {_SAFARI} Mobile/15E148 Safari/604.1",
    ("Tablet", "Chrome", "Android"): f"Mozilla/5.0 (Linux; Android 14; SM-X710) {_CHROME} Safari/537.36",
    ("Mobile", "Firefox", "Android"): "Mozilla/5.0 (Android 15; Mobile; rv:144.0) Gecko/144.0 Firefox/144.0",
    ("Desktop", "Chrome", "ChromeOS"): f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {_CHROME} Safari/537.36",
}
SPOKEN_BY = tuple(profile for profile in PROFILES if (profile.device, profile.browser, profile.os) in USER_AGENTS)

REFERRER_URLS = {
    "": "",
    "newsletter": "",
    "Google": "https://www.google.com/",
    "Bing": "https://www.bing.com/",
    "DuckDuckGo": "https://duckduckgo.com/",
    "Ecosia": "https://www.ecosia.org/",
    "Startpage": "https://www.startpage.com/",
    "Yahoo!": "https://search.yahoo.com/",
    "Facebook": "https://www.facebook.com/",
    "Instagram": "https://www.instagram.com/",
    "Mastodon": "https://mastodon.social/",
    "Reddit": "https://www.reddit.com/",
    "ChatGPT": "https://chatgpt.com/",
    "Perplexity": "https://www.perplexity.ai/",
    "Microsoft Copilot": "https://copilot.microsoft.com/",
    "YouTube": "https://www.youtube.com/",
    "Wikipedia": "https://de.wikipedia.org/",
}


class Passer(Struct, frozen=True):
    """A visitor of the live stream."""

    portal: Portal
    address: str
    user_agent: str
    language: str
    source: Source

    @property
    def referrer(self) -> str:
        """What the browser names as the page before."""
        return REFERRER_URLS.get(self.source.referrer, f"https://{self.source.referrer}/")

    def entry_url(self, page: str) -> str:
        """The address of the first page: campaigns carry their tags."""
        url = f"https://{self.portal.name}{page}"
        if not self.source.campaign:
            return url
        return f"{url}?utm_source={self.source.referrer}&utm_medium=email&utm_campaign={self.source.campaign}"


class Street:
    """Where passers come from: made-up addresses by country, drawn once."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        numbers = rng.integers(FIRST_ADDRESS, LAST_ADDRESS, ADDRESSES)
        addresses = [str(IPv4Address(int(number))) for number in numbers]
        datacenters = datacenters_of(Server())
        self._by_country: dict[str, list[str]] = {}
        for address, country in zip(addresses, countries_of(addresses), strict=True):
            if country in COUNTRIES and not datacenters.hold(address):
                self._by_country.setdefault(country, []).append(address)

    def passer(self, portal: Portal) -> Passer:
        """A new visitor of the portal."""
        countries = tuple(self._by_country)
        country = countries[self._place([COUNTRIES[code] for code in countries])]
        pool = self._by_country[country]
        profile: Profile = SPOKEN_BY[self._place([profile.weight for profile in SPOKEN_BY])]
        spoken = tuple(LANGUAGES)[self._place(list(LANGUAGES.values()))]
        sources = sources_of(portal)
        return Passer(
            portal,
            pool[int(self._rng.integers(len(pool)))],
            USER_AGENTS[profile.device, profile.browser, profile.os],
            "eo" if spoken == "other" else f"{spoken},en;q=0.5",
            sources[self._place([source.weight for source in sources])],
        )

    def _place(self, weights: list[float]) -> int:
        return int(pick(self._rng, weights, 1)[0])
