"""The axes that charts share: what stands on them comes as signals, so that a chart is compiled once."""

from typing import Any

import altair as alt

AXIS_SIGNALS: dict[str, object] = {
    "ticks": [0],
    "labels": {},
    "first": -0.5,
    "last": 0.5,
    "levels": [0],
    "level_labels": {},
    "bottom": 0,
    "top": 1,
}


def axis_params() -> list[Any]:
    """The signals by which axes are drawn, with values to be replaced."""
    return [alt.param(name=name, value=value) for name, value in AXIS_SIGNALS.items()]


def places(field: str = "x:Q") -> alt.X:
    """The axis of time, from `first` to `last`, with `labels` at the `ticks`."""
    return alt.X(
        field,
        scale=alt.Scale(domainMin=alt.ExprRef("first"), domainMax=alt.ExprRef("last"), nice=False, zero=False),
        axis=alt.Axis(
            values=alt.ExprRef("ticks"),
            labelExpr="labels[datum.value]",
            labelOverlap=False,
            labelFlush=False,
            grid=False,
            domainColor="var(--rule-strong)",
            tickColor="var(--rule-strong)",
            tickSize=5,
            labelPadding=6,
            title=None,
        ),
    )


def amounts(field: str = "value:Q") -> alt.Y:
    """The axis of numbers, from `bottom` to `top`, with thin lines at the `levels`."""
    return alt.Y(
        field,
        scale=alt.Scale(domainMin=alt.ExprRef("bottom"), domainMax=alt.ExprRef("top"), nice=False),
        axis=alt.Axis(
            values=alt.ExprRef("levels"),
            labelExpr="level_labels[datum.value]",
            labelOverlap=False,
            gridColor="var(--rule)",
            domain=False,
            ticks=False,
            labelPadding=8,
            title=None,
        ),
    )
