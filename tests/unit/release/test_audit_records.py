"""Audits are kept whole, the right one is shown, and the page of one is always the same."""

import os
from datetime import date
from pathlib import Path

import pytest
from audit_samples import sample_audit

from hubbub.core.audit_text import AuditText
from hubbub.release.audit import records
from hubbub.release.audit.cases import EVERY
from hubbub.release.audit.page import page_of, verdict_of
from hubbub.release.audit.records import FILE, keep_audit, last_audit, shipped
from hubbub.release.audit.running import RISK

DOCS = Path(__file__).parents[3] / "docs"
EARLY, LATE = date(2026, 1, 1), date(2026, 6, 1)


def test_an_audit_comes_back_as_it_was_kept(tmp_path: Path) -> None:
    kept = sample_audit(date(2099, 1, 1))
    keep_audit(kept, tmp_path)
    assert last_audit(tmp_path) == kept
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    keep_audit(sample_audit(date(2099, 1, 2)), tmp_path)
    assert last_audit(tmp_path) == sample_audit(date(2099, 1, 2))


def test_an_audit_that_cannot_be_written_leaves_the_last_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = sample_audit(date(2099, 1, 1))
    keep_audit(kept, tmp_path)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            keep_audit(sample_audit(date(2099, 1, 2)), tmp_path)
    assert last_audit(tmp_path) == kept
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize(
    ("own", "theirs", "shown"),
    [
        (None, sample_audit(EARLY), sample_audit(EARLY)),
        (sample_audit(LATE), sample_audit(EARLY), sample_audit(LATE)),
        (sample_audit(EARLY), sample_audit(LATE), sample_audit(LATE)),
        (sample_audit(LATE, of="0.0.1"), sample_audit(EARLY), sample_audit(EARLY)),  # of the installed version
        (sample_audit(EARLY), sample_audit(LATE, of="0.0.1"), sample_audit(EARLY)),
        (sample_audit(EARLY, of="0.0.1"), None, sample_audit(EARLY, of="0.0.1")),
        (None, None, None),
    ],
)
def test_the_audit_of_the_installed_version_is_shown(
    own: AuditText | None,
    theirs: AuditText | None,
    shown: AuditText | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(records, "shipped", lambda: theirs)
    if own is not None:
        keep_audit(own, tmp_path)
    assert last_audit(tmp_path) == shown


def test_what_is_no_audit_is_passed_over(tmp_path: Path) -> None:
    for content in (b"", b"{}", b"\xff\xfe", b'{"day": 3}'):
        (tmp_path / FILE).write_bytes(content)
        assert last_audit(tmp_path) == shipped()


def test_the_audit_that_is_shipped_is_whole_and_is_that_of_the_docs() -> None:
    """Run `make audit` again when a mechanism or a broken copy is added (`make audit RUNS=20000` is short)."""
    found = shipped()
    assert found is not None
    cases = EVERY
    assert [each.name for each in found.mechanisms] == [each.name for each in cases]
    faults = [[copy.says for copy in each.broken] for each in cases]
    assert [[copy.fault for copy in each.broken] for each in found.mechanisms] == faults
    assert found.holds
    assert found.caught == found.broken
    assert found.risk == RISK
    assert (DOCS / "audit.md").read_text("utf-8") == page_of(found)


def test_the_page_says_what_came_of_it() -> None:
    page = page_of(sample_audit())
    assert page == page_of(sample_audit())
    for words in (
        "Made on 2026-05-18 with hubbub",
        "2 of 2 mechanisms cost no more than is declared",
        "3 of 3 broken copies were caught",
        "| one number | 2.753 | 0.01 | 2.030 | holds | column 1: at least 3 |",
        "| the threshold | 0.005 | 0.0031 | 0.0042 | holds |",
        "| one number | half the noise | 40,000 | ε = 2.753 | 4.100 | caught |",
        "| the threshold | what is at the threshold passes | 8,000 | δ = 0.005 | 0.0081 | caught |",
        "fails once in 1,000,000",
    ):
        assert words in page
    broken = page_of(sample_audit(holds=False, caught=False))
    assert "**fails**" in broken
    assert "**missed**" in broken
    assert verdict_of(sample_audit(holds=False, caught=False)).startswith("1 of 2")
