"""`hubbub init`: writes a commented hubbub.yaml, after checking that it says something that works."""

from pathlib import Path
from typing import Annotated

import typer

from hubbub.cli.config import FILE, parse_settings
from hubbub.cli.presenting import command_app
from hubbub.core.errors import InputError, Refused

app = command_app()

DELTA = 1e-9
TEMPLATE = """\
# What hubbub measures, and what it may cost. Every setting is explained in docs/settings.md.
# After a change: restart `hubbub serve`. A change of `budget` holds from the next day that is closed.

# The zone in which a day begins and ends (IANA). A site may have its own.
timezone: {timezone}

# What one device-day on one site may cost. `standard` (epsilon 1.9), `strict` (epsilon 1; sensible from
# 20,000 visitors a day), or {{epsilon: …, delta: …}}. Over epsilon 10 the numbers are not private: the home
# is then marked as a trial for ever.
budget: {budget}

# One source a host name. `pages` are known publicly beforehand and need no threshold; the sitemap can be
# read with `hubbub keys import --site NAME sitemap.xml`.
sites:
{sites}
# Who may read the released numbers: public, or private with keys from `hubbub apikey`.
access:
  mode: public

server:
  # Networks of reverse proxies whose X-Forwarded-For is believed.
  trusted_proxies: []
  # Prometheus metrics for the operator, on this port of 127.0.0.1 only; 0 switches them off.
  metrics_port: 0
"""

SITE = """\
  - name: {name}
    # pages: [/, /contact]
    # campaigns: [spring-newsletter]
    # events: {{Signup: {{plan: [basic, plus]}}}}
"""


@app.command(name="init")
def init_home(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to make.")],
    site: Annotated[
        list[str], typer.Option("--site", metavar="NAME", help="A portal's host name; give it once a portal.")
    ],
    timezone: Annotated[
        str, typer.Option(metavar="ZONE", help="IANA zone of the local day, such as Europe/Vienna.")
    ] = "UTC",
    epsilon: Annotated[
        float | None,
        typer.Option(
            metavar="E", help="Budget of a device-day instead of `standard` (1.9); over 10 is a trial, not private."
        ),
    ] = None,
    delta: Annotated[float | None, typer.Option(metavar="D", help="Goes with --epsilon; 1e-9 if left out.")] = None,
) -> None:
    """Make a home: write DIR/hubbub.yaml for one or more portals."""
    if delta is not None and epsilon is None:
        raise typer.BadParameter("--delta goes with --epsilon")
    path = folder / FILE
    if path.exists():
        raise Refused(f"{path} is there already; edit it, or name another folder")
    budget = (
        "standard" if epsilon is None else f"{{epsilon: {epsilon!r}, delta: {DELTA if delta is None else delta!r}}}"
    )
    text = TEMPLATE.format(timezone=timezone, budget=budget, sites="".join(SITE.format(name=name) for name in site))
    settings = parse_settings(text)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise InputError(str(path), f"cannot be written: {error.strerror}", "Name another folder.") from None
    print(f"wrote {path} for {', '.join(site.name for site in settings.sites)}")
    print(
        f'the tag: <script defer src="https://YOUR-HUBBUB/hubbub.js" data-domain="{settings.sites[0].name}"></script>'
    )
    print(f"next: hubbub --home {folder} serve")
