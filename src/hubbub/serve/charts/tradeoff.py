"""A picture for who sets a budget: how the error goes with ε, and with the bounds of single measures.

It stands alone as a file, so the tokens of the pages' style stand in it, for light and dark.
"""

from typing import Any

import altair as alt
import vl_convert

from hubbub.core.tradeoff import Tradeoff
from hubbub.serve.charts.drawing import FONT, open_svg

WIDTH, HEIGHT, FONT_SIZE = 380, 280, 13
MOST_MEASURES = 5
BUDGETS, NOW, BOUNDS, MARKS = "budgets", "now", "bounds", "marks"
COLOURS = ("var(--accent)", "var(--second)", "var(--third)", "var(--fourth)", "var(--fifth)")
STYLE = (
    "<style>svg{--accent:#0b5cad;--second:#b3541e;--third:#4d7a26;--fourth:#8a4fa3;--fifth:#6b6b6b;--before:#767676;"
    "--quiet:#595959;--rule:#dedede;--rule-strong:#8c8c8c;background:#fff}@media(prefers-color-scheme:dark){svg{"
    "--accent:#6cb2f5;--second:#f0955b;--third:#9ccc65;--fourth:#cf9ae6;--fifth:#bdbdbd;--before:#9a9a9a;"
    "--quiet:#b5b5b5;--rule:#3a3a3a;--rule-strong:#777;background:#16181b}}</style>"
)
SAYS = {"error": "mean relative error", "known": "share of cells not known within 20 %"}


def draw_tradeoff(curves: Tradeoff, source: str) -> str:
    """An SVG file of two panels: error against ε, and error against bounds (where any of them can be told)."""
    names = _measures(curves)
    panels = [_by_budget(SAYS[curves.objective]), *([_by_bound(names)] if names else [])]
    title = alt.TitleParams(f"{source}: what a budget and a bound buy", color="var(--quiet)", anchor="start")
    quiet = alt.AxisConfig(
        labelColor="var(--quiet)", titleColor="var(--quiet)", labelFontSize=FONT_SIZE, titleFontSize=FONT_SIZE,
        titleFontWeight="normal", gridColor="var(--rule)", domainColor="var(--rule-strong)",
        tickColor="var(--rule-strong)",
    )  # fmt: skip
    legend = alt.LegendConfig(labelColor="var(--quiet)", labelFontSize=FONT_SIZE, orient="top", columnPadding=16)
    grammar: dict[str, Any] = (
        alt.hconcat(*panels, title=title, spacing=40)
        .resolve_scale(color="independent")
        .configure(font=FONT, aria=False, axis=quiet, legend=legend, view=alt.ViewConfig(stroke=None))
        .to_dict()
    )
    grammar["background"] = None
    grammar["datasets"] = _data(curves, names)
    svg = open_svg(vl_convert.vegalite_to_svg(grammar), "tradeoff", f"{source}: error by budget and by bound")
    opening, inside = svg.split(">", 1)
    return f"{opening}>{STYLE}{inside}\n"


def _measures(curves: Tradeoff) -> list[str]:
    """Those whose bounds move the error most."""
    losses: dict[str, list[float]] = {}
    for one in curves.at_bounds:
        losses.setdefault(one.measure, []).append(one.loss)
    return sorted(losses, key=lambda name: max(losses[name]) - min(losses[name]), reverse=True)[:MOST_MEASURES]


def _data(curves: Tradeoff, names: list[str]) -> dict[str, list[dict[str, object]]]:
    bounds = [one for one in curves.at_bounds if one.measure in names]
    return {
        BUDGETS: [{"plan": one.plan, "epsilon": one.epsilon, "loss": one.loss} for one in curves.at_budgets],
        NOW: [{"epsilon": curves.epsilon}],
        BOUNDS: [{"measure": one.measure, "bound": one.bound, "loss": one.loss} for one in bounds],
        MARKS: [
            {"measure": one.measure, "bound": one.bound, "loss": one.loss,
             "proposed": one.bound == curves.bounds[one.measure][1]}
            for one in bounds if one.bound in curves.bounds[one.measure]
        ],
    }  # fmt: skip


def _by_budget(says: str) -> alt.LayerChart:
    colour = alt.Color("plan:N", title=None, sort=None, scale=alt.Scale(range=["var(--before)", "var(--accent)"]))
    x = alt.X("epsilon:Q", scale=alt.Scale(type="log", nice=False), title="ε of a device and day", axis=_few())
    y = alt.Y("loss:Q", scale=alt.Scale(domainMin=0), title=says)
    now = alt.Chart(alt.NamedData(NOW)).mark_rule(stroke="var(--rule-strong)", strokeDash=[3, 3]).encode(x=x)
    lines = alt.Chart(alt.NamedData(BUDGETS), width=WIDTH, height=HEIGHT).encode(x=x, y=y, color=colour)
    return alt.LayerChart(layer=[now, lines.mark_line(strokeWidth=2.25), lines.mark_circle(size=30, opacity=1)])


def _by_bound(names: list[str]) -> alt.LayerChart:
    scale = alt.Scale(domain=names, range=list(COLOURS[: len(names)]))
    colour = alt.Color("measure:N", title=None, scale=scale)
    x = alt.X("bound:Q", scale=alt.Scale(type="log", nice=False), title="bound (filled: proposed)", axis=_few())
    y = alt.Y("loss:Q", scale=alt.Scale(domainMin=0), title="loss of the measure alone")
    lines = alt.Chart(alt.NamedData(BOUNDS), width=WIDTH, height=HEIGHT).mark_line(strokeWidth=2)
    marks = alt.Chart(alt.NamedData(MARKS))
    layers = (
        lines,
        marks.transform_filter("!datum.proposed").mark_point(size=60),
        marks.transform_filter("datum.proposed").mark_circle(size=90, opacity=1),
    )
    return alt.LayerChart(layer=[each.encode(x=x, y=y, color=colour) for each in layers])


def _few() -> alt.Axis:
    """Few round labels: a logarithmic axis would write all nine of each power of ten."""
    return alt.Axis(tickCount=6, format="~g", labelOverlap=True)
