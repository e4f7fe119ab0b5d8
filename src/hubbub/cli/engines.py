"""The engine that a close counts on: DuckDB in this process, or Spark on a cluster."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from hubbub.cli.home import Home
from hubbub.core.errors import InputError
from hubbub.release.engines import Engine, OnDuckDB, OnSpark
from hubbub.store.engines.duckdb import engine_of
from hubbub.store.engines.spark import SparkApplication
from hubbub.store.objects import Objects

DUCKDB = "duckdb"
EngineOption = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="NAME",
        help="What counts rows of sites: duckdb (here), spark://host:port (a cluster) or local[2].",
    ),
]
ObjectsOption = Annotated[
    str,
    typer.Option(
        "--objects", metavar="URL", help="With Spark: s3://bucket/prefix, where it reads sealed copies of the rows."
    ),
]


@contextmanager
def chosen_engine(home: Home, name: str, objects: str = "") -> Iterator[Engine[Any]]:
    """The engine of this name, for one command; what it began on a cluster ends with it. Raises InputError."""
    if name == DUCKDB:
        if objects:
            raise InputError("--objects", "DuckDB reads the raw folder", "Leave it out, or name Spark with --engine.")
        yield OnDuckDB(engine_of(home.folder))
        return
    place = Objects(objects) if objects else None
    application = SparkApplication(name, home.run_folder / "spark")
    try:
        yield OnSpark(application, place)
    finally:
        application.end()
