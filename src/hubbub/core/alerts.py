"""What `alerts` and `reports` of hubbub.yaml may say: channels, rules, when messages go out, and who gets a report."""

from typing import Literal

import msgspec
from msgspec import Struct

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Severity = Literal["info", "warning", "critical"]
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "critical")
PORTS = {"starttls": 587, "tls": 465, "none": 25}
SURE = 0.95  # the least probability of a finding that a rule asks for, unless it says otherwise
SURE_BY_ITSELF = 0.99  # the same where no rule is set
NOT_ANY_MORE = 0.5  # under it a finding is taken back


class Smtp(Struct, frozen=True, forbid_unknown_fields=True):
    """The server that takes mail.

    sender         the address that mail is from (`from` in the file)
    security       STARTTLS before anything is said, TLS from the start, or neither
    port           0: 587, 465 or 25, as the security asks
    password_file  absolute path of a file whose first line is the password of `user`
    """

    host: str
    sender: str = msgspec.field(name="from")
    port: int = 0
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password_file: str = ""

    @property
    def port_used(self) -> int:
        """The port that is set, or the usual one."""
        return self.port or PORTS[self.security]


class Mail(Struct, frozen=True, forbid_unknown_fields=True):
    """Addresses that get a mail each."""

    to: tuple[str, ...]


class Webhook(Struct, frozen=True, forbid_unknown_fields=True):
    """An address that gets a signed POST.

    secret_file  absolute path of a file whose first line is the secret: `whsec_` and base64, or any text
    """

    url: str
    secret_file: str = ""


class Channel(Struct, frozen=True, forbid_unknown_fields=True):
    """Where messages go: one of the four.

    url_file, url_env  the file or environment variable that holds an apprise URL, for it has a secret in it
    """

    mail: Mail | None = None
    webhook: Webhook | None = None
    url_file: str = ""
    url_env: str = ""

    @property
    def recipients(self) -> tuple[str, ...]:
        """Each of them gets a message of its own; "" is the channel as a whole."""
        return self.mail.to if self.mail else ("",)


class OnFindings(Struct, frozen=True, forbid_unknown_fields=True):
    """Which findings a rule is about; what is not set does not matter.

    sites      sites and tables
    kinds      of `insight.findings.Kind`
    metrics    of the query interface, or measures of a table
    where      dimension → keys: parts of a source with one of them
    parts      pages, channels, hours and other parts, too; without it and `where`, whole sources alone
    change     at least this relative change, up or down (.2 is 20 %); where no percentage can be given, all of them
    direction  more, less or both
    """

    sites: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    where: dict[str, tuple[str, ...]] = {}
    parts: bool = False
    change: float = 0.0
    direction: Literal["up", "down", "any"] = "any"


class OnTargets(Struct, frozen=True, forbid_unknown_fields=True):
    """Which targets a rule is about (none named: all), and how they must stand."""

    names: tuple[str, ...] = ()
    standings: tuple[Literal["met", "on_track", "at_risk", "missed"], ...] = ("at_risk", "missed")


class Clearing(Struct, frozen=True, forbid_unknown_fields=True):
    """When an alert ends: what it is about is over, or its probability is lower than this.

    days  (`for` in the file) for how many released days
    """

    probability: float = NOT_ANY_MORE
    days: int = msgspec.field(name="for", default=1)


class Schedule(Struct, frozen=True, forbid_unknown_fields=True):
    """When messages go out, in the city's zone; what comes up in between waits.

    hours  [from, to): [8, 18] is from eight to six
    """

    days: tuple[Weekday, ...] = WEEKDAYS
    hours: tuple[int, int] = (0, 24)


class Rule(Struct, frozen=True, forbid_unknown_fields=True):
    """What is told to whom: on findings, on targets, or on both.

    to           channels; none: all of them
    probability  at least so sure that the finding is real, or that what the target's standing says is so; None: .95 of
                 findings, and of targets the standing alone, which has its own hysteresis
    days         (`for` in the file) on how many released days, one after another, it must hold
    together     what comes up at the same time is told in one message a channel
    """

    name: str
    findings: OnFindings | None = None
    targets: OnTargets | None = None
    to: tuple[str, ...] = ()
    probability: float | None = None
    days: int = msgspec.field(name="for", default=1)
    clear: Clearing = Clearing()
    schedule: Schedule = Schedule()
    together: bool = True
    severity: Severity = "warning"


DEFAULT_RULES = (
    Rule("findings", findings=OnFindings(), probability=SURE_BY_ITSELF),
    Rule("targets", targets=OnTargets()),
)


class Alerts(Struct, frozen=True, forbid_unknown_fields=True):
    """Channels by name, rules in their order, and the mail server. Without rules, `DEFAULT_RULES`."""

    channels: dict[str, Channel] = {}
    rules: tuple[Rule, ...] = ()
    smtp: Smtp | None = None

    @property
    def rules_used(self) -> tuple[Rule, ...]:
        """The rules that are set, or those that are good to begin with; each with its channels."""
        every = tuple(self.channels)
        chosen = (self.rules or DEFAULT_RULES) if every else ()
        return tuple(msgspec.structs.replace(rule, to=rule.to or every) for rule in chosen)


class Report(Struct, frozen=True, forbid_unknown_fields=True):
    """A report by mail: of the week before on Mondays, or of the month before on the first.

    site  of one site; "" for the whole city
    hour  of the city's day from which it is sent
    """

    name: str
    to: tuple[str, ...]
    every: Literal["week", "month"] = "week"
    site: str = ""
    hour: int = 7
