"""Findings and targets as a scan and the targets give them."""

from datetime import date, timedelta

from hubbub.insight.findings import Finding, Findings, Kind
from hubbub.insight.series import SeriesName
from hubbub.insight.targets.state import Standing, TargetState

SITE = "portal.example"
MONDAY = date(2026, 11, 16)


def finding(
    *,
    source: str = SITE,
    metric: str = "visitors",
    where: tuple[tuple[str, str], ...] = (),
    kind: Kind = Kind.DROP,
    found: date = MONDAY,
    until: date | None = None,
    difference: float = -400.0,
    probability: float = 0.999,
    members: tuple[Finding, ...] = (),
) -> Finding:
    change = difference / 1000
    return Finding(
        series=SeriesName(source, metric, where),
        kind=kind,
        found=found,
        since=found,
        until=until,
        before=1000.0,
        now=1000.0 + difference,
        difference=difference,
        stderr=25.0,
        p_value=1e-6,
        probability=probability,
        change=change,
        low=change - 0.05,
        high=change + 0.05,
        members=members,
    )


def scan(*found: Finding, last: date = MONDAY, source: str = SITE) -> Findings:
    return Findings(last={source: last}, series=100, found=found)


def target(standing: Standing, probability: float, as_of: date = MONDAY, name: str = "Digital take-up") -> TargetState:
    return TargetState(name, as_of, standing, as_of - timedelta(days=3), probability, 412.0, 9.0, 430.0, 22.0)
