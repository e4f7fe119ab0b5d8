"""From a chart's grammar to SVG, on the server.

Altair writes a chart's grammar once; what changes from page to page (points, ticks, the ends of the scales)
goes in as data and as named signals. So a page pays for drawing only, mostly for measuring texts: about 2 ms each.
"""

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import altair as alt
import vl_convert

FONT = "Arial, sans-serif"  # what texts are measured with; the page's own font replaces it
CELLS = "cells"
_OPENING = re.compile(r"^<svg\b[^>]*\bviewBox=\"([^\"]+)\"[^>]*>")
_ROLES = re.compile(r' (?:role|aria-[a-z]+)="[^"]*"')
_CLIP = re.compile(r"\bclip\d+\b")

Signal = float | str | Sequence[float] | Mapping[str, str]


class Drawing:
    """A compiled chart, ready to be drawn with other data. vl-convert does not survive a fork: spawn workers."""

    def __init__(self, chart: alt.LayerChart, *, font_size: int) -> None:
        quiet = alt.AxisConfig(labelColor="var(--quiet)", labelFontSize=font_size)
        grammar = chart.configure(font=FONT, aria=False, axis=quiet, view=alt.ViewConfig(stroke=None)).to_dict()
        grammar["background"] = None
        grammar["datasets"] = {CELLS: []}
        self._vega: dict[str, Any] = vl_convert.vegalite_to_vega(grammar)

    def draw(
        self, cells: Sequence[Mapping[str, object]], signals: Mapping[str, Signal], *, css: str, label: str
    ) -> str:
        """SVG to stand in a page: `label` is what a screen reader says, `css` its class."""
        vega = {
            **self._vega,
            "data": [
                {**table, "values": list(cells)} if table["name"] == CELLS else table for table in self._vega["data"]
            ],
            "signals": [
                {"name": signal["name"], "value": signals[signal["name"]]} if signal["name"] in signals else signal
                for signal in self._vega["signals"]
            ],
        }
        return open_svg(vl_convert.vega_to_svg(vega), css, label)


def open_svg(svg: str, css: str, label: str) -> str:
    """The SVG as one image with a name: it scales with the page, and the same chart is the same bytes.

    Vega numbers its clip paths over the life of the process and gives every group a role of its own; the numbers
    start again here, and the roles go, since the label and the table tell the chart.
    """
    found = _OPENING.match(svg)
    if found is None:
        raise ValueError("vl-convert: the SVG's opening tag has no viewBox; pin the version that had")
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{escape(css)}" viewBox="{found[1]}" role="img"'
        f' aria-label="{escape(label)}">'
    )
    prefix = css.split()[-1]
    names: dict[str, str] = {}
    inside = _ROLES.sub("", svg[found.end() :])
    inside = _CLIP.sub(lambda clip: names.setdefault(clip[0], f"{prefix}-{len(names)}"), inside)
    return opening + inside
