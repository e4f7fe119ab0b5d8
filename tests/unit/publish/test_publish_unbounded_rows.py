"""Questions for unbounded and smoothed estimates, from marts to rows."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from table_mart_samples import released_table
from unbounded_samples import LAST, TABLE, Portal, bounded, published, releases, steady

from hubbub.core.errors import QueryError
from hubbub.publish.marts import Marts
from hubbub.publish.query import Calendar, Filter
from hubbub.publish.table_answers import answer_table
from hubbub.publish.table_kinds import shapes_of
from hubbub.publish.table_questions import Question, TableAnswer
from hubbub.publish.unbounded import course, total
from hubbub.publish.unbounded_days import Past, read_past
from hubbub.publish.unbounded_rows import LABELS

DAYS = 10


@pytest.fixture(scope="module")
def past() -> Past:
    return steady(Portal(1), [(3, 60)] * 4 + [(4, 80)] * (DAYS - 4))[0]


@pytest.fixture(scope="module")
def marts(past: Past, tmp_path_factory: pytest.TempPathFactory) -> Marts:
    return published(tmp_path_factory.mktemp("marts"), list(releases(past)))


def ask(marts: Marts, estimate: str = "unbounded", first: date = LAST, **more: object) -> TableAnswer:
    asked: dict[str, object] = {"measure": "devices", "by": ("page",)} | more
    question = Question(source="portal", first=first, last=LAST, estimate=estimate, **asked)  # type: ignore[arg-type]
    return answer_table(marts, TABLE, question, Calendar(0, {"portal": "UTC"}))


def test_marts_give_back_the_cells(past: Past, marts: Marts) -> None:
    read = read_past(marts, TABLE, shapes_of(TABLE)["devices"], LAST, LAST)
    assert read is not None
    order = [read.keys.index(key) for key in past.keys]
    assert read.tight[-DAYS:][:, order] == pytest.approx(past.tight, abs=0.001)
    assert read.wide[-DAYS:][:, order] == pytest.approx(past.wide, abs=0.001)
    assert read.loads[-DAYS:] == pytest.approx(past.loads, abs=0.001)
    assert read.bounds[-DAYS:].tolist() == past.bounds.tolist()
    assert read.wide_bounds[-DAYS:].tolist() == past.wide_bounds.tolist()
    assert read.variances[-DAYS:] == pytest.approx(past.variances)
    assert np.isnan(read.tight[:-DAYS]).all()


def test_rows_are_the_estimates(past: Past, marts: Marts) -> None:
    answer = ask(marts, first=LAST - timedelta(1))
    told = total(course(past, "units"), slice(DAYS - 2, DAYS))
    wanted = {key: (value, error) for key, value, error in zip(past.keys, told.values, told.stderrs, strict=True)}
    assert answer.estimate == "unbounded"
    assert answer.notes[0] == LABELS["unbounded"]
    assert len(answer.rows) == answer.total == len(past.keys)
    for row in answer.rows:
        assert row.values[0] is not None
        assert (row.values[0].value, row.values[0].stderr) == pytest.approx(wanted[row.keys], rel=1e-3)
        assert (row.days, row.of_days) == (2, 2)
    assert [row.values[0].value for row in answer.rows[:9] if row.values[0]] == sorted(
        (row.values[0].value for row in answer.rows[:9] if row.values[0]), reverse=True
    )


def test_raw_stays_as_it_is(past: Past, marts: Marts) -> None:
    answer = ask(marts, "raw")
    assert answer.estimate == "raw"
    values = {row.keys: row.values[0].value for row in answer.rows if row.values[0]}
    assert values == pytest.approx(dict(zip(past.keys, past.tight[-1], strict=True)), abs=0.001)
    assert not any(note in LABELS.values() for note in answer.notes)


def test_smoothed_rows_are_surer(marts: Marts) -> None:
    best, unbounded = ask(marts, "smoothed"), ask(marts)
    assert best.estimate == "smoothed"
    assert best.notes[0] == LABELS["smoothed"]
    errors = {row.keys: row.values[0].stderr for row in unbounded.rows if row.values[0]}
    assert np.mean([row.values[0].stderr < errors[row.keys] for row in best.rows if row.values[0]]) > 0.9


def test_the_whole_is_the_sum_and_its_error_shares_the_factors(marts: Marts) -> None:
    rows, whole = ask(marts).rows, ask(marts, by=()).rows[0].values[0]
    each = [row.values[0] for row in rows if row.values[0]]
    assert whole is not None
    assert whole.value == pytest.approx(sum(one.value for one in each))
    assert whole.stderr > sum(one.stderr**2 for one in each) ** 0.5


def test_a_filter_keeps_its_rows(marts: Marts) -> None:
    rows = {row.keys: row for row in ask(marts).rows}
    answer = ask(marts, filters=(Filter("page", ("/0/0", "/1/1")),))
    assert {row.keys for row in answer.rows} == {("/0/0",), ("/1/1",)}
    assert all(rows[row.keys].values == row.values for row in answer.rows)


def test_hidden_cells_are_nowhere(past: Past, tmp_path: Path) -> None:
    marts = published(tmp_path, list(releases(past, hidden="/0/0")))
    assert ("/0/0",) not in {row.keys for row in ask(marts).rows}
    shifted = replace(past, tight=past.tight.copy(), wide=past.wide.copy())
    place = past.keys.index(("/0/0",))
    shifted.tight[:, place] += 1e6
    shifted.wide[:, place] += 1e6
    other = published(tmp_path / "other", list(releases(shifted, hidden="/0/0")))
    assert ask(other).rows == ask(marts).rows


@pytest.mark.parametrize("estimate", ["unbounded", "smoothed"])
def test_without_loads_the_released_numbers_stand(past: Past, tmp_path: Path, estimate: str) -> None:
    marts = published(tmp_path, [one for one in releases(past) if one.tells != "load"])
    answer = ask(marts, estimate)
    assert answer.estimate == "raw"
    assert "released numbers, as nothing could be put back" in answer.notes[0]
    assert [row.values for row in answer.rows] == [row.values for row in ask(marts, "raw").rows]


def test_a_past_too_short_is_told(past: Past, tmp_path: Path) -> None:
    marts = published(tmp_path, [one for one in releases(past) if one.day > LAST - timedelta(2)])
    answer = ask(marts, "smoothed")
    assert answer.estimate == "unbounded"
    assert answer.notes[0].startswith("Not smoothed: fewer than 3 days")


def test_what_found_keys_is_read(tmp_path: Path) -> None:
    portal = Portal(4)
    past, _ = steady(portal, [(4, 80)])
    found = dict(zip(past.keys, bounded(portal.pairs(), 1.0)[0].tolist(), strict=True))
    looks = released_table(LAST, "new_page", found, "new", ("page",), source="portal", sigma=6.0, new=True, bound=1)
    marts = published(tmp_path, [*releases(past), looks])
    read = read_past(marts, TABLE, shapes_of(TABLE)["devices"], LAST, LAST)
    assert read is not None
    (cells, variances), (more, _) = read.looks
    assert cells[-1] == pytest.approx([found[key] for key in read.keys], abs=0.001)
    assert variances[-1] == pytest.approx(36.0)
    assert np.isnan(more).all()


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"estimate": "exact"}, "'exact'"),
        ({"measure": "all", "by": ()}, "unbounded all"),
        ({"measure": "mean"}, "unbounded mean"),
        ({"period": "day"}, "by time"),
        ({"measure": "hours", "by": ("page", "hour")}, "by time"),
        ({"estimate": "smoothed", "by": ()}, "not of one day by all its keys"),
        ({"estimate": "smoothed", "first": LAST - timedelta(1)}, "not of one day by all its keys"),
    ],
)
def test_what_cannot_be_estimated_is_refused(marts: Marts, asked: dict[str, object], found: str) -> None:
    with pytest.raises(QueryError, match=found) as refused:
        ask(marts, **asked)  # type: ignore[arg-type]
    assert refused.value.field == "estimate"
