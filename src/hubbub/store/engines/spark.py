"""The engine for a cluster: an Apache Spark application, on `spark://host:port` or, to try it, `local[n]`.

What else Spark has to know (memory, cores, the shared secret of a standalone cluster) stands where its users look for
it, in `spark-defaults.conf` under SPARK_CONF_DIR. What keeps rows secret is set here and not to be set otherwise.
"""

import os
import re
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from subprocess import DEVNULL
from typing import TYPE_CHECKING

from hubbub.core.errors import InputError, StoreError
from hubbub.store.engines.duckdb import wipe
from hubbub.store.engines.spark_sql import INSTALL

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MASTERS = re.compile(r"spark://[^\s/]+:\d+|local\[(?:\d+|\*)\]")
OPTION = "--engine"
# A JVM that crashes leaves no core and no report, and Spark's own reports of errors, which quote values, go nowhere.
_NO_TRACES = "-XX:-CreateCoredumpOnCrash -XX:ErrorFile=/dev/null -XX:-HeapDumpOnOutOfMemoryError"
PRIVATE = {
    "spark.io.encryption.enabled": "true",  # shuffles, spills, cached blocks and broadcasts, wherever they touch a disk
    "spark.io.encryption.keySizeBits": "256",
    "spark.authenticate": "true",
    "spark.network.crypto.enabled": "true",
    "spark.network.crypto.saslFallback": "false",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.eventLog.enabled": "false",
    "spark.log.level": "OFF",
    "spark.executor.syncLogLevel.enabled": "true",
    "spark.driver.defaultJavaOptions": _NO_TRACES,
    "spark.executor.defaultJavaOptions": _NO_TRACES,
    "spark.speculation": "false",
    "spark.sql.ansi.enabled": "true",  # what overflows fails; it does not turn around
    "spark.sql.caseSensitive": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.catalogImplementation": "in-memory",
}


# Rows are put together by unit once (`spark_bench`), and whatever groups or joins by unit and more is told so. Plans
# are small and known, so nothing is gained by planning again as they run; and texts of plans go nowhere.
_BY_UNIT = {
    "spark.sql.requireAllClusterKeysForCoPartition": "false",
    "spark.sql.requireAllClusterKeysForDistribution": "false",
    "spark.sql.join.preferSortMergeJoin": "false",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.maxPlanStringLength": "0",
}


class SparkApplication:
    """One application on a cluster, begun at its first use; `end` it.

    master  `spark://host:port` or `local[n]`
    folder  where this machine's part of it puts what does not fit into memory, encrypted; wiped before and after
    """

    def __init__(self, master: str, folder: Path) -> None:
        if not MASTERS.fullmatch(master):
            raise InputError(OPTION, f"{master!r} is no engine", "Write duckdb, spark://host:port or local[2].")
        self._master, self._folder = master, folder
        self._session: SparkSession | None = None

    def session(self) -> "SparkSession":
        """A session of its own in the application. Raises `StoreError` when it cannot be had."""
        if self._session is None:
            self._session = self._begin()
        return self._session.newSession()

    def end(self) -> None:
        """Stop the application and the Java process behind it, and remove its files."""
        if self._session is None:
            return
        from pyspark import SparkContext

        with suppress(Exception):  # whatever is left of it ends with the process below
            self._session.stop()
        self._session = None
        gateway = SparkContext._gateway
        SparkContext._gateway = SparkContext._jvm = None
        if gateway is not None:
            gateway.shutdown()
            gateway.proc.stdin.close()
            gateway.proc.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _begin(self) -> "SparkSession":
        try:
            from pyspark import SparkConf, SparkContext
            from pyspark.find_spark_home import _find_spark_home
            from pyspark.java_gateway import launch_gateway
            from pyspark.sql import SparkSession
        except ModuleNotFoundError:
            raise StoreError(f"the engine `spark` is not installed; run `{INSTALL}`") from None
        if not _has_java():
            raise StoreError("Spark needs Java 17; install Debian's openjdk-17-jre-headless or set JAVA_HOME")
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        wipe(self._folder)
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        os.environ.setdefault("SPARK_HOME", _find_spark_home())
        given = SparkConf(loadDefaults=False).setAll(list(self._settings().items()))
        try:
            gateway = launch_gateway(given, {"stdout": DEVNULL, "stderr": DEVNULL})  # type: ignore[no-untyped-call]
            return SparkSession(SparkContext(gateway=gateway, conf=given))
        except Exception as error:
            raise StoreError(f"Spark does not start on {self._master} ({type(error).__name__})") from None

    def _settings(self) -> dict[str, str]:
        given = {
            "spark.master": self._master,
            "spark.app.name": "hubbub close",
            "spark.local.dir": str(self._folder),
            "spark.sql.warehouse.dir": str(self._folder / "warehouse"),
            **_BY_UNIT,
            **PRIVATE,
        }
        if self._master.startswith("local"):
            given |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
        return given


def _has_java() -> bool:
    home = os.environ.get("JAVA_HOME")
    return (Path(home) / "bin" / "java").exists() if home else shutil.which("java") is not None
