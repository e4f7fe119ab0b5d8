"""Checks that settings of many kinds share: names and values that name a person, patterns of paths, hosts."""

import re
from collections.abc import Iterable, Sequence

from hubbub.collect.paths import STAR, clean_segment, clean_value
from hubbub.collect.refused_values import clean_term, why_personal
from hubbub.core.errors import ConfigError, Refused
from hubbub.core.refusals import why_refused

HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*")
_LONGEST_NAME = 120
_LONGEST_PATTERN = 200
_MOST_STARS = 8
_MOST_OPEN_STARS = 2  # each `**` multiplies the time that a long path takes
_NOT_IN_PATHS = re.compile(r"[?#\s]|\*{3}")


def refuse_name(place: str, name: str) -> None:
    """Raises Refused for the name of a property or parameter that means a person, a device or a trait."""
    if reason := why_refused(name):
        raise Refused(f"{place}: `{name}` is refused: {reason}. Leave it out, or name a kind of thing instead")
    refuse_value(place, name)


def refuse_value(place: str, value: str, region: str = "") -> None:
    """Raises Refused for a value that looks like a person's, or like a number that is drawn for one."""
    if reason := why_personal(value, region):
        raise Refused(f"{place}: a value looks like {reason}, and hubbub keeps no identifier. Name kinds, not people")
    if clean_segment(value) != value:
        raise Refused(f"{place}: a value looks like a long number or a token. Name kinds, not single cases")


def check_label(place: str, name: str, region: str) -> None:
    """A name that readers see: one to 120 characters, no line of its own, nobody's."""
    if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        raise ConfigError(place, repr(name[:60]), f"a name of 1 to {_LONGEST_NAME} characters on one line")
    refuse_value(place, name, region)


def check_page(place: str, page: str, region: str) -> None:
    """A path. A long number in it becomes a star as in all paths, but what is plainly somebody's is refused."""
    if not page.startswith("/"):
        raise ConfigError(place, repr(page), "a path that starts with /")
    for segment in re.split(r"[/?&=]", page):
        cleaned = clean_value(segment)
        reason = why_personal(clean_value(segment) if STAR not in cleaned else segment, region)
        if reason and not (segment.isdigit() and "account" not in reason):
            raise Refused(f"{place}: the path looks like it has {reason} in it. List pages, not people")


def check_pattern(place: str, pattern: str, hosts: Sequence[str] = ()) -> None:
    """A pattern of paths; where `hosts` are given, one of them may stand in front."""
    host, slash, _ = pattern.partition("/")
    if not slash or (host and not hosts):
        raise ConfigError(place, repr(pattern), "a pattern that starts with /, such as /permits/*")
    if host and host.removeprefix("www.") not in {known.removeprefix("www.") for known in hosts}:
        raise ConfigError(place, repr(pattern), "a pattern that starts with / or with the name of a site")
    if len(pattern) > _LONGEST_PATTERN or _NOT_IN_PATHS.search(pattern):
        raise ConfigError(place, repr(pattern), f"at most {_LONGEST_PATTERN} characters, no blank, ?, # or ***")
    if pattern.count("**") > _MOST_OPEN_STARS or pattern.count(STAR) > _MOST_STARS:
        raise ConfigError(place, repr(pattern), f"at most {_MOST_STARS} stars, and ** at most twice")
    for segment in pattern.split("/"):
        refuse_value(place, segment.replace(STAR, ""))


def check_hosts(place: str, hosts: Iterable[str]) -> None:
    """Host names in lower case, without scheme, port and path."""
    for index, host in enumerate(hosts):
        if not HOST.fullmatch(host) or len(host) > 253:
            raise ConfigError(f"{place}[{index}]", repr(host), "a host name in lower case, such as www.portal.example")


def check_count(place: str, found: int, most: int, what: str) -> None:
    """At most so many."""
    if found > most:
        raise ConfigError(place, f"{found} {what}", f"at most {most}: each takes its share of the day's budget")


def known_term(place: str, term: str, region: str) -> str:
    """A search term as rows have it. Raises Refused or ConfigError for one that no row can have."""
    refuse_value(place, term, region)
    cleaned = clean_term(term, region)
    if not cleaned or cleaned == STAR:
        raise ConfigError(place, repr(term), "what people type into the search, such as housing benefit")
    return cleaned
