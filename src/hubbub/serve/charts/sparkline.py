"""A sparkline: the course of a few days at a glance, as a line of SVG without axes."""

from collections.abc import Sequence
from html import escape

from hubbub.publish.intervals import Estimate

WIDTH, HEIGHT, EDGE = 140.0, 32.0, 3.0


def draw_sparkline(estimates: Sequence[Estimate | None], label: str, mark: int | None = None) -> str:
    """SVG of the values from zero up, with their band; where nothing was released the line breaks. `mark` is a place
    that is marked.
    """
    top = max((one.high95 for one in estimates if one), default=0.0)
    if top <= 0:
        return ""
    step = (WIDTH - 2 * EDGE) / max(1, len(estimates) - 1)

    def place(number: int, value: float) -> str:
        y = HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * min(1.0, max(0.0, value / top))
        return f"{EDGE + number * step:.1f},{y:.1f}"

    parts = []
    if mark is not None and 0 <= mark < len(estimates):
        parts.append(f'<path class="mark" d="M{EDGE + mark * step:.1f} 0V{HEIGHT:.0f}"/>')
    for run in _runs(estimates):
        upper = " ".join(place(number, one.high95) for number, one in run)
        lower = " ".join(place(number, one.low95) for number, one in reversed(run))
        parts.append(f'<polygon class="band" points="{upper} {lower}"/>')
        parts.append(f'<polyline class="line" points="{" ".join(place(n, one.value) for n, one in run)}"/>')
    number, last = next((n, one) for n, one in reversed(list(enumerate(estimates))) if one)
    x, y = place(number, last.value).split(",")
    parts.append(f'<circle class="dot" cx="{x}" cy="{y}" r="2.5"/>')
    return (
        f'<svg class="sparkline" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" role="img" aria-label="{escape(label)}">'
        f"{''.join(parts)}</svg>"
    )


def _runs(estimates: Sequence[Estimate | None]) -> list[list[tuple[int, Estimate]]]:
    """Neighbouring days that have a value."""
    runs: list[list[tuple[int, Estimate]]] = [[]]
    for number, one in enumerate(estimates):
        if one is None:
            runs.append([])
        else:
            runs[-1].append((number, one))
    return [run for run in runs if run]
