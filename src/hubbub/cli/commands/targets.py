"""`hubbub targets`: how the city's targets stand."""

import msgspec

from hubbub.cli.home import Home
from hubbub.cli.options import HERE, HomeOption, JsonOption
from hubbub.cli.presenting import command_app
from hubbub.cli.reading import read_side
from hubbub.serve.api.targets import targets_body
from hubbub.serve.pages.targets import TargetLine, view_targets
from hubbub.serve.texts import texts_in

app = command_app()


@app.command(name="targets")
def show_targets(json: JsonOption = False, home: HomeOption = HERE) -> None:
    """Show how each target stands: released so far, what is expected, and how probable it is that it is met.

    A target is set in hubbub.yaml, under `targets`. Only released numbers are read. JSON is what /api/v1/targets says.
    """
    reads = read_side(Home.open(home))
    if json:
        print(msgspec.json.encode(targets_body(reads)).decode())
        return
    if not reads.targets:
        print(
            "no target is set: hubbub.yaml takes them under `targets`, and the page /targets/new; see docs/targets.md"
        )
        return
    texts = texts_in("en")
    view = view_targets(reads, texts)
    print(view.sentence)
    for line in view.lines:
        print("\n".join(told(line)))


def told(line: TargetLine) -> list[str]:
    """A target as lines for a terminal."""
    since = f" since {line.since}" if line.since else ""
    why = f": {line.why}" if line.why else ""
    lines = [f"\n{line.standing.mark} {line.title} ({line.period}): {line.standing.word}{since}{why}"]
    if line.why:
        return lines
    aim = f", aim: {line.aim}" if line.aim else ""
    lines.append(f"    so far {line.value.text} {line.value.margin}".rstrip() + f"{aim}; probability {line.chance}")
    if line.forecast:
        lines.append(f"    expected on {line.end}: {line.forecast.text} {line.forecast.margin}".rstrip())
    if line.pace:
        lines.append(f"    {line.pace}")
    return lines
