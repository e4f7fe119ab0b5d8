"""SmartNoise SQL on its pandas reader (SQLite). Its ε is a statistic's; a query with a key threshold spends 1.5 δ."""

import importlib.metadata
from typing import Any

import pandas as pd  # type: ignore[import-untyped,unused-ignore]
import pyarrow.parquet as pq
from job import DELTA, EPSILON, Released, Settings, run
from snsql import Privacy  # type: ignore[import-not-found,unused-ignore]
from snsql.sql.privacy import Mechanism, Stat  # type: ignore[import-not-found,unused-ignore]
from snsql.sql.private_reader import PrivateReader  # type: ignore[import-not-found,unused-ignore]
from snsql.sql.reader.pandas import PandasReader  # type: ignore[import-not-found,unused-ignore]


class Table:
    """The rows in SQLite, once; queries with their own bounds."""

    def __init__(self, path: str) -> None:
        self.rows: Any = pd.DataFrame(pq.read_table(path, columns=["unit", "page"]).to_pandas())
        self.reader = PandasReader(self.rows, metadata(1, 1, censor=True))

    def ask(self, query: str, epsilon: float, delta: float, max_ids: int, *, censor: bool) -> list[tuple[Any, ...]]:
        """Rows of a private query, without the header."""
        privacy = Privacy(epsilon=epsilon, delta=delta)
        for stat in (Stat.count, Stat.threshold):
            privacy.mechanisms.map[stat] = Mechanism.discrete_laplace
        found = PrivateReader(self.reader, metadata(max_ids, len(self.rows), censor=censor), privacy)
        answer = found.execute(query)
        spent = found.odometer.spent
        if spent[0] > EPSILON * 1.0001 or spent[1] > DELTA * 1.0001:
            raise RuntimeError(f"spent {spent}")
        return [tuple(row) for row in answer[1:]]


def metadata(max_ids: int, rows: int, *, censor: bool) -> dict[str, Any]:
    """The table: `max_ids` random rows a unit."""
    table = {
        "max_ids": max_ids,
        "row_privacy": False,
        "censor_dims": censor,
        "clamp_counts": False,
        "sample_max_ids": True,
        "rows": rows,
        "unit": {"type": "int", "private_id": True},
        "page": {"type": "string"},
    }
    return {"": {"city": {"events": table}}}


def direct(settings: Settings) -> tuple[Released, Released]:
    """Both counts in one query, which pays for its threshold with the distinct count."""
    query = "SELECT page, COUNT(*) AS n, COUNT(DISTINCT unit) AS d FROM city.events GROUP BY page"
    found = Table(settings["rows"]).ask(query, EPSILON / 2, DELTA / 1.5, settings["max_ids"], censor=True)
    return {int(row[0]): row[1] for row in found}, {int(row[0]): row[2] for row in found}


def keys_first(settings: Settings) -> tuple[Released, Released]:
    """Keys from devices with few rows a unit, then each count; rows of other keys are thrown away."""
    table = Table(settings["rows"])
    devices = "SELECT page, COUNT(DISTINCT unit) AS d FROM city.events GROUP BY page"
    views = "SELECT page, COUNT(*) AS n FROM city.events GROUP BY page"
    key, view = settings["key_share"], settings["view_share"]
    keys = {int(row[0]) for row in table.ask(devices, key * EPSILON, DELTA / 1.5, settings["key_pages"], censor=True)}
    seen = table.ask(devices, (1 - key - view) * EPSILON, 0.0, settings["device_rows"], censor=False)
    viewed = table.ask(views, view * EPSILON, 0.0, settings["view_rows"], censor=False)
    return (
        {int(page): value for page, value in viewed if int(page) in keys},
        {int(page): value for page, value in seen if int(page) in keys},
    )


if __name__ == "__main__":
    run(importlib.metadata.version("smartnoise-sql"), {"direct": direct, "keys_first": keys_first})
