"""The demo's table: its rows are as its settings say, and as an import would have made them."""

from datetime import date

import pyarrow.compute as pc

from hubbub.cli.config import parse_settings
from hubbub.cli.demo.city import ZONE
from hubbub.cli.demo.requests import AGAIN, MOST_H, NAME, REQUESTS, TABLE, simulate_requests, simulate_requests_of
from hubbub.cli.demo.settings import demo_settings, demo_yaml
from hubbub.core.days import bounds

MONDAY, CHANGE = date(2026, 5, 18), date(2026, 3, 29)  # on the second one the clock goes forward


def test_the_settings_hold_the_table_as_it_is_simulated() -> None:
    table = parse_settings(demo_yaml()).table(NAME)
    assert table == TABLE == demo_settings().tables[0]


def test_rows_are_as_an_import_makes_them() -> None:
    rows = simulate_requests_of(MONDAY)
    assert rows.column_names == ["unit", "tag", "ms", "hour", *TABLE.columns]
    assert rows.schema.metadata == {b"hubbub": b"table"}
    for name, column in TABLE.columns.items():
        if column.values:
            assert set(pc.unique(rows[name]).to_pylist()) <= set(column.values)
    assert 0 <= pc.min(rows["hours"]).as_py() <= pc.max(rows["hours"]).as_py() <= MOST_H * 10
    assert abs(rows.num_rows / (REQUESTS * 1.3 * (1 + AGAIN)) - 1) < 0.15
    assert pc.count_distinct(rows["unit"]).as_py() < rows.num_rows


def test_every_row_lies_on_its_day_across_a_clock_change() -> None:
    start, end = bounds(CHANGE, ZONE)
    rows = simulate_requests_of(CHANGE)
    assert start <= pc.min(rows["ms"]).as_py() <= pc.max(rows["ms"]).as_py() < end
    assert pc.max(rows["hour"]).as_py() <= 22


def test_the_same_day_is_the_same_but_for_units_and_tags() -> None:
    first, second = simulate_requests_of(MONDAY), simulate_requests_of(MONDAY)
    assert first.drop_columns(["unit", "tag"]).equals(second.drop_columns(["unit", "tag"]))
    assert not first["unit"].equals(second["unit"])
    days = [day for day, _rows in simulate_requests(MONDAY, 3)]
    assert days == [date(2026, 5, 15), date(2026, 5, 16), date(2026, 5, 17)]
