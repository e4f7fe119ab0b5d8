"""Lines that may become rows, and the steps that decide. Whoever reads `STEPS` has read which they are.

Each step derives a column once a distinct value and joins it back, and says of every line whether it goes on or
for which reason it does not. Lines are columns here, never objects.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from hubbub.collect.agents import Agent, describe
from hubbub.collect.countries import countries_of
from hubbub.collect.datacenters import Ranges
from hubbub.collect.languages import primary_language
from hubbub.collect.logs.codebook import Codebook, Codes, Texts, distinct_pairs
from hubbub.collect.logs.escapes import received, received_text
from hubbub.collect.logs.reasons import CODES, GOES_ON, ReasonCodes
from hubbub.collect.logs.targets import Targets
from hubbub.collect.pages import Page
from hubbub.collect.traffic import Traffic, classify, silent_hosts
from hubbub.collect.visitors import network_of
from hubbub.core.reasons import DropReason
from hubbub.core.rows import Kind
from hubbub.core.settings import Site

LONGEST_LANGUAGE = 128
NO_RANGES = Ranges(())
_TARGETS_REMEMBERED = 65_536
_UNKNOWN = "-"  # how logs write a header that was not sent

CodedTarget = tuple[int, int, int, int, int]
"""What a request asks for: code of the reason, kind, codes of page, name and origin."""

Array = npt.NDArray[Any]


class Candidates:
    """Lines as columns of numbers.

    texts    what the codes of the columns address, target, referrer, agent, host and language stand for; in memory only
    columns  ms, day, hour, is_missing, is_part, these six; and what the steps put in their place: kind, page, name,
             network, country, agent, user_agent, traffic, language, all but the first as codes of `Codebooks`
    """

    def __init__(self, texts: dict[str, Texts], columns: dict[str, Array]) -> None:
        self.texts, self.columns = texts, columns

    def __len__(self) -> int:
        return len(self.columns["ms"])

    def distinct(self, name: str) -> tuple[Codes, list[str | None]]:
        """The distinct texts of one of the six columns, and for each line the place of its own; the column goes."""
        return self.texts[name].distinct(self.columns.pop(name))

    def keep(self, goes_on: npt.NDArray[np.bool_]) -> None:
        """Forget the lines that do not go on."""
        if not goes_on.all():
            self.columns = {name: column[goes_on] for name, column in self.columns.items()}


class Codebooks:
    """What the steps derive for one site. `networks` and `user_agents` exist until the visitor keys are made."""

    def __init__(self, site: Site, datacenters: Ranges = NO_RANGES) -> None:
        self.datacenters = datacenters
        self.targets = Targets(site)
        self.silent_hosts = silent_hosts(site)
        self.target: Callable[[str], CodedTarget] = lru_cache(_TARGETS_REMEMBERED)(self._target)
        self.pages: Codebook[str] = Codebook()
        self.origins: Codebook[Page] = Codebook()
        self.traffic: Codebook[Traffic] = Codebook()
        self.networks: Codebook[str] = Codebook()
        self.countries: Codebook[str] = Codebook()
        self.user_agents: Codebook[str] = Codebook()
        self.agents: Codebook[Agent] = Codebook()
        self.languages: Codebook[str] = Codebook()

    def _target(self, logged: str) -> CodedTarget:
        target = self.targets.read(received_text(logged))
        reason = CODES[target.reason] if target.reason else GOES_ON
        pages = self.pages.code
        return reason, target.kind, pages(target.page.path), pages(target.name), self.origins.code(target.origin)


Step = Callable[[Candidates, Codebooks], ReasonCodes]


def match_host(lines: Candidates, books: Codebooks) -> ReasonCodes:
    """A log of several hosts: only lines of the site's own go on. Where none is named, all are."""
    places, texts = lines.distinct("host")
    return _codes(
        None if text is None or books.targets.is_of_site(text) else DropReason.UNKNOWN_SITE for text in texts
    )[places]


def read_targets(lines: Candidates, books: Codebooks) -> ReasonCodes:
    """Kind, page, name and origin (the page without its path, which a referrer is judged by).

    A file that is fetched in parts is one download, for what a device does is counted once by file and day; a page
    that is, has not been seen.
    """
    places, texts = lines.distinct("target")
    targets = np.array([books.target(text or "") for text in texts], dtype=np.int32).reshape(-1, 5)
    reasons, kinds, pages, names, origins = targets.T
    kind, is_missing = kinds.astype(np.int8)[places], lines.columns.pop("is_missing")
    is_part = lines.columns.pop("is_part") & (kind == Kind.PAGEVIEW)
    lines.columns["kind"] = np.where(is_missing, np.int8(Kind.MISSING), kind)
    lines.columns["page"] = pages[places]
    lines.columns["name"] = np.where(is_missing, pages[places], names[places])
    lines.columns["origin"] = origins[places]
    found = reasons.astype(np.int8)[places]
    return np.where((found == GOES_ON) & is_part, np.int8(CODES[DropReason.STATUS]), found)


def find_addresses(lines: Candidates, books: Codebooks) -> ReasonCodes:
    """Network and country."""
    places, texts = lines.distinct("address")
    networks = [network_of(text or "") or "" for text in texts]
    known = [network.removesuffix("/64") for network in networks if network]
    countries = dict(zip(known, countries_of(known), strict=True)) if known else {}
    lines.columns["network"] = books.networks.codes(networks)[places]
    codes = books.countries.codes(countries.get(network.removesuffix("/64"), "ZZ") for network in networks)
    lines.columns["country"] = codes[places]
    return _codes(None if network else DropReason.NO_ADDRESS for network in networks)[places]


def refuse_bots(lines: Candidates, books: Codebooks) -> ReasonCodes:
    """The user agent, for the visitor key, and what it says. A log without user agents cannot tell bots."""
    places, texts = lines.distinct("agent")
    user_agents = ["" if text in (None, _UNKNOWN) else received(text or "") for text in texts]
    agents = [describe(user_agent) for user_agent in user_agents]
    lines.columns["user_agent"] = books.user_agents.codes(user_agents)[places]
    lines.columns["agent"] = books.agents.codes(agents)[places]
    return _codes(
        DropReason.BOT if agent.is_bot and text is not None else None for agent, text in zip(agents, texts, strict=True)
    )[places]


def refuse_datacenters(lines: Candidates, books: Codebooks) -> ReasonCodes:
    """What asks from a data centre is a program, whatever it says it is."""
    networks, places = np.unique(lines.columns["network"], return_inverse=True)
    texts = (books.networks.values[network].removesuffix("/64") for network in networks.tolist())
    return _codes(DropReason.DATACENTER if books.datacenters.hold(text) else None for text in texts)[places]


def trace_traffic(lines: Candidates, books: Codebooks) -> ReasonCodes:
    """Referrer, channel and campaign: by the distinct pairs of a referrer and a page's origin."""
    referrers, texts = lines.distinct("referrer")
    urls = ["" if text in (None, _UNKNOWN) else received_text(text or "") for text in texts]
    places, pairs = distinct_pairs(referrers, lines.columns.pop("origin"))
    silent, origins = books.silent_hosts, books.origins.values
    found = [classify(urls[referrer], origins[origin], silent) for referrer, origin in pairs]
    lines.columns["traffic"] = books.traffic.codes(found)[places]
    return _codes(DropReason.SPAM_REFERRER if traffic.is_spam else None for traffic in found)[places]


def read_languages(lines: Candidates, books: Codebooks) -> ReasonCodes:
    """The language that the browser prefers, where the log says it."""
    places, texts = lines.distinct("language")
    found = (primary_language("" if text is None else received(text)[:LONGEST_LANGUAGE]) for text in texts)
    lines.columns["language"] = books.languages.codes(found)[places]
    return np.zeros(len(lines), dtype=np.int8)


STEPS: tuple[Step, ...] = (
    match_host,
    read_targets,
    find_addresses,
    refuse_bots,
    refuse_datacenters,
    trace_traffic,
    read_languages,
)


def _codes(reasons: Iterable[DropReason | None]) -> ReasonCodes:
    return np.array([CODES[reason] if reason else GOES_ON for reason in reasons], dtype=np.int8)
