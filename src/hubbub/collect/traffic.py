"""Where a visit came from: its source, channel and campaign, from the referrer and the page's own address."""

import re
from functools import cache, lru_cache

from msgspec import Struct

from hubbub.collect.channels import channel_of
from hubbub.collect.hosts import Place, is_same_site, is_spam, place_of
from hubbub.collect.pages import Page, clean_host, split_host
from hubbub.collect.paths import STAR
from hubbub.collect.tables.apps import ALIASES, APPS
from hubbub.collect.tables.payments import PAYMENTS
from hubbub.collect.tables.sign_on import SIGN_ON
from hubbub.collect.tables.sources import NAMED
from hubbub.core.settings import Site

_ABSENT = frozenset({"", STAR, "(none)", "(not set)", "none", "(direct)", "direct"})
# What people call their own sources, although a site of that name exists.
_PLAIN_WORDS = frozenset(
    "about answers band blog care comcast hey info iq kick liner mail max mix note search shopping so spaces target"
    " wish you".split()
)
# What an advertiser adds to the address of an ad it sells: whose it is, and the medium of its ads.
_ADVERTISERS = {
    "gclid": ("google.com", "cpc"),
    "dclid": ("google.com", "display"),
    "msclkid": ("bing.com", "cpc"),
    "yclid": ("yandex.ru", "cpc"),
    "ttclid": ("tiktok.com", "cpc"),
    "twclid": ("x.com", "cpc"),
    "li_fat_id": ("linkedin.com", "cpc"),
    "rdt_cid": ("reddit.com", "cpc"),
    "sccid": ("snapchat.com", "cpc"),
}
# What a network adds to every link, paid or not: it tells the source only.
_NETWORKS = {"fbclid": "facebook.com", "igshid": "instagram.com"}


class Traffic(Struct, frozen=True, gc=False):
    """Where a visit came from.

    referrer  a name of `core.vocabulary.REFERRERS`, a registrable domain, a cleaned utm_source, or "" (direct)
    channel   one of `core.vocabulary.CHANNELS`
    campaign  utm_campaign, cleaned; "" without
    is_spam   the referrer's host is one that only sends spam; the event is to be dropped
    """

    referrer: str
    channel: str
    campaign: str = ""
    is_spam: bool = False


class SilentHosts(Struct, frozen=True):
    """Hosts that are no source, as `clean_host` gives them; equal to no other, so that it costs little as a key.

    own     the site's: they count with all hosts of their registrable domain
    others  that only send people back; they count with their subdomains, and so do `PAYMENTS` and `SIGN_ON`
    """

    own: tuple[str, ...] = ()
    others: frozenset[str] = frozenset()

    __hash__ = object.__hash__
    __eq__ = object.__eq__


NO_SILENT_HOSTS = SilentHosts()


def silent_hosts(site: Site) -> SilentHosts:
    """The hosts that are no source of a site's visits, besides the pages' own."""
    own = tuple(clean_host(host) for host in (site.name, *site.own_hosts))
    return SilentHosts(own, frozenset(map(clean_host, site.return_hosts)))


def classify(referrer_url: str, page: Page, silent: SilentHosts = NO_SILENT_HOSTS) -> Traffic:
    """Classify a visit that came to `page` from `referrer_url` ("" when there was none).

    What the address says (utm_*) goes before an advertiser's click id, and that before the referrer. A referrer of
    the page's own site is none, nor is one where people only paid or signed in. Of the referrer only the host is read.
    """
    return _classify(
        _referring_host(referrer_url) if referrer_url else "",
        page.host,
        page.utm_source,
        page.utm_medium,
        page.utm_campaign,
        page.click_id,
        silent,
    )


@lru_cache(maxsize=16_384)
def _classify(
    host: str, own_host: str, source: str, medium: str, campaign: str, click_id: str, silent: SilentHosts
) -> Traffic:
    if host and (any(is_same_site(host, own) for own in (own_host, *silent.own)) or _only_returns(host, silent.others)):
        host = ""
    if host and is_spam(host):
        return Traffic("", "Referral", campaign, is_spam=True)
    medium = "" if medium in _ABSENT else medium
    if source not in _ABSENT:
        place = tagged_place(source)
    elif click_id in _ADVERTISERS:
        place = place_of(_ADVERTISERS[click_id][0])
    elif host:
        place = place_of(host)
        medium = medium or "referral"
    elif click_id in _NETWORKS:
        place = place_of(_NETWORKS[click_id])
    else:
        return Traffic("", channel_of("", "", medium, campaign), campaign)
    if click_id in _ADVERTISERS:
        medium = medium if medium not in {"", "referral"} else _ADVERTISERS[click_id][1]
    return Traffic(place.name, channel_of(place.name.lower() or "?", place.kind, medium, campaign), campaign)


def _only_returns(host: str, others: frozenset[str]) -> bool:
    """Whether a host, or one that it is under, only sends back whom it was sent."""
    while host:
        if host in PAYMENTS or host in SIGN_ON or host in others:
            return True
        host = host.partition(".")[2]
    return False


@cache
def _hosts_by_name() -> dict[str, str]:
    """The first host of every source, by its name in lower case, and by the short names people use."""
    hosts = {name.lower(): listed.split()[0].replace(".*", ".com") for name, _, listed in NAMED}
    return hosts | ALIASES


@lru_cache(maxsize=4096)
def tagged_place(source: str) -> Place:
    """The place that a utm_source means: a known name, a host, or the word before `.com`; else its own name."""
    host = _hosts_by_name().get(source, source)
    if "." not in host:
        host = "" if host in _PLAIN_WORDS else host + ".com"
    place = place_of(host)
    return place if place.kind else Place(source, "")


@lru_cache(maxsize=16_384)
def _referring_host(url: str) -> str:
    """The host of a referrer, of an app the host of its maker's page; "" when there is none.

    An app that no table knows is called after a domain of its maker, by custom: `at.gv.wien.app` is `app.wien.gv.at`.
    """
    for scheme in ("android-app://", "ios-app://"):
        if url.startswith(scheme):
            package = re.split("[/?#:]", url.removeprefix(scheme), maxsplit=1)[0].lower()
            return APPS.get(package) or clean_host(".".join(reversed(package.split("."))))
    split = split_host(url)
    return split[0] if split else ""


CACHES = (_classify, tagged_place, _referring_host)
