"""How an estimate is written: the number, its quieter ±, and why it is grey when it is."""

from collections.abc import Callable
from math import isfinite

from msgspec import Struct

from hubbub.insight.change import Change, Direction
from hubbub.publish.intervals import Z95, Estimate
from hubbub.serve.texts import NO_BREAK, Texts, _

ARROWS = {Direction.ROSE: "▲", Direction.FELL: "▼", Direction.STEADY: "≈", Direction.UNKNOWN: "–"}
STEADY = _("no change that noise does not explain ({size} {margin})")
MISSING = _("nothing released")
EXACT = 0.005  # a margin under this is none: a trial's numbers are exact


class Figure(Struct, frozen=True):
    """A number as it stands on a page.

    text     `12,345`
    margin   `± 31`, half the width of its 95 % interval; "" where the number is exact
    is_shown false: it stands in grey, and `why` says the reason
    hint     the interval in words
    """

    text: str
    margin: str
    is_shown: bool
    why: str
    hint: str


class Comparison(Struct, frozen=True):
    """A change as it stands beside a number: `▲ 12 % ± 3`, and in words for whoever does not see the arrow."""

    direction: str
    arrow: str
    text: str
    margin: str
    words: str


def write_figure(estimate: Estimate | None, unit: str, texts: Texts) -> Figure:
    """The figure of an estimate in a unit of `publish.catalogue.Metric`; None stands for nothing released."""
    if estimate is None:
        return Figure("–", "", False, texts.translate(MISSING), texts.translate(MISSING))
    half = (estimate.high95 - estimate.low95) / 2
    if not isfinite(half):
        return Figure("–", "", False, texts.translate(estimate.why_not), texts.translate(estimate.why_not))
    write = _writer(unit, half, texts)
    margin = f"±{NO_BREAK}{_margin(half, unit, texts)}" if half >= EXACT else ""
    hint = texts.say(_("95 % interval: {low} to {high}"), low=write(estimate.low95), high=write(estimate.high95))
    return Figure(write(estimate.value), margin, estimate.shown, texts.translate(estimate.why_not), hint)


def write_comparison(change: Change, texts: Texts, unit: str = "count") -> Comparison:
    """The change beside a number; of a percentage in points, of anything else in percent."""
    arrow = ARROWS[change.direction]
    if change.direction is Direction.UNKNOWN:
        words = texts.say(_("nothing to compare with"))
        return Comparison(change.direction.value, arrow, "", "", words)
    if unit == "percent":
        return _in_points(change, texts)
    if change.ratio is None or change.margin is None:
        words = {
            Direction.ROSE: _("more than before, from too few to give a percentage"),
            Direction.FELL: _("less than before, from too few to give a percentage"),
            Direction.STEADY: _("no change that noise does not explain"),
        }[change.direction]
        return Comparison(change.direction.value, arrow, "", "", texts.translate(words))
    size, margin = write_percent(change, texts)
    words = {
        Direction.ROSE: _("up by {size} {margin}"),
        Direction.FELL: _("down by {size} {margin}"),
    }.get(change.direction, STEADY)
    text = texts.say(words, size=size, margin=margin).strip()
    return Comparison(change.direction.value, arrow, size, margin, text)


def _in_points(change: Change, texts: Texts) -> Comparison:
    size = texts.say(_("{points} points"), points=texts.decimal(abs(change.difference), 1))
    margin = f"±{NO_BREAK}{texts.decimal(Z95 * change.stderr, 1)}"
    words = {
        Direction.ROSE: _("up by {size} {margin}"),
        Direction.FELL: _("down by {size} {margin}"),
    }.get(change.direction, STEADY)
    text = texts.say(words, size=size, margin=margin)
    return Comparison(change.direction.value, ARROWS[change.direction], size, margin, text)


def write_percent(change: Change, texts: Texts) -> tuple[str, str]:
    """`12 %` and `± 3` of a relative change, with a place after the point where the margin is under one."""
    assert change.ratio is not None
    half = change.margin or 0.0
    places = 1 if 100 * half < 1 and abs(change.ratio) < 1 else 0
    size = texts.percent(abs(change.ratio), places)
    shown = texts.decimal(100 * half, places)
    return size, f"±{NO_BREAK}{shown}" if float(shown.replace(",", "")) else ""


def _writer(unit: str, half: float, texts: Texts) -> Callable[[float], str]:
    if unit == "percent":
        return lambda value: texts.percent(value / 100, 1 if half < 1 else 0)
    if unit == "seconds":
        return texts.duration
    if unit == "ratio":
        return lambda value: texts.decimal(value, 2 if half < 0.1 else 1)
    return texts.count


def _margin(half: float, unit: str, texts: Texts) -> str:
    if unit == "percent":
        return texts.decimal(half, 1 if half < 1 else 0)
    if unit == "seconds":
        return texts.duration(half) if half >= 1 else texts.say(_("{seconds} s"), seconds=f"{half:.1f}")
    if unit == "ratio":
        return texts.decimal(half, 2 if half < 0.1 else 1)
    return texts.count(max(1.0, half))
