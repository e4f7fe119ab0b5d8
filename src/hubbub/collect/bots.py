"""Which user agents are programs: crawlers, monitors, feed readers, libraries, headless browsers."""

import re
from functools import cache

from crawleruseragents import CRAWLER_USER_AGENTS_DATA
from ua_parser_rs import UserAgentExtractor

from hubbub.collect.tables.robots import ANYWHERE, BROWSERS_NOT_MOZILLA, DEVICES_NOT_MOZILLA, MODEL, NARROWED

_PLATFORM = re.compile(r"[\"' ]?[Mm]ozilla/\d\.\d+[^(]{0,40}\(")
_NOT_MOZILLA = re.compile(f"{BROWSERS_NOT_MOZILLA}|(?:{DEVICES_NOT_MOZILLA})")
_MODEL = re.compile(MODEL)


@cache
def _patterns() -> UserAgentExtractor:
    """Our own patterns and those of `crawler-user-agents`, as one automaton.

    The extractor is meant for browser names, but it answers the question at hand: does any of 1,500 expressions
    match? It filters them by their literal parts first and takes 3 µs where `re` takes 140. Built on first use
    (40 ms).
    """
    known = (str(entry["pattern"]) for entry in CRAWLER_USER_AGENTS_DATA)
    patterns = (*ANYWHERE, *(NARROWED.get(pattern, pattern) for pattern in known))
    return UserAgentExtractor([(pattern, "robot", None, None, None, None) for pattern in patterns])


def is_bot(user_agent: str) -> bool:
    """Whether a program, not a person's browser or app, sent this agent. An empty one is a program's.

    Every browser of today begins with `Mozilla/5.0 (`; what does not is taken for a program unless it is an old
    browser known by name, or names the device in a person's hand as apps do. What reads like a robot's counts
    unless it is only the name of a phone. The text must be whole characters.
    """
    if not _PLATFORM.match(user_agent) and not _NOT_MOZILLA.search(user_agent):
        return True
    robot = _patterns().extract
    if robot(user_agent) is None:
        return False
    unnamed = _MODEL.sub("", user_agent)
    return unnamed == user_agent or robot(unnamed) is not None
