"""What the rules of alerts see: findings and targets that they are about, and how sure each is. Pure.

A rule looks at the most general finding that fits it; what stands under that one is not told again. What a rule is
about is asked until its alert opens: from then on the finding or target is followed by its name alone, so that a spike
that lasts and becomes a new level, or a change that shrinks a little, does not end one alert and begin another.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from hubbub.core.alerts import SURE, OnFindings, Rule
from hubbub.insight.findings import Finding, Findings
from hubbub.insight.targets.state import Standing, TargetState

FRESH_DAYS = 7  # older findings open no alert: a new rule does not tell the past
GROWS = 1.5  # by so much a finding's difference has grown when it is told again
RANKS = (Standing.MET, Standing.ON_TRACK, Standing.AT_RISK, Standing.MISSED)


class Sighting(Struct, frozen=True):
    """A finding or a target on a released day: either `finding` or `target` is set.

    day      the last released day that was looked at
    sure     probability that it is so; None: it is over, or stands otherwise now
    is_gone  nobody looks at it any more: its source or target was removed
    """

    thing: str
    day: date
    sure: float | None
    finding: Finding | None = None
    target: TargetState | None = None
    is_gone: bool = False

    @property
    def size(self) -> float:
        """How much it is: of a finding the difference a day, of a target how badly it stands, from 0 to 3."""
        if self.finding is not None:
            return abs(self.finding.difference)
        assert self.target is not None
        return float(RANKS.index(self.target.standing))

    def is_worse_than(self, told: float) -> bool:
        """Whether it has worsened since its size was told: it grew by a half, or stands worse."""
        return self.size >= GROWS * told and self.size > told if self.finding else self.size > told


def thing_of(one: Finding | TargetState) -> str:
    """The name by which a finding or target is alerted and silenced."""
    return f"finding/{one.name}" if isinstance(one, Finding) else f"target/{one.name}"


def see_findings(
    rule: Rule, findings: Findings, followed: Collection[Sighting], waited: Collection[str], sources: Collection[str]
) -> list[Sighting]:
    """Findings that the rule is about.

    followed  what its open alerts saw last; each gets a sighting unless its source was not scanned
    waited    things that were seen before and have not held for long enough
    sources   sites and tables that there are
    """
    if rule.findings is None:
        return []
    by_name = {finding.name: finding for finding in findings.all()}
    seen: dict[str, Sighting] = {}
    for last in followed:
        if (before := last.finding) is None:
            continue
        source = before.series.source
        if source not in sources:
            seen[last.thing] = replace(last, sure=None, is_gone=True)
        elif (day := findings.last.get(source)) is not None:
            seen[last.thing] = _sighting(by_name.get(before.name), before, day)
    for finding in _most_general(rule.findings, findings.found):
        thing, day = thing_of(finding), findings.last.get(finding.series.source)
        if thing in seen or day is None or not _is_going_on(finding, day):
            continue
        if thing in waited or (day - finding.found).days < FRESH_DAYS:
            seen[thing] = _sighting(finding, finding, day)
    return list(seen.values())


def see_targets(rule: Rule, states: Sequence[TargetState], followed: Collection[Sighting]) -> list[Sighting]:
    """Targets that the rule is about, those that stand otherwise with `sure` None."""
    if rule.targets is None:
        return []
    names = rule.targets.names
    seen = {
        thing_of(state): Sighting(thing_of(state), state.as_of, _sure(rule, state), target=state)
        for state in states
        if state.standing is not Standing.UNKNOWN and (not names or state.name in names)
    }
    known = {thing_of(state) for state in states}
    gone = [replace(last, sure=None, is_gone=True) for last in followed if last.target and last.thing not in known]
    return [*seen.values(), *gone]


def holds(rule: Rule, sighting: Sighting) -> bool:
    """Whether it is so, and sure enough to be told."""
    if sighting.sure is None:
        return False
    least = SURE if sighting.finding and rule.probability is None else rule.probability or 0.0
    return sighting.sure >= least


def ends(rule: Rule, sighting: Sighting) -> bool:
    """Whether it is over or so unsure that it is taken back. Of targets without a probability the standing decides."""
    if sighting.sure is None:
        return True
    return sighting.sure < rule.clear.probability and not (sighting.target and rule.probability is None)


def _sighting(finding: Finding | None, before: Finding, day: date) -> Sighting:
    """A finding as it is on a day; None: no scan finds it any more."""
    if finding is None:
        return Sighting(thing_of(before), day, None, replace(before, members=()))
    sure = finding.probability if _is_going_on(finding, day) else None
    return Sighting(thing_of(finding), day, sure, replace(finding, members=()))


def _is_going_on(finding: Finding, day: date) -> bool:
    return finding.until is None or finding.until >= day


def _sure(rule: Rule, state: TargetState) -> float | None:
    """How sure it is that a target stands as its state says; None where the rule asks for other standings."""
    if rule.targets is None or state.standing.value not in rule.targets.standings:
        return None
    is_good = state.standing in (Standing.MET, Standing.ON_TRACK)
    return state.probability if is_good else 1 - state.probability


def _most_general(wanted: OnFindings, found: Iterable[Finding]) -> Iterator[Finding]:
    for finding in found:
        if _fits(wanted, finding):
            yield finding
        else:
            yield from _most_general(wanted, finding.members)


def _fits(wanted: OnFindings, finding: Finding) -> bool:
    series, where = finding.series, dict(finding.series.where)
    if where or series.hour is not None:
        if not (wanted.parts or wanted.where) or (series.hour is not None and not wanted.parts):
            return False
        if wanted.where and not any(where.get(dimension) in keys for dimension, keys in wanted.where.items()):
            return False
    elif wanted.where:
        return False
    named = (
        (wanted.sites, series.source),
        (wanted.kinds, finding.kind.value),
        (wanted.metrics, series.metric),
    )
    return (
        all(not allowed or value in allowed for allowed, value in named)
        and wanted.direction in ("any", "up" if finding.goes_up else "down")
        and (finding.change is None or abs(finding.change) >= wanted.change)
    )
