"""Which user agents are programs: crawlers, monitors, feed readers, libraries, headless browsers."""

import re
from functools import cache

from crawleruseragents import CRAWLER_USER_AGENTS_DATA
from ua_parser_rs import UserAgentExtractor

from hubbub.collect.tables.robots import ANYWHERE, BROWSERS_NOT_MOZILLA

_NOT_MOZILLA = re.compile(BROWSERS_NOT_MOZILLA)
_PLATFORM = re.compile(r"Mozilla/\d\.\d+[^(]{0,40}\(")


@cache
def _patterns() -> UserAgentExtractor:
    """Our own patterns and those of `crawler-user-agents`, as one automaton.

    The extractor is meant for browser names, but it answers the question at hand: does any of 1,500 expressions
    match? It filters them by their literal parts first and takes 3 µs where `re` takes 140. Built on first use
    (40 ms).
    """
    known = (str(entry["pattern"]) for entry in CRAWLER_USER_AGENTS_DATA)
    return UserAgentExtractor([(pattern, "robot", None, None, None, None) for pattern in (*ANYWHERE, *known)])


def is_bot(user_agent: str) -> bool:
    """Whether a program, not a person's browser, sent this agent. An empty one is a program's.

    Every browser of today begins with `Mozilla/5.0 (`; what does not is taken for a program unless it is one of
    the few old ones known by name.
    """
    if not _PLATFORM.match(user_agent) and not _NOT_MOZILLA.match(user_agent):
        return True
    return _patterns().extract(user_agent) is not None
