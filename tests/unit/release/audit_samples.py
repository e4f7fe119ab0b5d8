"""An audit that someone might have made."""

from datetime import date
from importlib.metadata import version

from hubbub.core.audit_text import AuditedMechanism, AuditText, BrokenCopy


def sample_audit(day: date = date(2026, 5, 18), *, holds: bool = True, caught: bool = True, of: str = "") -> AuditText:
    """Two mechanisms, three broken copies; `of` is the version that was audited, the installed one if not said."""
    copies = (
        BrokenCopy("half the noise", 40_000, 4.1, True),
        BrokenCopy("no noise on empty cells", 8_000, 6.5, caught),
    )
    return AuditText(
        day=day,
        hubbub=of or version("hubbub"),
        opendp="0.16.0",
        python="3.11.2",
        runs=200_000,
        risk=1e-6,
        mechanisms=(
            AuditedMechanism(
                "count", "one number", "epsilon", 200_000, 2.753, 0.01, 2.03 if holds else 3.5, 0.0, holds,
                "column 1: at least 3", copies,
            ),
            AuditedMechanism(
                "threshold", "the threshold", "delta", 200_000, 0.005, 0.005, 0.0031, 0.0042, True, "shown",
                (BrokenCopy("what is at the threshold passes", 8_000, 0.0081, True),),
            ),
        ),
    )  # fmt: skip
