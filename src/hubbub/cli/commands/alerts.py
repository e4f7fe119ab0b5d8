"""`hubbub alerts`: what is open, silenced and waiting to be sent; tests of channels."""

import getpass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated

import msgspec
import typer

from hubbub.cli.alerting import note, send
from hubbub.cli.home import Home
from hubbub.cli.options import HERE, HomeOption, JsonOption
from hubbub.cli.presenting import command_app
from hubbub.cli.upgrading import upgrade
from hubbub.core.days import HOUR_MS
from hubbub.core.errors import InputError
from hubbub.core.settings import Settings
from hubbub.insight.alerting import Silence
from hubbub.insight.conditions import Sighting
from hubbub.operate.alert_states import load_states
from hubbub.operate.delivery.channels import Deliverer
from hubbub.operate.outbox import Letter, letters
from hubbub.operate.roles import CONSOLE
from hubbub.operate.silences import add_silence, end_silence, load_silences
from hubbub.serve.messages.alert import write_test
from hubbub.serve.messages.words import tell_target
from hubbub.serve.pages.trend_words import subject_words, sure_words, tell_finding
from hubbub.serve.texts import SOURCE_LANGUAGE, texts_in

app = command_app(no_args_is_help=True)

LONGEST_HOURS = 24 * 366
ByOption = Annotated[str, typer.Option("--by", metavar="NAME", help="Who asks for it; else who is signed in here.")]


@app.callback()
def alerts() -> None:
    """Show and silence alerts, and test where they go."""


@app.command(name="list")
def show(json: JsonOption = False, home: HomeOption = HERE) -> None:
    """Show alerts that are open or about to be, silences in force, and the outbox of the last 30 days."""
    here = Home.open(home)
    upgrade(here.database)
    with here.database.connect() as connection:
        states = load_states(connection)
        silences = load_silences(connection, here.clock.now_ms())
        posted = letters(connection)
    if json:
        told = {
            "alerts": [
                {
                    "rule": state.rule,
                    "thing": state.thing,
                    "phase": state.phase,
                    "since": state.since,
                    "told": state.told_on,
                    "to": state.to,
                    "finding": state.sighting.finding,
                    "target": state.sighting.target,
                }
                for state in states
            ],
            "silences": silences,
            "outbox": posted,
        }
        print(msgspec.json.encode(told).decode())
        return
    for state in states:
        last = f", last told {state.told_on}" if state.told_on else ", not told"
        print(f"{state.phase:<8} {state.thing} by rule {state.rule}, since {state.since}{last}")
        print(f"    {_sentence(state.sighting, here.settings)}")
    for silence in silences:
        print(_told(silence))
    for letter in posted:
        said = f": {letter.said}" if letter.said else ""
        tries = f" after {letter.attempts} attempts" if letter.standing == "given_up" else ""
        print(f"{_when(letter.created_ms)} {letter.standing.replace('_', ' ')}{tries}, {_where(letter)}{said}")
        print(f"    {letter.title}")
    if not (states or silences or posted):
        print("no alert, no silence, nothing in the outbox")


@app.command(name="test")
def send_test(
    channel: Annotated[str, typer.Argument(help="The channel; without it, all of them.")] = "", home: HomeOption = HERE
) -> None:
    """Send a message that says it is a test to each channel, and print what came back."""
    here = Home.open(home)
    known = here.settings.alerts.channels
    if (channel and channel not in known) or not known:
        raise InputError("alerts.channels", f"hubbub.yaml has no channel {channel!r}", f"It has: {', '.join(known)}.")
    deliver, now_ms, failed = Deliverer(here.settings, here.clock), here.clock.now_ms(), False
    for name in [channel] if channel else known:
        message = write_test(name, here.settings)
        for recipient in known[name].recipients:
            key = sha256(f"test {name} {recipient} {now_ms}".encode()).hexdigest()[:32]
            letter = Letter(key, name, recipient, message.title, "waiting", now_ms, now_ms, 1, "")
            outcome = deliver(letter, message)
            failed |= outcome.ended != "sent"
            ended = "sent" if outcome.ended == "sent" else "not sent"
            print(f"{_where(letter)}: {ended}, {outcome.said}")
    if failed:
        raise typer.Exit(1)


@app.command(name="silence")
def silence_some(
    why: Annotated[str, typer.Option(metavar="TEXT", help="Why; others read it.")],
    thing: Annotated[str, typer.Option(metavar="THING", help="finding/… or target/…, as messages name it.")] = "",
    rule: Annotated[str, typer.Option(metavar="NAME", help="A rule; with a thing, of its alerts that one.")] = "",
    hours: Annotated[int, typer.Option(min=1, max=LONGEST_HOURS, help="For how long.")] = 24,
    by: ByOption = "",
    home: HomeOption = HERE,
) -> None:
    """Let nothing be sent of a thing, or of a rule's alerts, for a while."""
    here = Home.open(home)
    rules = [each.name for each in here.settings.alerts.rules_used]
    if rule and rule not in rules:
        raise InputError("--rule", f"there is no rule {rule!r}", f"There is: {', '.join(rules)}.")
    if thing and not thing.startswith(("finding/", "target/")):
        raise InputError("--thing", f"{thing!r} is none", "`hubbub alerts list` names them: finding/… or target/….")
    upgrade(here.database)
    until_ms = here.clock.now_ms() + hours * HOUR_MS
    silence = Silence(0, rule, thing, until_ms, by or getpass.getuser(), why)
    print(_told(add_silence(here.database, silence, CONSOLE, here.clock.now_ms())))


@app.command()
def unsilence(
    number: Annotated[int, typer.Argument(help="The silence's number, as `hubbub alerts list` shows it.")],
    home: HomeOption = HERE,
) -> None:
    """Take a silence back: what is open and was not told is told with the next tick."""
    here = Home.open(home)
    upgrade(here.database)
    ended = end_silence(here.database, number, CONSOLE, here.clock.now_ms())
    print(f"taken back: {_told(ended)}")


@app.command(name="send")
def send_now(home: HomeOption = HERE) -> None:
    """Send what is due now; the server does it every quarter of an hour."""
    here = Home.open(home)
    note(here, None, None)
    sent = send(here)
    print(f"sent {sent.sent}, to be tried again {sent.waiting}, given up {sent.given_up}")


def _sentence(sighting: Sighting, settings: Settings) -> str:
    texts = texts_in(SOURCE_LANGUAGE)
    if sighting.finding is not None:
        finding, subject = sighting.finding, subject_words(sighting.finding.series, settings, texts)
        return f"{subject}: {tell_finding(finding, settings, texts)} ({sure_words(finding, texts)})"
    assert sighting.target is not None
    return f"{sighting.target.name}: {tell_target(sighting.target, texts)}"


def _told(silence: Silence) -> str:
    parts = [silence.thing, f"rule {silence.rule}" if silence.rule else ""]
    what = " by ".join(part for part in parts if part)
    return f"silence {silence.number}: {what} until {_when(silence.until_ms)}, by {silence.by}: {silence.why}"


def _where(letter: Letter) -> str:
    return f"{letter.channel} to {letter.recipient}" if letter.recipient else letter.channel


def _when(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M} UTC"
