"""An audit as a page of the docs: the same audit gives the same bytes."""

from collections.abc import Iterable, Sequence
from itertools import chain

from hubbub.core.audit_text import AuditedMechanism, AuditText

_HEAD = """# The audit

Written by `make audit`; do not edit. `hubbub audit` prints it, `hubbub audit --run` makes it again in a home.

Made on {day} with hubbub {hubbub}, OpenDP {opendp}, Python {python}; {runs:,} runs of each mechanism on each of
two inputs.

**{verdict}**

## What is done

Each mechanism is run as a black box, through the function that releases (`release/drawing.py`), on two made-up
inputs that differ by all rows of one device. Someone who knows everything else, the code and the other devices'
rows included, tries to tell from what is released whether the device was there. One half of the runs chooses
what to look for: out of weighed sums of the numbers, single numbers, differences of two and whether new keys
are shown, at thousands of limits each, the event that tells most. The other half bounds it: p from below and q
from above, the probabilities of the event on the two inputs, by Clopper and Pearson. Whatever is (ε,
δ)-differentially private has ε ≥ ln((p − δ) / q). This lower bound must stay under the declared ε, which comes
from ρ by the conversion that a city's own budget goes through (`core/zcdp.py`), at the same δ.

All bounds in the first two tables together are right with probability 1 − {risk:.0e}, whatever depends on what
(Bonferroni over {mechanisms} mechanisms): an audit of a sound hubbub fails once in {once:,}.

Bounds and sensitivities are those of the plan. Budgets are larger than a city's, so that the runs can tell half
the noise from the right noise; scales and thresholds come from the same functions. Runs stand in one vector of
noise: its cells are drawn independently and neither scale nor cost depends on its length, so that is the same
mechanism (`release/audit/sampling.py`).
"""
_TAIL = """## What this cannot show

That a bound from below is under what is declared proves nothing; proofs are in [privacy.md](privacy.md). An
audit looks at the inputs and events it was given. It sees neither time nor memory, nor what a close does around
its draws; the tests of `tests/unit/release` and `tests/system` do. That no unit moves a count by more than is
declared is tested apart from this, on random tables, in `tests/unit/release/test_release_counting.py`.
"""


def page_of(audit: AuditText) -> str:
    """The page, in Markdown."""
    costs = [each for each in audit.mechanisms if each.bounds == "epsilon"]
    rates = [each for each in audit.mechanisms if each.bounds == "delta"]
    parts = [
        _HEAD.format(
            day=audit.day,
            hubbub=audit.hubbub,
            opendp=audit.opendp,
            python=audit.python,
            runs=audit.runs,
            verdict=verdict_of(audit),
            risk=audit.risk,
            mechanisms=len(audit.mechanisms),
            once=round(1 / audit.risk),
        ),
        "## What a release costs\n",
        _table(
            ("Mechanism", "Declared ε", "at δ", "At least, by the runs", "Verdict", "What told most"),
            (
                (each.says, f"{each.declared:.3f}", f"{each.delta:.4g}", f"{each.lowest:.3f}", _held(each), each.event)
                for each in costs
            ),
        ),
        "## How often a threshold fails\n",
        "The probability that a key which one device alone has is shown.\n",
        _table(
            ("Mechanism", "Declared δ", "At least", "At most", "Verdict"),
            (
                (each.says, f"{each.declared:.4g}", f"{each.lowest:.3g}", f"{each.highest:.3g}", _held(each))
                for each in rates
            ),
        ),
        "## Copies broken on purpose\n",
        "They go through the same test, at the same risk, with as many runs as it takes to catch them.\n",
        _table(
            ("Mechanism", "Fault", "Runs", "Declared", "At least, by the runs", "Verdict"),
            chain.from_iterable(map(_copies, audit.mechanisms)),
        ),
        _TAIL,
    ]
    return "\n".join(parts)


def verdict_of(audit: AuditText) -> str:
    """The outcome in a sentence."""
    good = sum(each.holds for each in audit.mechanisms)
    return (
        f"{good} of {len(audit.mechanisms)} mechanisms cost no more than is declared, as far as the runs can tell; "
        f"{audit.caught} of {audit.broken} broken copies were caught."
    )


def _held(mechanism: AuditedMechanism) -> str:
    return "holds" if mechanism.holds else "**fails**"


def _copies(mechanism: AuditedMechanism) -> Iterable[tuple[str, ...]]:
    sign = "ε" if mechanism.bounds == "epsilon" else "δ"
    for copy in mechanism.broken:
        found = f"{copy.found:.3f}" if mechanism.bounds == "epsilon" else f"{copy.found:.3g}"
        verdict = "caught" if copy.caught else "**missed**"
        yield mechanism.says, copy.fault, f"{copy.runs:,}", f"{sign} = {mechanism.declared:.4g}", found, verdict


def _table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rows = [head, ["---"] * len(head), *lines]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
