"""Scans the series of a home after something was published, and keeps what was found for pages, API and alerts."""

from collections import defaultdict
from datetime import date

from hubbub.cli.home import Home
from hubbub.core.days import day_of
from hubbub.core.errors import StoreError
from hubbub.insight.findings import Findings
from hubbub.insight.trends.finding import find_changes
from hubbub.operate.last_scan import LastScan


def scan_home(home: Home) -> Findings:
    """The findings as of what is published now; nothing is scanned where nothing was published since."""
    kept = LastScan(home.folder)
    states = {source.name: home.marts.version(source.name) for source in home.settings.sources}
    try:
        found = kept.read()
    except StoreError:  # it is made again
        found = Findings()
    if found.states != states or not kept.state():
        now_ms = home.clock.now_ms()
        last = max(day_of(now_ms, home.settings.zone_of(source.name)) for source in home.settings.sources)
        found = find_changes(home.marts, home.settings, last, counted_otherwise(home))
        kept.write(found)
    return found


def counted_otherwise(home: Home) -> dict[tuple[str, str], list[date]]:
    """By source and measure, the days from which on a plan counts it otherwise: its numbers begin anew there."""
    found: dict[tuple[str, str], list[date]] = defaultdict(list)
    for source in home.settings.sources if home.has_ledger else ():
        for version in home.ledger.plan_versions(source.name):
            for change in version.changes:
                if change.measure:
                    found[source.name, change.measure].append(version.day)
    return found
