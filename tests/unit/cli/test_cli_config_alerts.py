"""Alerts and reports in hubbub.yaml: what is read, what is good without a word, and how a mistake is answered."""

from pathlib import Path

import pytest
import yaml

from hubbub.cli.config import parse_settings, settings_in
from hubbub.core.alerts import Alerts, Report
from hubbub.core.errors import ConfigError

BEGIN = "sites: [{name: portal.example}]\n"
SMTP = "smtp: {host: mail.city.example, from: hubbub@city.example}"
OFFICE = "channels: {office: {mail: {to: [a@city.example]}}}"


def alerts_of(text: str) -> Alerts:
    return parse_settings(f"{BEGIN}alerts: {{{text}}}\n").alerts


def test_channels_alone_are_useful() -> None:
    findings, targets = alerts_of(f"{SMTP}, {OFFICE}").rules_used
    assert findings.findings is not None
    assert (findings.findings.parts, findings.probability, findings.to) == (False, 0.99, ("office",))
    assert targets.targets is not None
    assert targets.targets.standings == ("at_risk", "missed")


def test_without_channels_nothing_is_told() -> None:
    assert parse_settings(BEGIN).alerts.rules_used == ()


def test_rules_take_the_place_of_those() -> None:
    (rule,) = alerts_of(f"{SMTP}, {OFFICE}, rules: [{{name: r, targets: {{}}, for: 3, clear: {{for: 2}}}}]").rules_used
    assert (rule.name, rule.days, rule.clear.days, rule.to) == ("r", 3, 2, ("office",))


def test_the_ports_are_those_of_the_security() -> None:
    for security, port in (("starttls", 587), ("tls", 465), ("none", 25)):
        smtp = alerts_of(f"smtp: {{host: m.example, from: a@city.example, security: {security}}}").smtp
        assert smtp is not None
        assert smtp.port_used == port


def test_the_address_has_no_slash_at_its_end() -> None:
    assert parse_settings(f"{BEGIN}address: https://numbers.example/\n").address == "https://numbers.example"


@pytest.mark.parametrize(
    ("text", "path", "allowed"),
    [
        ("channels: {Office: {url_env: A}}", "channels.Office", "small letters"),
        ("channels: {a: {}}", "channels.a", "one of `mail"),
        ("channels: {a: {url_env: A, url_file: /x}}", "channels.a", "one of `mail"),
        ("channels: {a: {mail: {to: [a@city.example]}}}", "smtp", "the mail server"),
        (f"{SMTP}, channels: {{a: {{mail: {{to: []}}}}}}", "channels.a.mail.to", "1 to 100"),
        (f"{SMTP}, channels: {{a: {{mail: {{to: [a b@c]}}}}}}", "channels.a.mail.to[0]", "a mail address alone"),
        (f"{SMTP}, channels: {{a: {{mail: {{to: ['a@b.example, c@d.example']}}}}}}", "mail.to[0]", "alone"),
        ("channels: {a: {webhook: {url: 'ftp://x.example'}}}", "a.webhook.url", "https://"),
        ("channels: {a: {webhook: {url: 'https://u:p@x.example'}}}", "a.webhook.url", "https://"),
        ("channels: {a: {webhook: {url: 'https://x.example', secret_file: x}}}", "secret_file", "an absolute path"),
        ("channels: {a: {url_env: A B}}", "channels.a.url_env", "the name of a variable"),
        ("channels: {a: {url_file: chat}}", "channels.a.url_file", "an absolute path"),
        ("smtp: {host: m.example, from: a@city.example, user: u}", "smtp", "both, or neither"),
        (
            "smtp: {host: m.example, from: a@city.example, security: none, user: u, password_file: /x}",
            "smtp.security",
            "readable on its way",
        ),
        ("smtp: {host: m.example, from: a@city.example, security: ssl}", "smtp.security", "starttls, tls or none"),
        ("smtp: {host: m.example, from: x}", "smtp.from", "a mail address"),
        ("smtp: {host: m.example}", "smtp.from", "required"),
        ("rules: [{name: r, targets: {}}]", "channels", "at least one"),
    ],
)
def test_a_mistake_in_a_channel_is_named(text: str, path: str, allowed: str) -> None:
    with pytest.raises(ConfigError) as found:
        alerts_of(text)
    assert path in found.value.path
    assert allowed in found.value.allowed


@pytest.mark.parametrize(
    ("rule", "path", "allowed"),
    [
        ("name: r", "rules[0]", "`findings: {}`"),
        ("name: R, targets: {}", "rules[0].name", "small letters"),
        ("name: r, targets: {}, to: [desk]", "rules[0].to", "office"),
        ("name: r, findings: {sites: [x.example]}", "findings.sites", "portal.example"),
        ("name: r, findings: {kinds: [dip]}", "findings.kinds", "spike, drop"),
        ("name: r, findings: {metrics: [clicks]}", "findings.metrics", "visitors"),
        ("name: r, findings: {where: {colour: [red]}}", "findings.where", "page"),
        ("name: r, findings: {change: -1}", "findings.change", "0.2 for 20 %"),
        ("name: r, findings: {direction: left}", "findings.direction", "up, down or any"),
        ("name: r, targets: {standings: []}", "targets.standings", "at_risk"),
        ("name: r, targets: {}, probability: 1", "probability", "0.5 to 0.9999"),
        ("name: r, targets: {}, clear: {probability: .96}", "clear.probability", "under the rule's own"),
        ("name: r, targets: {}, for: 0", "rules[0].for", "1 to 60"),
        ("name: r, targets: {}, clear: {for: 90}", "clear.for", "1 to 60"),
        ("name: r, targets: {}, schedule: {hours: [18, 8]}", "schedule.hours", "[8, 18]"),
        ("name: r, targets: {}, schedule: {days: []}", "schedule.days", "mon, tue"),
        ("name: r, targets: {}, severity: bad", "severity", "info, warning or critical"),
        ("name: a, targets: {}}, {name: a, targets: {}", "rules[1].name", "each name once"),
    ],
)
def test_a_mistake_in_a_rule_is_named(rule: str, path: str, allowed: str) -> None:
    with pytest.raises(ConfigError) as found:
        alerts_of(f"{SMTP}, {OFFICE}, rules: [{{{rule}}}]")
    assert path in found.value.path
    assert allowed in found.value.allowed


def test_a_report_is_read() -> None:
    text = f"{BEGIN}alerts: {{{SMTP}}}\nreports: [{{name: monday, to: [a@city.example]}}]\n"
    assert parse_settings(text).reports == (Report("monday", ("a@city.example",), "week", "", 7),)


@pytest.mark.parametrize(
    ("report", "path"),
    [
        ("name: m, to: []", "reports[0].to"),
        ("name: m, to: [a@city.example], site: x.example", "reports[0].site"),
        ("name: m, to: [a@city.example], hour: 24", "reports[0].hour"),
        ("name: m, to: [a@city.example], every: day", "reports[0].every"),
        ("name: M, to: [a@city.example]", "reports[0].name"),
    ],
)
def test_a_mistake_in_a_report_is_named(report: str, path: str) -> None:
    with pytest.raises(ConfigError) as found:
        parse_settings(f"{BEGIN}alerts: {{{SMTP}}}\nreports: [{{{report}}}]\n")
    assert found.value.path == path


def test_a_report_needs_a_mail_server() -> None:
    with pytest.raises(ConfigError, match=r"alerts\.smtp"):
        parse_settings(f"{BEGIN}reports: [{{name: monday, to: [a@city.example]}}]\n")


def test_what_the_docs_show_is_allowed() -> None:
    """The three pieces of docs/alerts.md as one file."""
    text = (Path(__file__).parents[3] / "docs" / "alerts.md").read_text()
    pieces = [yaml.safe_load(block.split("```")[0]) for block in text.split("```yaml\n")[1:]]
    first, rules, reports = pieces
    first["alerts"] |= rules["alerts"]
    first["alerts"]["channels"]["chat"] = {"url_env": "HUBBUB_CHAT_URL"}
    target = {"name": "digital-take-up", "metric": "visitors", "period": "month", "at_least": 100}
    settings = settings_in({"sites": [{"name": "portal.city.example"}], "targets": [target], **first, **reports})
    assert [rule.name for rule in settings.alerts.rules_used] == ["drops", "permits", "targets"]
    assert len(settings.reports) == 2
