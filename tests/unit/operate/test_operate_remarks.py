"""Verdicts, notes and targets of analysts: what is kept, what is refused, what the log of changes says."""

import sys
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine

sys.path.insert(0, str(Path(__file__).parents[1] / "insight"))

from alert_samples import finding
from operate_databases import database as database

from hubbub.core.errors import ConfigError, InputError
from hubbub.core.targets import Target, Window
from hubbub.insight.findings import Findings
from hubbub.operate.changes import first_broken, read_changes
from hubbub.operate.notebook import FRESH_MS, Notebook, Rules
from hubbub.operate.remarks import MOST_NOTES, Remark, Verdict, without
from hubbub.operate.roles import Operator, Role
from hubbub.operate.state import metadata, remarks_table

ANA, BEN = Operator("ana", Role.ANALYST), Operator("ben", Role.ANALYST)
DROP = finding()
DAY = date(2026, 11, 16)
NOTE = Remark(0, DROP.name, DROP.series.source, DAY, Verdict.NONE, "campaign started", "", 0)
TARGET = Target("more", metric="visitors", at_least="+10 %", baseline=Window(date(2025, 1, 1), date(2025, 3, 31)))


class Clock:
    """A clock that is set."""

    ms = 1_000

    def now_ms(self) -> int:
        return self.ms


def check(target: Target) -> None:
    if target.metric == "moods":
        raise ConfigError("target.metric", "'moods'", "visitors")


def personal(text: str) -> str:
    return "an e-mail address" if "@" in text else ""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def notebook(database: Engine, clock: Clock) -> Notebook:
    return Notebook(database, clock, Rules(personal, check, frozenset({"of-yaml"})))


def log(notebook: Notebook) -> list[tuple[str, str, str, str, str]]:
    found = read_changes(notebook.engine, 20)
    assert first_broken(notebook.engine) is None
    return [(one.who, one.what, one.subject, one.before, one.after) for one in found]


def test_a_finding_has_one_verdict_and_the_log_both_sides_of_each_change(notebook: Notebook) -> None:
    subject = f"{DROP.name}, {DROP.series.source}"
    notebook.judge(ANA, DROP, Verdict.CONFIRM, "the  relaunch")
    notebook.judge(BEN, DROP, Verdict.DISMISS, "")
    (only,) = notebook.written().remarks
    assert (only.verdict, only.text, only.who, only.day) == (Verdict.DISMISS, "", "ben", DROP.since)
    notebook.judge(BEN, DROP, Verdict.DISMISS, " ")  # nothing changes, nothing is logged
    notebook.judge(ANA, DROP, Verdict.NONE, "")
    notebook.judge(ANA, DROP, Verdict.NONE, "")
    assert notebook.written().remarks == ()
    assert log(notebook) == [
        ("ana", "verdict taken back", subject, "dismissed", ""),
        ("ben", "finding dismissed", subject, "confirmed: the relaunch", "dismissed"),
        ("ana", "finding confirmed", subject, "", "confirmed: the relaunch"),
    ]


def test_notes_are_many_and_can_be_removed(notebook: Notebook, clock: Clock) -> None:
    clock.ms = 5_000
    notebook.add_note(ANA, NOTE)
    notebook.add_note(BEN, replace(NOTE, finding="", day=date(2026, 11, 2), text="new\nsite"))
    earlier, later = notebook.written().remarks
    assert (earlier.text, earlier.who, earlier.at_ms, earlier.finding) == ("new site", "ben", 5_000, "")
    assert (later.text, later.who, later.finding) == ("campaign started", "ana", DROP.name)
    notebook.judge(ANA, DROP, Verdict.CONFIRM, "")  # of another kind: it takes no note's place
    with pytest.raises(InputError, match="there is no note"):
        notebook.remove_note(ANA, next(one.number for one in notebook.written().remarks if one.verdict))
    notebook.remove_note(ANA, later.number)
    assert [one.text for one in notebook.written().remarks if not one.verdict] == ["new site"]
    assert log(notebook)[0] == (
        "ana", "note removed", f"{DROP.name}, {DROP.series.source}", "2026-11-16: campaign started", "",
    )  # fmt: skip


@pytest.mark.parametrize("text", ["", " \n", "x" * 401, "ask ana@city.example", "\u202eabc"])
def test_texts_that_cannot_stand_on_a_chart_are_refused_and_nothing_is_logged(notebook: Notebook, text: str) -> None:
    with pytest.raises(InputError):
        notebook.add_note(ANA, replace(NOTE, text=text))
    if text.strip():
        with pytest.raises(InputError):
            notebook.judge(ANA, DROP, Verdict.DISMISS, text)
    assert notebook.written().remarks == ()
    assert log(notebook) == []


def test_a_day_has_only_so_many_notes(notebook: Notebook, database: Engine) -> None:
    values = {name: getattr(NOTE, name) for name in ("finding", "source", "day", "text", "who", "at_ms")}
    with database.begin() as connection:
        rows = [values | {"verdict": "", "number": number} for number in range(MOST_NOTES)]
        connection.execute(remarks_table.insert(), rows)
    with pytest.raises(InputError, match="already"):
        notebook.add_note(ANA, NOTE)


def test_a_target_comes_back_as_it_was_made(notebook: Notebook) -> None:
    notebook.add_target(ANA, TARGET)
    assert notebook.written().targets == (TARGET,)
    assert notebook.written().target("more") == TARGET
    changed = replace(TARGET, title="More visitors")
    notebook.change_target(BEN, changed)
    notebook.change_target(BEN, changed)
    assert notebook.written().targets == (changed,)
    notebook.remove_target(ANA, "more")
    assert notebook.written().targets == ()
    told = log(notebook)
    assert [line[:3] for line in told] == [
        ("ana", "target removed", "more"),
        ("ben", "target changed", "more"),
        ("ana", "target made", "more"),
    ]
    assert told[1][3] == told[2][4]
    assert "More visitors" in told[1][4]
    assert told[0][4] == ""


def test_a_target_that_hubbub_yaml_would_not_take_is_not_taken(notebook: Notebook) -> None:
    notebook.add_target(ANA, TARGET)
    for wrong, error in (
        (replace(TARGET, name="x", metric="moods"), ConfigError),
        (TARGET, InputError),
        (replace(TARGET, name="of-yaml"), InputError),
    ):
        with pytest.raises(error):
            notebook.add_target(ANA, wrong)
    with pytest.raises(ConfigError):
        notebook.change_target(ANA, replace(TARGET, metric="moods"))
    for name in ("of-yaml", "other"):
        with pytest.raises(InputError, match="was made in the pages"):
            notebook.remove_target(ANA, name)
    assert len(log(notebook)) == 1


def test_a_target_that_no_longer_fits_the_settings_is_set_aside(notebook: Notebook, clock: Clock) -> None:
    notebook.add_target(ANA, TARGET)
    notebook.add_target(ANA, replace(TARGET, name="late"))
    other = Notebook(notebook.engine, clock, Rules(personal, check, frozenset({"late"})))
    assert other.written().targets == (TARGET,)
    assert [(one.name, why) for one, why in other.written().misfits] == [
        ("late", "hubbub.yaml has a target of this name")
    ]
    assert other.written().target("late") is not None


def test_what_others_write_is_seen_after_half_a_minute(notebook: Notebook, clock: Clock) -> None:
    other = Notebook(notebook.engine, clock, notebook.rules)
    before = other.written()
    notebook.add_note(ANA, NOTE)
    assert other.written() is before
    assert not other.is_stale
    clock.ms += FRESH_MS
    assert other.is_stale
    other.refresh()
    assert other.written().remarks == notebook.written().remarks
    assert other.written().state == notebook.written().state != before.state
    kept = other.written()
    other.refresh()
    assert other.written() is kept, "nothing was written: nothing is made again"


def test_notes_stay_while_the_database_is_out_of_reach(notebook: Notebook, database: Engine) -> None:
    notebook.add_note(ANA, NOTE)
    metadata.drop_all(database)
    notebook.refresh()
    assert len(notebook.written().remarks) == 1


def test_what_is_dismissed_goes_with_what_it_stands_for() -> None:
    part = replace(DROP, series=replace(DROP.series, where=(("page", "/a"),)))
    other = replace(DROP, series=replace(DROP.series, where=(("page", "/b"),)))
    found = Findings({}, {}, 3, (replace(DROP, members=(part, other)),))
    assert without(found, ()) is found
    assert without(found, {DROP.name}).found == ()
    assert without(found, {part.name}).found == (replace(DROP, members=(other,)),)
