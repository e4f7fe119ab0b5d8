"""Funnels: how many visitors came how far, step by step."""

from msgspec import Struct

from hubbub.core.settings import Site
from hubbub.publish.intervals import Estimate, Fraction, share
from hubbub.publish.query import AnswerRow, Filter, Query
from hubbub.serve.names import condition_label
from hubbub.serve.pages.figures import Figure, write_figure
from hubbub.serve.pages.periods import Period
from hubbub.serve.pages.toplists import lengths
from hubbub.serve.reading import ReadSide
from hubbub.serve.texts import Texts, _


class StepLine(Struct, frozen=True):
    """One step. `bar`, `low` and `high` are lengths in percent of the longest, for drawing.

    visitors   who came at least so far
    of_before  their share of those of the step before; None at the first step
    """

    number: int
    label: str
    visitors: Figure
    of_before: Figure | None
    bar: float
    low: float
    high: float


class FunnelView(Struct, frozen=True):
    """One funnel with a sentence that tells its end; without steps where nothing was released."""

    name: str
    sentence: str
    steps: tuple[StepLine, ...]


def ask_funnels(read_side: ReadSide, site: Site, period: Period, texts: Texts) -> tuple[FunnelView, ...]:
    """The funnels of the settings in their order, then those that have cells and left the settings."""
    released = read_side.ask(
        Query(sites=(site.name,), metrics=("visitors",), dimensions=("funnel",), first=period.first, last=period.last)
    )
    names = dict.fromkeys([*site.funnels, *sorted(row.dimensions[0] for row in released.rows)])
    return tuple(_funnel(read_side, site, name, period, texts) for name in names)


def _funnel(read_side: ReadSide, site: Site, name: str, period: Period, texts: Texts) -> FunnelView:
    answer = read_side.ask(
        Query(
            sites=(site.name,),
            metrics=("visitors", "conversion_rate"),
            dimensions=("step",),
            filters=(Filter("funnel", (name,)),),
            first=period.first,
            last=period.last,
        )
    )
    rows = sorted(answer.rows, key=lambda row: int(row.dimensions[0]))
    known = [condition_label(step, texts) for step in site.funnels.get(name, ())]
    longest = max((row.values[0].high95 for row in rows if row.values[0]), default=1.0)
    lines: list[StepLine] = []
    before: Estimate | None = None
    for row in rows:
        number, visitors = int(row.dimensions[0]), row.values[0]
        label = known[number - 1] if number <= len(known) else texts.say(_("Step {number}"), number=number)
        lines.append(
            StepLine(
                number,
                label,
                write_figure(visitors, "count", texts),
                write_figure(_share(visitors, before), "percent", texts) if before and visitors else None,
                *(lengths(visitors, longest) if visitors and visitors.shown else (0.0, 0.0, 0.0)),
            )
        )
        before = visitors
    return FunnelView(name, _sentence(rows, texts), tuple(lines))


def _share(part: Estimate, whole: Estimate) -> Estimate:
    """Those of a step who came to the next one: a part of the same cells, so it shares their noise."""
    return share(Fraction(part.value, part.stderr**2, whole.value, whole.stderr**2, part.stderr**2), "visitors")


def _sentence(rows: list[AnswerRow], texts: Texts) -> str:
    if not rows:
        return texts.say(_("Nothing released in this period."))
    began, ended = rows[0].values[0], rows[-1].values[1]
    if began is None or ended is None or not ended.shown:
        return texts.say(_("Too few began it in this period to tell which share came to its end."))
    start, end = write_figure(began, "count", texts), write_figure(ended, "percent", texts)
    return texts.say(
        _("Of {count} {margin} visitors who began, {share} {share_margin} came to the end within a visit."),
        count=start.text,
        margin=start.margin,
        share=end.text,
        share_margin=end.margin,
    )
