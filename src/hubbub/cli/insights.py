"""What follows a release: series scanned, targets held against them, and what alerts and reports ask for told."""

from hubbub.cli.alerting import alert
from hubbub.cli.home import Home
from hubbub.cli.reading import read_side
from hubbub.cli.reporting import report
from hubbub.cli.scanning import scan_home
from hubbub.insight.findings import Findings
from hubbub.insight.targets.state import TargetState


def look_at(home: Home) -> tuple[Findings, tuple[TargetState, ...]]:
    """What is changing, and how each target stands."""
    return scan_home(home), tuple(each.state for each in read_side(home).standings())


def tell_what_is_new(home: Home) -> None:
    """Scan and hold against targets what is published, then send what that and the clock make due."""
    if not home.settings.alerts.channels and not home.settings.reports:
        scan_home(home)
        return
    findings, states = look_at(home)
    report(home, findings, states)
    alert(home, findings, states)
