"""Reports of a home: made from what its pages read, put into the outbox once."""

from collections.abc import Sequence
from datetime import date

from hubbub.cli.home import Home
from hubbub.cli.reading import read_side
from hubbub.cli.upgrading import upgrade
from hubbub.core.days import day_of
from hubbub.insight.alerting import Look
from hubbub.insight.findings import Findings
from hubbub.insight.targets.state import TargetState
from hubbub.operate.messages import Message
from hubbub.operate.outbox import put
from hubbub.operate.remarks import dismissed, without
from hubbub.operate.reports import CHANNEL, due_reports, is_made, mark_made
from hubbub.operate.state import reports_made_table
from hubbub.operate.transactions import writing
from hubbub.serve.messages.report import write_report
from hubbub.serve.pages.periods import Period


def report(home: Home, findings: Findings, targets: Sequence[TargetState]) -> int:
    """Put what is due into the outbox; how many reports. To be called at each tick, before `alerting.send`."""
    now_ms = home.clock.now_ms()
    due = due_reports(home.settings.reports, Look(now_ms, home.settings.timezone))
    if not due:
        return 0
    upgrade(home.database)
    made = 0
    for each in due:
        with home.database.connect() as connection:
            if is_made(connection, each):
                continue
        message = make_report(home, each.report.site, each.first, each.last, findings, targets)
        with writing(home.database, reports_made_table) as connection:
            if not is_made(connection, each):
                mark_made(connection, each, now_ms)
                put(connection, CHANNEL, each.report.to, message, now_ms)
                made += 1
    return made


def make_report(
    home: Home, site: str, first: date, last: date, findings: Findings, targets: Sequence[TargetState]
) -> Message:
    """The report of a site, or with "" of the whole city, over a week or a month."""
    today = day_of(home.clock.now_ms(), home.settings.timezone)
    period = Period("7d" if (last - first).days == 6 else "month", first, last, last, today, is_pinned=True)
    reads = read_side(home)
    findings = without(findings, dismissed(reads.notebook.written().remarks))
    return write_report(reads, site, period, findings, targets)
