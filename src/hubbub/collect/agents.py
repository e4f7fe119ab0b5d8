"""What a user agent says: browser, operating system, class of device, and whether a person sits there."""

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
)

LONGEST = 1024
OTHER = "Other"
_DESKTOPS = frozenset({"Windows", "macOS", "Linux", "ChromeOS"})


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
    if is_bot(text):
        return _BOT
    system = _resolver().os.extract(text)
    os = _system(text, system.family if system else "")
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
    found = _resolver().ua.extract(text)
    family = found.family if found else ""
    name = BROWSER_FAMILIES.get(family, "")
    return name or next((name for prefix, name in BROWSER_PREFIXES if family.startswith(prefix)), OTHER)


def _system(text: str, family: str) -> str:
    if "armonyOS" in text or "OpenHarmony" in text:
        return "HarmonyOS"
    return SYSTEM_FAMILIES.get(family, OTHER)


def _device(text: str, os: str) -> str:
    """The class of device. An Android browser that does not say "Mobile" is on a tablet (Google's own rule).

    Television sets, consoles, watches and headsets are "Other". An iPad that asks for desktop pages says that it
    is a Mac, and cannot be told from one.
    """
    found = _devices().extract(text)
    if found is not None:
        return found.family
    if os in _DESKTOPS:
        return "Desktop"
    if os == "Android":
        return "Tablet"
    return "Desktop" if "X11" in text else OTHER
