"""The page of alerts for analysts: what is open, what is silenced and why, and what waits in the outbox."""

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from anyio import to_thread
from litestar import Response, post, route
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from hubbub.core.errors import HubbubError, InputError
from hubbub.core.settings import Settings
from hubbub.insight.alerting import AlertState, Phase, Silence
from hubbub.operate.alert_states import load_states
from hubbub.operate.operators import Operators
from hubbub.operate.outbox import counts
from hubbub.operate.roles import Operator, Role
from hubbub.operate.silences import add_silence, end_silence, load_silences
from hubbub.serve.messages.words import tell_target
from hubbub.serve.pages import addresses
from hubbub.serve.pages.forms import read_fields, signed_in
from hubbub.serve.pages.frame import make_frame
from hubbub.serve.pages.problems import NotTaken
from hubbub.serve.pages.rendering import render
from hubbub.serve.pages.replies import READ, AnyRequest, answer_fresh, make, see, texts_for
from hubbub.serve.pages.trend_words import subject_words, tell_finding
from hubbub.serve.reading import ReadSide
from hubbub.serve.signed_in import needs
from hubbub.serve.texts import Texts, _

DAY_MS = 86_400_000
LONGEST_MS = 366 * DAY_MS


class AlertLine(Struct, frozen=True):
    """An alert that is open, or about to be."""

    thing: str
    href: str
    subject: str
    sentence: str
    rule: str
    since: str
    told: str
    is_open: bool
    is_silent: bool


class SilenceLine(Struct, frozen=True):
    """A silence in force."""

    number: int
    what: str
    until: str
    by: str
    why: str


class AlertDeskView(Struct, frozen=True):
    """Everything the template needs. `soonest` and `usual` are moments as forms write them."""

    alerts: tuple[AlertLine, ...]
    silences: tuple[SilenceLine, ...]
    rules: tuple[str, ...]
    has_channels: bool
    waiting: int
    given_up: int
    zone: str
    soonest: str
    usual: str


def alert_desk_handlers(read_side: ReadSide, operators: Operators) -> list[ControllerRouterHandler]:
    """The routes of the page of alerts."""
    zone = ZoneInfo(read_side.settings.timezone)

    @route(addresses.OPERATORS_ALERTS, http_method=READ, guards=[needs(Role.ANALYST)], name="operators_alerts")
    async def alerts(request: AnyRequest) -> Response[bytes]:
        texts, operator = texts_for(request), signed_in(request)

        def made() -> Response[bytes]:
            view = view_alerts(read_side.settings, operators, texts)
            page = render("operators_alerts", texts, frame=make_frame(read_side, "", operator), view=view)
            return answer_fresh(request, make(page))

        return await to_thread.run_sync(made)

    @post(addresses.OPERATORS_ALERTS, guards=[needs(Role.ANALYST)], name="operators_silences", status_code=303)
    async def silence(request: AnyRequest) -> Response[bytes]:
        act, thing, rule, until, why, number = await read_fields(
            request, "act", "thing", "rule", "until", "why", "number"
        )
        operator = signed_in(request)

        def work() -> None:
            now_ms = operators.now_ms()
            if act == "end" and number.isascii() and number.isdigit() and len(number) < 10:
                end_silence(operators.engine, int(number), operator, now_ms)
            elif act == "add":
                asked = _silence(read_side.settings, operator, (thing, rule, why), _moment(until, zone), now_ms)
                add_silence(operators.engine, asked, operator, now_ms)
            else:
                raise InputError("form", "it asks for nothing that is done here", "Load the page again.")

        try:
            await to_thread.run_sync(work)
        except HubbubError as error:
            raise NotTaken(error) from None
        return see(addresses.OPERATORS_ALERTS)

    return [alerts, silence]


def view_alerts(settings: Settings, operators: Operators, texts: Texts) -> AlertDeskView:
    """Everything as it stands in the state database now."""
    now_ms, zone = operators.now_ms(), ZoneInfo(settings.timezone)
    with operators.engine.connect() as connection:
        states, silences = load_states(connection), load_silences(connection, now_ms)
        posted = counts(connection)
    shown = [state for state in states if state.phase is not Phase.CLEARED]
    return AlertDeskView(
        tuple(_line(state, silences, settings, now_ms, texts) for state in shown),
        tuple(_silence_line(one, shown, settings, zone, texts) for one in silences),
        tuple(rule.name for rule in settings.alerts.rules_used),
        bool(settings.alerts.channels),
        posted.get("waiting", 0),
        posted.get("given_up", 0),
        settings.timezone,
        _written(now_ms, zone),
        _written(now_ms + DAY_MS, zone),
    )


def _line(state: AlertState, silences: Sequence[Silence], settings: Settings, now_ms: int, texts: Texts) -> AlertLine:
    subject, sentence = _told(state, settings, texts)
    kind, _slash, name = state.thing.partition("/")
    return AlertLine(
        state.thing,
        addresses.finding_url(name) if kind == "finding" else addresses.target_url(name),
        subject,
        sentence,
        state.rule,
        texts.day(state.since),
        texts.day(state.told_on) if state.told_on else "",
        state.phase is Phase.OPEN,
        any(one.covers(state, now_ms) for one in silences),
    )


def _told(state: AlertState, settings: Settings, texts: Texts) -> tuple[str, str]:
    if (finding := state.sighting.finding) is not None:
        return subject_words(finding.series, settings, texts), tell_finding(finding, settings, texts)
    assert state.sighting.target is not None
    return state.sighting.target.name, tell_target(state.sighting.target, texts)


def _silence_line(
    silence: Silence, states: Sequence[AlertState], settings: Settings, zone: ZoneInfo, texts: Texts
) -> SilenceLine:
    known = next((_told(state, settings, texts)[0] for state in states if state.thing == silence.thing), silence.thing)
    if not silence.rule:
        what = known
    elif silence.thing:
        what = texts.say(_("{thing}, by the rule {rule}"), thing=known, rule=silence.rule)
    else:
        what = texts.say(_("everything that the rule {rule} tells"), rule=silence.rule)
    until = datetime.fromtimestamp(silence.until_ms / 1000, UTC).astimezone(zone)
    return SilenceLine(silence.number, what, f"{texts.day(until.date())}, {until:%H:%M}", silence.by, silence.why)


def _silence(
    settings: Settings, operator: Operator, asked: tuple[str, str, str], until_ms: int, now_ms: int
) -> Silence:
    """The silence that a form asks for. Raises InputError."""
    thing, rule, why = (text.strip() for text in asked)
    if rule and rule not in [each.name for each in settings.alerts.rules_used]:
        raise InputError("rule", f"there is no rule {rule[:60]!r}", "Load the page again.")
    if thing and not thing.startswith(("finding/", "target/")):
        raise InputError("alert", f"there is no {thing[:60]!r}", "Load the page again.")
    if not why or not why.isprintable():
        raise InputError("why", "nothing that could be read later", "Say in a line why nothing shall be told.")
    if not now_ms < until_ms <= now_ms + LONGEST_MS:
        raise InputError("until", "it is not in the year to come", "Choose a later moment, a year ahead at the most.")
    return Silence(0, rule, thing, until_ms, operator.name, why)


def _moment(text: str, zone: ZoneInfo) -> int:
    """Milliseconds of a moment as a form writes it, on the city's clock. Raises InputError."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputError("until", "this is no moment", "Write it as 2027-01-31T18:00.") from None
    return int(moment.replace(tzinfo=zone).timestamp() * 1000)


def _written(ms: int, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(ms / 1000, UTC).astimezone(zone):%Y-%m-%dT%H:%M}"
