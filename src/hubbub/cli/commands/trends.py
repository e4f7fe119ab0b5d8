"""`hubbub trends`: what is changing, as the page tells it."""

from typing import Annotated

import msgspec
import typer

from hubbub.cli.home import Home
from hubbub.cli.options import HERE, HomeOption, JsonOption
from hubbub.cli.presenting import command_app
from hubbub.cli.reading import notebook_of
from hubbub.cli.scanning import scan_home
from hubbub.core.errors import InputError
from hubbub.insight.findings import Finding
from hubbub.operate.remarks import dismissed, without
from hubbub.serve.pages.trend_words import subject_words, sure_words, tell_finding
from hubbub.serve.texts import texts_in

app = command_app()


@app.command(name="trends")
def show_trends(
    site: Annotated[str, typer.Option(metavar="NAME", help="Only of one site or table.")] = "",
    whole: Annotated[bool, typer.Option("--all", help="Also what each finding stands for.")] = False,
    json: JsonOption = False,
    home: HomeOption = HERE,
) -> None:
    """Print what is changing: what noise, season and holidays do not explain, newest first.

    Looks through all released numbers when some were published since it was last done. What analysts have dismissed is
    left out.
    """
    here = Home.open(home)
    names = [source.name for source in here.settings.sources]
    if site and site not in names:
        raise InputError("--site", f"there is no {site!r}", f"One of {', '.join(names)}.")
    findings = without(scan_home(here), dismissed(notebook_of(here).written().remarks))
    found = [one for one in findings.found if one.touches(site)]
    if json:
        print(msgspec.json.encode(found).decode())
        return
    for one in found:
        _say(here, one, "")
        for member in one.members if whole else ():
            _say(here, member, "    ")
    print(f"{len(found):,} {'change' if len(found) == 1 else 'changes'} in {findings.series:,} series")


def _say(home: Home, finding: Finding, indent: str) -> None:
    texts, settings = texts_in("en"), home.settings
    subject, told = subject_words(finding.series, settings, texts), tell_finding(finding, settings, texts)
    print(f"{indent}{finding.found}  {subject}: {told} ({sure_words(finding, texts)})")
