"""`hubbub demo`: a simulated city to look at."""

from datetime import date
from http.client import OK
from pathlib import Path
from threading import Event, Thread
from typing import Annotated
from urllib.request import urlopen

import typer

from hubbub.cli.demo.build import build_history, build_today, new_home
from hubbub.cli.demo.city import SERVICES, ZONE
from hubbub.cli.demo.requests import NAME as REQUESTS
from hubbub.cli.demo.story import Story, sights, tell
from hubbub.cli.demo.trickle import Trickle
from hubbub.cli.presenting import command_app
from hubbub.cli.progress import progress_bar
from hubbub.cli.scanning import scan_home
from hubbub.cli.server import serve
from hubbub.core.days import day_of

app = command_app()

DAYS = 60
HOST = "127.0.0.1"
POLL_S = 0.2


@app.command(name="demo")
def demo(
    folder: Annotated[
        Path, typer.Option(metavar="DIR", help="Where to build it; an earlier demo there is replaced.")
    ] = Path("demo"),
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8000,
    days: Annotated[int, typer.Option(envvar="HUBBUB_DEMO_DAYS", min=1, max=800, help="Days of history.")] = DAYS,
) -> None:
    """Build a simulated city of three portals and a service desk, close its days, serve it with a light stream of live
    visits.
    """
    home = new_home(folder)
    now_ms = home.clock.now_ms()
    today = day_of(now_ms, ZONE)
    story = tell(today, days)
    with progress_bar() as progress:
        rows = build_history(home, story, today, days, progress)
        build_today(home, story, now_ms, progress)
    scan_home(home)
    sources = f"{len(home.settings.sites)} portals and a table"
    print(f"{home.settings.city}: {sources}, {days} days, {rows:,} rows released and destroyed")
    stop = Event()
    company = Thread(target=_keep_company, args=(port, story, today, stop), name="hubbub-demo", daemon=True)
    company.start()
    try:
        serve(home, HOST, port, 1)
    finally:
        stop.set()


def _keep_company(port: int, story: Story, today: date, stop: Event) -> None:
    """Once the server answers: say where to look, and send it a light stream of visits."""
    address = f"http://{HOST}:{port}"
    while not _answers(f"{address}/healthz"):
        if stop.wait(POLL_S):
            return
    print(f"\nOpen {address}")
    for sight in sights(story, today):
        print(f"  {sight.title}: {sight.text}")
        print(f"    {address}/sites/{sight.site}?from={sight.first}&to={sight.last}")
    print("  What is asked: goals, funnels, searches, amounts, who comes back, and topics over all portals")
    print(f"    {address}/sites/{SERVICES.name}?period=30d")
    print("  A department's table: service requests by service, district and hour, how long they take")
    print(f"    {address}/tables/{REQUESTS}?period=30d")
    print("  What is changing, and how the city's targets stand")
    print(f"    {address}/what-is-changing {address}/targets")
    print(f"  What is measured, and what it costs: {address}/what-we-measure\nCtrl-C ends it.", flush=True)
    Trickle(HOST, port).run(stop)


def _answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=1) as answer:  # noqa: S310, our own address
            return bool(answer.status == OK)
    except OSError:
        return False
