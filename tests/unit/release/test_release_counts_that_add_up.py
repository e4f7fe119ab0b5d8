"""What is taken to add up after the noise did add up before it, unit by unit, by the SQL itself."""

from hypothesis import given
from release_samples import FULL, TOPICS
from test_release_counting import PLAN, THOROUGH, count_all, tables

from hubbub.core.rows import Row
from hubbub.core.settings import Settings
from hubbub.publish.tied import PARTITIONS, TOTAL
from hubbub.release.plan import Keys
from hubbub.release.site_plan import SHAPES, plan_of


@THOROUGH
@given(rows=tables())
def test_parts_of_the_visitors_are_all_of_them(rows: list[Row]) -> None:
    counts = count_all(rows, PLAN)
    visitors = counts[TOTAL][()]
    for one in PARTITIONS:
        mine = {key: n for key, n in counts[one.measure].items() if not one.first_key or key[0] == one.first_key}
        assert sum(mine.values()) == visitors, one


@THOROUGH
@given(rows=tables())
def test_they_add_up_in_a_trial_too(rows: list[Row]) -> None:
    counts = count_all(rows, PLAN.widened(100), trial=True)
    for one in PARTITIONS:
        mine = [n for key, n in counts[one.measure].items() if not one.first_key or key[0] == one.first_key]
        assert sum(mine) == counts[TOTAL][()], one


def test_their_cells_are_all_released() -> None:
    """Keys of a fixed list: every one has a cell on every day, none waits for an editor."""
    plan = plan_of(FULL, Settings((FULL,), topics=TOPICS))
    for one in PARTITIONS:
        for shape in (SHAPES[one.measure], plan[one.measure]):
            assert shape.keys is Keys.FIXED
            assert shape.dimension is None
