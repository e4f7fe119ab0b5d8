"""Charts as PNG, for mail programs: they show no SVG, and know none of the page's colours."""

import re

import vl_convert

from hubbub.serve.messages.tokens import light_tokens

SCALE = 2.0  # sharp on screens with twice the pixels
_USED = re.compile(r"var\(--([a-z-]+)\)")


def paint(svg: str) -> bytes:
    """The PNG of a chart's SVG, on the pages' paper."""
    colours = light_tokens()
    coloured = _USED.sub(lambda used: colours[used[1]], svg)
    opening, bracket, rest = coloured.partition(">")
    paper = f'<rect width="100%" height="100%" fill="{colours["paper"]}"/>'
    png: bytes = vl_convert.svg_to_png(f"{opening}{bracket}{paper}{rest}", scale=SCALE)
    return png
