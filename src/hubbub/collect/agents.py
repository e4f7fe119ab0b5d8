"""What a user agent says: browser, operating system, class of device, and whether a person sits there."""

import re
from functools import cache, lru_cache

from msgspec import Struct
from ua_parser import load_lazy_builtins
from ua_parser.regex import Resolver
from ua_parser_rs import UserAgentExtractor

from hubbub.collect.bots import is_bot
from hubbub.collect.tables.browsers import (
    BROWSER_FAMILIES,
    BROWSER_MARKS,
    BROWSER_PREFIXES,
    DEVICE_PATTERNS,
    SYSTEM_FAMILIES,
    WRAPPED_MARKS,
)

LONGEST = 1024
OTHER = "Other"
_DESKTOPS = frozenset({"Windows", "macOS", "Linux", "ChromeOS"})
_TABLETS = frozenset({"Android", "HarmonyOS"})  # if nothing says otherwise

# Nine of ten agents begin or end like this, and what ua-parser says of them is known: it need not be asked. Of 237,000
# agents of public lists one differs in its system, none in its browser.
_USUAL_SYSTEM = re.compile(
    r"Mozilla/5\.0 \((?:(?P<Windows>Windows NT \d)|(?P<iOS>iPhone; CPU iPhone OS \d|iPad; CPU OS \d)"
    r"|(?P<Android>Linux; (?:U; )?Android \d)|(?P<macOS>Macintosh; Intel Mac OS X \d))"
)
_USUAL_BROWSER = re.compile(
    r"Mozilla/5\.0 \((?:Windows NT|Macintosh|X11; (?:Linux|CrOS|Ubuntu|Fedora)|Linux; Android|iPhone; CPU|iPad; CPU)"
    r"[^()]*(?<!wv)\) (?:AppleWebKit/[\d.]+ \(KHTML, like Gecko\) "
    r"(?:(?P<Chrome>Chrome/[\d.]+ (?:Mobile )?Safari/[\d.]+$)"
    r"|(?P<Safari>Version/[\d.]+ (?:Mobile/\w+ )?Safari/[\d.]+$))"
    r"|(?P<Firefox>Gecko/[\d.]+ Firefox/\d+\.\d[\d.]*$))"
)


class Agent(Struct, frozen=True, gc=False):
    """browser, os, device: from the lists in `core.vocabulary`; is_bot: a program, not a person's browser."""

    browser: str
    os: str
    device: str
    is_bot: bool


@lru_cache(maxsize=16_384)
def describe(user_agent: str) -> Agent:
    """Describe a user agent of any length and content. Only its first kilobyte is read."""
    text = user_agent[:LONGEST]
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode()  # half a character is none for the automata
    if is_bot(text):
        return _BOT
    os = _system(text)
    return Agent(_browser(text), os, _device(text, os), False)


_BOT = Agent(OTHER, OTHER, OTHER, True)


@cache
def _resolver() -> Resolver:
    """ua-parser's expressions without those for devices, which take longest and know models, not classes."""
    browsers, systems, _ = load_lazy_builtins()
    return Resolver((browsers, systems, []))


@cache
def _devices() -> UserAgentExtractor:
    """The patterns of device classes as one automaton, as in `bots`: the first one that matches says the class."""
    return UserAgentExtractor([(pattern, name, None, None, None, None) for name, pattern in DEVICE_PATTERNS])


def _browser(text: str) -> str:
    """The name on our list for what ua-parser finds; editions for phones and betas count as the browser."""
    for mark, name in BROWSER_MARKS:
        if mark in text:
            return name
    usual = _USUAL_BROWSER.match(text)
    if usual is not None:
        return usual.lastgroup or OTHER
    found = _resolver().ua.extract(text)
    family = found.family if found else ""
    name = BROWSER_FAMILIES.get(family, "")
    if name == "Android WebView" and any(mark in text for mark in WRAPPED_MARKS):
        return OTHER
    return name or next((name for prefix, name in BROWSER_PREFIXES if family.startswith(prefix)), OTHER)


def _system(text: str) -> str:
    if "armonyOS" in text or "OpenHarmony" in text:
        return "HarmonyOS"
    usual = _USUAL_SYSTEM.match(text)
    if usual is not None:
        return usual.lastgroup or OTHER
    found = _resolver().os.extract(text)
    return SYSTEM_FAMILIES.get(found.family, OTHER) if found else OTHER


def _device(text: str, os: str) -> str:
    """The class of device. An Android browser that does not say "Mobile" is on a tablet (Google's own rule).

    Television sets, consoles, watches and headsets are "Other". An iPad that asks for desktop pages says that it
    is a Mac, and cannot be told from one.
    """
    found = _devices().extract(text)
    if found is not None:
        return found.family
    if os in _DESKTOPS or "(PC;" in text:
        return "Desktop"
    if os in _TABLETS:
        return "Tablet"
    return "Desktop" if "X11" in text else OTHER
