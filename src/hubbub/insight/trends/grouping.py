"""What belongs together is told once: a portal's drop, and not the drops of its four hundred pages.

A finding joins the most general one that explains it: of the series that it is a part of (a key's or an hour's site, a
site's city), in the same direction, at about the same time. Findings of one source that begin together without such a
one stand under the largest of them. A share that changed because the part did is the part's finding.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import sqrt

from msgspec.structs import replace

from hubbub.core.settings import Settings
from hubbub.insight.findings import Finding, Kind
from hubbub.insight.series import SeriesName
from hubbub.insight.trends.gathering import CITY

TOGETHER_DAYS = 2
LEAST_SHARE = 0.2  # of a difference, from which a part is said to make it up
EVERYWHERE = ("country", "device", "language")  # whose parts every change has
MOSTLY = 0.6  # from which a site's change is what the city's is
MOST_DRIVERS = 3


def grouped(found: Sequence[Finding], settings: Settings) -> tuple[Finding, ...]:
    """The heads of all groups with their members, the newest first and then the largest."""
    sites = {site.name for site in settings.sites}
    heads: list[Finding] = []
    members: dict[int, list[Finding]] = defaultdict(list)
    by_source: dict[str, list[int]] = defaultdict(list)
    for one in sorted(found, key=_place_of):
        source = one.series.source
        place = _head(one, (CITY, source) if source in sites else (source,), heads, by_source)
        if place is None:
            by_source[source].append(len(heads))
            heads.append(one)
        else:
            members[place].append(one)
    whole = [_with_members(head, members[place]) for place, head in enumerate(heads)]
    return tuple(sorted(whole, key=lambda each: (-each.found.toordinal(), -_weight(each))))


def _head(
    one: Finding, sources: Iterable[str], heads: Sequence[Finding], by_source: dict[str, list[int]]
) -> int | None:
    """The place of the group that a finding belongs to; None: it begins one."""
    for source in sources:
        for place in by_source[source]:
            head = heads[place]
            same_way = head.goes_up == one.goes_up or Kind.MIX in (head.kind, one.kind)
            if same_way and abs((head.since - one.since).days) <= TOGETHER_DAYS:
                return place
    return None


def _depth(name: SeriesName) -> int:
    """How special a series is: the city, a whole source, an hour of it or a part."""
    if name.source == CITY:
        return 0
    return 1 if name.is_whole else 2


def _place_of(finding: Finding) -> tuple[int, bool, float, SeriesName]:
    """What may head a group comes first: what is general, visitors before views, what is large."""
    name = finding.series
    return _depth(name), name.metric == "pageviews", -abs(finding.difference), name


def _with_members(head: Finding, members: list[Finding]) -> Finding:
    members.sort(key=_weight, reverse=True)
    for place, one in enumerate(members):
        if head.series.source == CITY and one.series.is_whole and _share(one, head) >= MOSTLY:
            members[place], head = head, one  # one site is what the city's change is
            break
    return replace(head, members=tuple(members), drivers=_drivers(head, members) if head.series.is_whole else ())


def _drivers(head: Finding, members: Sequence[Finding]) -> tuple[tuple[SeriesName, float], ...]:
    """What makes up the most of a change: one site of the city's, one part of each dimension."""
    told: dict[str, tuple[SeriesName, float]] = {}
    for one in members:
        name, share = one.series, _share(one, head)
        if name.is_whole:
            kind = "site" if head.series.source == CITY else ""
        else:
            kind = name.where[0][0] if len(name.where) == 1 else "hour" if name.hour is not None else ""
        if kind and kind not in EVERYWHERE and share >= LEAST_SHARE and (kind not in told or share > told[kind][1]):
            told[kind] = (name, share)
    return tuple(sorted(told.values(), key=lambda part: -part[1])[:MOST_DRIVERS])


def _share(part: Finding, whole: Finding) -> float:
    """Of a whole's difference, a part's; 0 where they are not of one kind."""
    if part.kind is Kind.MIX or whole.kind is Kind.MIX or not whole.difference:
        return 0.0
    return part.difference / whole.difference if part.series.metric == whole.series.metric else 0.0


def _weight(finding: Finding) -> float:
    """What is told first: the larger beside what there was."""
    return abs(finding.difference) / sqrt(max(finding.before, finding.now, 1.0))
