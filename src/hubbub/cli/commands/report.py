"""`hubbub report`: the report of a week or a month, to look at, to keep or to send."""

from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from hubbub.cli.alerting import send
from hubbub.cli.home import Home
from hubbub.cli.insights import look_at
from hubbub.cli.options import HERE, HomeOption
from hubbub.cli.presenting import command_app
from hubbub.cli.reporting import make_report
from hubbub.cli.upgrading import upgrade
from hubbub.core.days import day_of
from hubbub.core.errors import InputError
from hubbub.operate.delivery.mail import make_mail
from hubbub.operate.outbox import put
from hubbub.operate.reports import CHANNEL

app = command_app()

NOBODY = "hubbub@city.example"


@app.command(name="report")
def show_report(
    site: Annotated[str, typer.Option(metavar="NAME", help="Of one site; without it, of the whole city.")] = "",
    week: Annotated[str, typer.Option(metavar="YYYY-Www", help="Of this week; without it, of the last one.")] = "",
    month: Annotated[str, typer.Option(metavar="YYYY-MM", help="Of this month.")] = "",
    write: Annotated[Path | None, typer.Option(metavar="FILE.eml", help="Write it as a mail into a file.")] = None,
    now: Annotated[bool, typer.Option("--send", help="Mail it to those who get this report.")] = False,
    home: HomeOption = HERE,
) -> None:
    """Print the report of a week or a month as text, write it as a mail, or send it."""
    here = Home.open(home)
    if site:
        here.site(site)
    first, last = _days(week, month, day_of(here.clock.now_ms(), here.settings.timezone))
    message = make_report(here, site, first, last, *look_at(here))
    now_ms = here.clock.now_ms()
    if write is not None:
        sender = here.settings.alerts.smtp.sender if here.settings.alerts.smtp else NOBODY
        key = sha256(f"{site} {first} {last}".encode()).hexdigest()[:32]
        write.write_bytes(make_mail(sender, sender, key, message, now_ms).as_bytes())
    if now:
        every = "month" if month else "week"
        to = {
            who: None for each in here.settings.reports if (each.site, each.every) == (site, every) for who in each.to
        }
        if not to:
            raise InputError("--send", "no one gets this report", "Name them in hubbub.yaml under `reports`.")
        upgrade(here.database)
        with here.database.begin() as connection:
            put(connection, CHANNEL, to, message, now_ms)
        sent = send(here)
        print(f"sent {sent.sent}, to be tried again {sent.waiting}, given up {sent.given_up}")
    if write is None and not now:
        print(message.text)


def _days(week: str, month: str, today: date) -> tuple[date, date]:
    """First and last day. Raises InputError."""
    if week and month:
        raise InputError("--month", "a week as well", "Name one of the two.")
    try:
        if month:
            first = date.fromisoformat(f"{month}-01")
            return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        first = date.fromisoformat(f"{week}-1") if week else today - timedelta(days=today.weekday() + 7)
    except ValueError:
        option = "--month" if month else "--week"
        raise InputError(option, f"{month or week!r} is none", "Write 2026-W47, or 2026-11.") from None
    return first, first + timedelta(days=6)
