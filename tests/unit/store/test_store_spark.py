"""The engine `spark`, as far as it goes without a cluster: its statements, its settings, what is missing."""

import sys
from importlib.resources import files
from pathlib import Path

import pytest

from hubbub.core.errors import InputError, StoreError
from hubbub.store.engines import spark
from hubbub.store.engines.spark import PRIVATE, SparkApplication
from hubbub.store.engines.spark_sql import Effect, translated

NUMBERS = dict.fromkeys(
    ("bound", "gap", "burst", "burst_ms", "hour_views", "day_views", "day_searches", "parts"), 7
)  # fmt: skip


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT a // $bound AS b FROM t", "SELECT `a` DIV 7 AS `b` FROM `t`"),
        ("SELECT arg_min(x, in_order(ms, rid)) AS y FROM t", "SELECT MIN_BY(`x`, STRUCT(`ms`, `rid`)) AS `y` FROM `t`"),
        ("SELECT a::HUGEINT AS b FROM t", "SELECT CAST(`a` AS DECIMAL(38, 0)) AS `b` FROM `t`"),
        ("SELECT a FROM t ANTI JOIN s USING (a)", "SELECT `a` FROM `t` ANTI JOIN `s` USING (`a`)"),
        ("SELECT count(*) FILTER (a = 1) AS n FROM t", "SELECT COUNT(*) FILTER(WHERE `a` = 1) AS `n` FROM `t`"),
    ],
)
def test_a_statement_in_sparks_words(sql: str, expected: str) -> None:
    assert translated(sql, NUMBERS) == (Effect.NONE, "", expected)


def test_tables_are_views_that_the_bench_keeps() -> None:
    assert translated("CREATE TEMP TABLE units AS SELECT a FROM t", {}) == (
        Effect.CREATE, "units", "SELECT `a` FROM `t`"
    )  # fmt: skip
    assert translated("DROP TABLE units", {}) == (Effect.DROP, "units", "")


@pytest.mark.parametrize("name", sorted(each.name for each in files("hubbub.release").joinpath("sql").iterdir()))
def test_every_statement_of_a_site_is_translated(name: str) -> None:
    """None has a word left that only DuckDB knows, or a parameter without a value."""
    sql = files("hubbub.release").joinpath("sql", name).read_text("utf-8")
    for field, value in {"dimension": "channel", "step": "2", "before": "1"}.items():
        sql = sql.replace(f"{{{field}}}", value)
    effect, table, query = translated(sql, NUMBERS)
    assert (effect is Effect.CREATE) == bool(table)
    assert not any(word in query for word in ("INT128", "HUGEINT", "IN_ORDER", "in_order", ":bound", "$", "UNNEST"))


def test_what_is_not_installed_is_told_with_its_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for missing in ("pyspark", "sqlglot"):
        monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(StoreError, match=r"pip install 'hubbub\[spark\]'"):
        SparkApplication("local[1]", tmp_path / "spark").session()
    with pytest.raises(StoreError, match=r"pip install 'hubbub\[spark\]'"):
        translated("SELECT 1 AS not_translated_before", {})


def test_java_that_is_missing_is_told_with_its_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyspark")
    monkeypatch.setattr(spark, "_has_java", lambda: False)
    with pytest.raises(StoreError, match="openjdk"):
        SparkApplication("local[1]", tmp_path / "spark").session()


@pytest.mark.parametrize("master", ["spark", "yarn", "spark://host", "local", "spark://a:1,b:2;drop", "http://x:1"])
def test_engines_that_are_none_are_refused(master: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--engine"):
        SparkApplication(master, tmp_path)


def test_what_keeps_rows_secret_is_not_to_be_set_otherwise(tmp_path: Path) -> None:
    application = SparkApplication("spark://127.0.0.1:7077", tmp_path / "spark")
    given = application._settings()
    assert {name: given[name] for name in PRIVATE} == PRIVATE
    for name in ("spark.io.encryption.enabled", "spark.network.crypto.enabled", "spark.authenticate"):
        assert given[name] == "true"
    for name in ("spark.ui.enabled", "spark.eventLog.enabled"):
        assert given[name] == "false"
    assert given["spark.local.dir"] == str(tmp_path / "spark")
    application.end()  # was never begun: nothing to end
