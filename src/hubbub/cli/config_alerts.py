"""Checks of `alerts` and `reports`: channels that can be reached, rules that can come true, known names."""

import math
import re
from collections.abc import Iterable, Sequence
from pathlib import PurePath
from urllib.parse import urlsplit

from hubbub.cli.config_values import HOST
from hubbub.core.alerts import WEEKDAYS, Alerts, Channel, OnFindings, OnTargets, Report, Rule, Schedule, Smtp
from hubbub.core.errors import ConfigError
from hubbub.core.settings import Settings
from hubbub.insight.findings import Kind
from hubbub.publish.catalogue import KEYED, METRICS

NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
ADDRESS = re.compile(r"[^\s@<>,;:\"()]{1,64}@(?!-)[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
A_NAME = "up to 40 small letters, digits and dashes"
MOST_CHANNELS, MOST_RULES, MOST_RECIPIENTS, LONGEST_DAYS = 50, 100, 100, 60
LOOPBACK = ("127.0.0.1", "::1", "localhost")


def check_messages(settings: Settings) -> None:
    """Everything that goes out to people. Raises ConfigError."""
    if settings.alerts.smtp:
        _check_smtp("alerts.smtp", settings.alerts.smtp)
    _check_alerts(settings)
    names = [report.name for report in settings.reports]
    for index, report in enumerate(settings.reports):
        _check_name(f"reports[{index}].name", report.name, names[:index])
        _check_report(f"reports[{index}]", report, settings)


def _check_alerts(settings: Settings) -> None:
    alerts = settings.alerts
    if len(alerts.channels) > MOST_CHANNELS:
        raise ConfigError("alerts.channels", f"{len(alerts.channels)} channels", f"at most {MOST_CHANNELS}")
    for name, channel in alerts.channels.items():
        _check_name(f"alerts.channels.{name}", name, ())
        _check_channel(f"alerts.channels.{name}", channel, alerts)
    if alerts.rules and not alerts.channels:
        raise ConfigError("alerts.channels", "none", "at least one, such as `office: {mail: {to: [a@city.example]}}`")
    if len(alerts.rules) > MOST_RULES:
        raise ConfigError("alerts.rules", f"{len(alerts.rules)} rules", f"at most {MOST_RULES}")
    names = [rule.name for rule in alerts.rules]
    for index, rule in enumerate(alerts.rules):
        _check_name(f"alerts.rules[{index}].name", rule.name, names[:index])
        _check_rule(f"alerts.rules[{index}]", rule, settings)


def _check_channel(path: str, channel: Channel, alerts: Alerts) -> None:
    ways = [bool(each) for each in (channel.mail, channel.webhook, channel.url_file, channel.url_env)]
    if sum(ways) != 1:
        found = "several of them" if any(ways) else "nothing"
        allowed = "one of `mail: {to: […]}`, `webhook: {url: …}`, `url_file: /…` and `url_env: NAME`"
        raise ConfigError(path, found, allowed)
    if channel.mail:
        _check_recipients(f"{path}.mail.to", channel.mail.to)
        if alerts.smtp is None:
            raise ConfigError("alerts.smtp", "nothing", "the mail server: {host: …, from: hubbub@city.example}")
    if channel.webhook:
        _check_url(f"{path}.webhook.url", channel.webhook.url, "an address such as https://desk.city.example/hook")
        _check_file(f"{path}.webhook.secret_file", channel.webhook.secret_file)
    _check_file(f"{path}.url_file", channel.url_file)
    if channel.url_env and not VARIABLE.fullmatch(channel.url_env):
        raise ConfigError(f"{path}.url_env", repr(channel.url_env), "the name of a variable, such as HUBBUB_CHAT_URL")


def _check_smtp(path: str, smtp: Smtp) -> None:
    if not HOST.fullmatch(smtp.host.lower()) and smtp.host not in LOOPBACK:
        raise ConfigError(f"{path}.host", repr(smtp.host), "a host name, such as mail.city.example")
    if not 0 <= smtp.port <= 65535:
        raise ConfigError(f"{path}.port", str(smtp.port), "a port, or 0 for the usual one")
    _check_address(f"{path}.from", smtp.sender)
    _check_file(f"{path}.password_file", smtp.password_file)
    if bool(smtp.user) != bool(smtp.password_file):
        raise ConfigError(path, "one of `user` and `password_file`", "both, or neither")
    if smtp.user and smtp.security == "none" and smtp.host not in LOOPBACK:
        raise ConfigError(f"{path}.security", "none", "starttls or tls: the password would be readable on its way")


def _check_rule(path: str, rule: Rule, settings: Settings) -> None:
    if rule.findings is None and rule.targets is None:
        raise ConfigError(path, "nothing to tell", "`findings: {}` or `targets: {}`, or both")
    if rule.findings:
        _check_findings(f"{path}.findings", rule.findings, settings)
    if rule.targets:
        _check_targets(f"{path}.targets", rule.targets, settings)
    for channel in rule.to:
        if channel not in settings.alerts.channels:
            raise ConfigError(f"{path}.to", repr(channel), _listed(settings.alerts.channels))
    least = rule.probability
    if least is not None and not 0.5 <= least < 1:
        raise ConfigError(f"{path}.probability", str(least), "0.5 to 0.9999: how sure it must be")
    if not 0 <= rule.clear.probability <= (0.95 if least is None else least):
        allowed = "a probability under the rule's own, or an alert would end and begin again by noise"
        raise ConfigError(f"{path}.clear.probability", str(rule.clear.probability), allowed)
    for place, days in (("for", rule.days), ("clear.for", rule.clear.days)):
        if not 1 <= days <= LONGEST_DAYS:
            raise ConfigError(f"{path}.{place}", str(days), f"1 to {LONGEST_DAYS} released days")
    _check_schedule(f"{path}.schedule", rule.schedule)


def _check_findings(path: str, wanted: OnFindings, settings: Settings) -> None:
    measures = [name for table in settings.tables for name in table.measures]
    columns = [name for table in settings.tables for name in table.columns]
    allowed = {
        "sites": [source.name for source in settings.sources],
        "kinds": [kind.value for kind in Kind],
        "metrics": [*METRICS, *measures],
        "where": [*KEYED, *columns],
    }
    for setting, known in allowed.items():
        for value in getattr(wanted, setting):
            if value not in known:
                raise ConfigError(f"{path}.{setting}", repr(value), _listed(dict.fromkeys(known)))
    if not (math.isfinite(wanted.change) and wanted.change >= 0):
        raise ConfigError(f"{path}.change", str(wanted.change), "a share of 1, such as 0.2 for 20 % up or down")


def _check_targets(path: str, wanted: OnTargets, settings: Settings) -> None:
    known = [target.name for target in settings.targets]
    for name in wanted.names:
        if name not in known:
            raise ConfigError(f"{path}.names", repr(name), _listed(known) if known else "a name under `targets`")
    if not wanted.standings:
        raise ConfigError(f"{path}.standings", "none", "at least one of met, on_track, at_risk and missed")


def _check_schedule(path: str, schedule: Schedule) -> None:
    start, end = schedule.hours
    if not 0 <= start < end <= 24:
        raise ConfigError(f"{path}.hours", f"[{start}, {end}]", "from and to, such as [8, 18], within 0 to 24")
    if not schedule.days:
        raise ConfigError(f"{path}.days", "none", _listed(WEEKDAYS))


def _check_report(path: str, report: Report, settings: Settings) -> None:
    if report.site and settings.site(report.site) is None:
        raise ConfigError(f"{path}.site", repr(report.site), _listed(site.name for site in settings.sites))
    if not settings.sites:
        raise ConfigError(path, "a report of a city without a site", "at least one site: tables have no report")
    _check_recipients(f"{path}.to", report.to)
    if not 0 <= report.hour <= 23:
        raise ConfigError(f"{path}.hour", str(report.hour), "0 to 23")
    if settings.alerts.smtp is None:
        raise ConfigError("alerts.smtp", "nothing", "the mail server: {host: …, from: hubbub@city.example}")


def _check_recipients(path: str, addresses: Sequence[str]) -> None:
    if not 1 <= len(addresses) <= MOST_RECIPIENTS:
        raise ConfigError(path, f"{len(addresses)} addresses", f"1 to {MOST_RECIPIENTS}")
    for index, address in enumerate(addresses):
        _check_address(f"{path}[{index}]", address)
    if len(set(addresses)) < len(addresses):
        raise ConfigError(path, "an address twice", "each once")


def _check_address(path: str, address: str) -> None:
    if not ADDRESS.fullmatch(address):
        raise ConfigError(path, repr(address[:60]), "a mail address alone, such as office@city.example")


def _check_url(path: str, url: str, allowed: str) -> None:
    try:
        parts = urlsplit(url)
        is_good = (
            parts.scheme in ("https", "http") and bool(parts.hostname) and not parts.username and url.isprintable()
        )
        _ = parts.port
    except ValueError:
        is_good = False
    if not is_good or " " in url:
        raise ConfigError(path, "something else", allowed)


def _check_file(path: str, name: str) -> None:
    if name and not PurePath(name).is_absolute():
        raise ConfigError(path, repr(name), "an absolute path, such as /etc/hubbub/secret, readable by hubbub alone")


def _check_name(path: str, name: str, others: Iterable[str]) -> None:
    if not NAME.fullmatch(name) or name in others:
        raise ConfigError(path, repr(name), f"{A_NAME}; each name once")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
