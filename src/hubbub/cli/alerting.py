"""Alerts of a home: what was found and how targets stand becomes messages in the outbox, and these are sent."""

import os
import socket
from collections.abc import Sequence

from hubbub.cli.home import Home
from hubbub.cli.upgrading import upgrade
from hubbub.core.alerts import Rule
from hubbub.insight.alerting import AlertState, Look, Phase, advance, group
from hubbub.insight.conditions import Sighting, see_findings, see_targets
from hubbub.insight.findings import Findings
from hubbub.insight.targets.state import TargetState
from hubbub.insight.trends.gathering import CITY
from hubbub.operate.alert_states import load_states, save_states
from hubbub.operate.delivery.channels import Deliverer
from hubbub.operate.outbox import forget_old, put
from hubbub.operate.remarks import dismissed, load_remarks, without
from hubbub.operate.sending import Sent, send_waiting
from hubbub.operate.silences import load_silences
from hubbub.operate.state import alert_states_table
from hubbub.operate.transactions import writing
from hubbub.serve.messages.alert import write_alert

PATIENCE_S = 60.0  # of one tick; what is left waits for the next one


def alert(
    home: Home, findings: Findings | None, targets: Sequence[TargetState] | None, patience_s: float = PATIENCE_S
) -> Sent:
    """Look at all alerts again and send what waits; None for what was not looked at, which then stays as it is. To be
    called after each close and at each tick, for messages wait for the hours of their schedules.
    """
    note(home, findings, targets)
    return send(home, patience_s)


def note(home: Home, findings: Findings | None, targets: Sequence[TargetState] | None) -> None:
    """Write the alerts' new states, and in the same transaction the messages that tell them."""
    settings, now_ms = home.settings, home.clock.now_ms()
    if not settings.alerts.channels:
        return
    rules = settings.alerts.rules_used
    look, trial = Look(now_ms, settings.timezone), home.ledger.is_trial()
    with writing(home.database, alert_states_table) as connection:
        if findings is not None:
            findings = without(findings, dismissed(load_remarks(connection)))
        before = load_states(connection)
        seen = {rule.name: _see(home, rule, before, findings, targets) for rule in rules}
        after, told = advance(rules, before, seen, load_silences(connection, now_ms), look)
        save_states(connection, before, after)
        for channel, several in group(told):
            if known := settings.alerts.channels.get(channel):
                put(connection, channel, known.recipients, write_alert(several, settings, trial), now_ms)


def send(home: Home, patience_s: float = PATIENCE_S) -> Sent:
    """Send what is due, for so long at the most."""
    if not home.settings.alerts.channels and not home.settings.reports:
        return Sent()
    upgrade(home.database)
    sender = f"{socket.gethostname()[:40]}:{os.getpid()}"
    deliver = Deliverer(home.settings, home.clock)
    sent = send_waiting(home.database, deliver, home.clock, sender, patience_s)
    with home.database.begin() as connection:
        forget_old(connection, home.clock.now_ms())
    return sent


def _see(
    home: Home,
    rule: Rule,
    states: Sequence[AlertState],
    findings: Findings | None,
    targets: Sequence[TargetState] | None,
) -> list[Sighting]:
    own = [state for state in states if state.rule == rule.name]
    followed = [state.sighting for state in own if state.phase is Phase.OPEN]
    waited = {state.thing for state in own if state.phase is Phase.PENDING}
    sources = {CITY, *(source.name for source in home.settings.sources)}
    found = see_findings(rule, findings, followed, waited, sources) if findings is not None else []
    return found + (see_targets(rule, targets, followed) if targets is not None else [])
