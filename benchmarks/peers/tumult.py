"""Tumult Analytics on Spark, local[2]. Under (ε, δ) its noise is geometric; the session's start is not counted."""

import importlib.metadata
import os
import sys
import tempfile
from typing import Any

from job import DELTA, EPSILON, Released, Settings, run
from pyspark.sql import SparkSession  # type: ignore[import-not-found,unused-ignore]
from tmlt.analytics import (  # type: ignore[import-not-found,unused-ignore]
    AddRowsWithID,
    ApproxDPBudget,
    KeySet,
    MaxGroupsPerID,
    MaxRowsPerGroupPerID,
    MaxRowsPerID,
    QueryBuilder,
    Session,
)


def open_spark() -> Any:
    """A session that keeps everything on this machine."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    for name, value in {
        "spark.driver.memory": "6g",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.shuffle.partitions": "8",
        "spark.sql.warehouse.dir": tempfile.mkdtemp(),
        "spark.sql.execution.arrow.pyspark.enabled": "true",
    }.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


SPARK = open_spark()


def session(path: str) -> Any:
    """The file as a private table with a budget of (ε, δ)."""
    rows = SPARK.read.parquet(path).select("unit", "page")
    return Session.from_dataframe(ApproxDPBudget(EPSILON, DELTA), "events", rows, AddRowsWithID("unit"))


def keys_of(asked: Any, pages: int, share: float) -> Any:
    """Pages over its threshold, under a bound of so many pages a unit."""
    query = (
        QueryBuilder("events")
        .enforce(MaxGroupsPerID("page", pages))
        .enforce(MaxRowsPerGroupPerID("page", 1))
        .get_groups(["page"])
    )
    return KeySet.from_dataframe(asked.evaluate(query, ApproxDPBudget(share * EPSILON, DELTA)).cache())


def released(frame: Any, column: str) -> Released:
    """Page → value."""
    return {row["page"]: row[column] for row in frame.collect()}


def keys_first(settings: Settings) -> tuple[Released, Released]:
    """Keys, then views over random rows and devices over random pages at these keys."""
    asked = session(settings["rows"])
    key, view = settings["key_share"], settings["view_share"]
    keys = keys_of(asked, settings["key_pages"], key)
    views = QueryBuilder("events").enforce(MaxRowsPerID(settings["view_rows"])).groupby(keys).count("n")
    devices = (
        QueryBuilder("events")
        .enforce(MaxGroupsPerID("page", settings["device_pages"]))
        .enforce(MaxRowsPerGroupPerID("page", 1))
        .groupby(keys)
        .count("n")
    )
    left = (1 - key - view) * EPSILON
    return (
        released(asked.evaluate(views, ApproxDPBudget(view * EPSILON, 0)), "n"),
        released(asked.evaluate(devices, ApproxDPBudget(left, 0)), "n"),
    )


def direct(settings: Settings) -> tuple[Released, Released]:
    """Equal parts: keys and devices under one bound on pages, views under one on rows."""
    return keys_first(
        settings
        | {"key_pages": settings["pages"], "device_pages": settings["pages"], "key_share": 1 / 3, "view_share": 1 / 3}
    )


if __name__ == "__main__":
    run(importlib.metadata.version("tmlt.analytics"), {"direct": direct, "keys_first": keys_first})
