"""What the plan releases is what marts expect."""

from hubbub.core.keys import Measure
from hubbub.publish.tables import KEYS_OF
from hubbub.release.site_plan import SHAPES


def test_marts_have_the_dimensions_of_every_measure() -> None:
    assert {measure: shape.dimensions for measure, shape in SHAPES.items()} == KEYS_OF
    assert set(KEYS_OF) == set(Measure)
