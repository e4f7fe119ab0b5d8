"""A standalone Spark cluster of the tests' own: one master, two workers of one core, on 127.0.0.1, gone with the tests.

Its Java stops compiling early and takes little memory: nothing here is about speed.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

JAVA = Path(shutil.which("java") or "/usr/bin/java")
END_S = 5.0
_SMALL = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xss1m"
_DEFAULTS = {
    "spark.authenticate": "true",
    "spark.network.crypto.enabled": "true",
    "spark.driver.memory": "500m",
    "spark.executor.memory": "500m",
    "spark.executor.cores": "1",
    "spark.shuffle.io.maxRetries": "1",
    "spark.shuffle.io.retryWait": "1s",
    "spark.driver.extraJavaOptions": _SMALL,
    "spark.executor.extraJavaOptions": _SMALL,
}


class Cluster:
    """Processes of a cluster. What an application needs to find it stands in `environment`."""

    def __init__(self, workers: int = 2, memory: str = "600m", settings: Mapping[str, str] | None = None) -> None:
        import pyspark

        self.folder = Path(tempfile.mkdtemp(prefix="hubbub-spark-"))
        self.folder.chmod(0o700)
        self.url = f"spark://127.0.0.1:{_free_port()}"
        self._home = Path(pyspark.__file__).parent
        self._processes: list[subprocess.Popen[bytes]] = []
        self._memory = memory
        defaults = self.folder / "conf" / "spark-defaults.conf"
        defaults.parent.mkdir()
        given = _DEFAULTS | dict(settings or {}) | {"spark.authenticate.secret": secrets.token_hex(32)}
        defaults.write_text("".join(f"{name} {value}\n" for name, value in given.items()))
        defaults.chmod(0o600)
        self.environment = {
            "SPARK_CONF_DIR": str(defaults.parent),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_HOME": str(self._home),
            "PYSPARK_PYTHON": sys.executable,
        }
        port = self.url.rpartition(":")[2]
        self._start("master", "master.Master", "--host", "127.0.0.1", "--port", port, "--webui-port", "0")
        while not _answers(int(port)):
            if self._processes[0].poll() is not None:
                raise RuntimeError(f"Spark's master does not start: {(self.folder / 'master.log').read_text()}")
            time.sleep(0.05)
        for number in range(workers):
            self.start_worker(f"worker-{number + 1}")

    def start_worker(self, name: str) -> None:
        """Start a worker of one core."""
        small = ("--cores", "1", "--memory", self._memory, "--work-dir", str(self.folder / name))
        self._start(name, "worker.Worker", "--host", "127.0.0.1", "--webui-port", "0", *small, self.url)

    def executors(self) -> list[int]:
        """Process numbers of the executors of running applications, by worker."""
        found = subprocess.run(["ps", "-eww", "-o", "pid,args"], capture_output=True, text=True, check=True).stdout
        lines = [line.split(None, 1) for line in found.splitlines()]
        mine = [int(pid) for pid, args in lines if "CoarseGrainedExecutorBackend" in args and str(self.folder) in args]
        return sorted(mine)

    def kill_worker(self) -> None:
        """Kill the last worker that was started, and with it its executor, as a machine that loses its power."""
        worker = self._processes.pop()
        children = subprocess.run(["pgrep", "-P", str(worker.pid)], capture_output=True, text=True, check=False).stdout
        for process in [worker.pid, *map(int, children.split())]:
            os.kill(process, signal.SIGKILL)
        worker.wait()

    def texts(self) -> bytes:
        """Everything that the cluster's processes have on disk just now."""
        return b"".join(path.read_bytes() for path in self.folder.rglob("*") if path.is_file())

    def end(self) -> None:
        """Stop all of it."""
        for process in reversed(self._processes):
            process.terminate()
        for process in self._processes:
            try:
                process.wait(END_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self, name: str, program: str, *arguments: str) -> None:
        command = ["setpriv", "--pdeathsig=TERM", str(self._home / "bin" / "spark-class")]
        command += [f"org.apache.spark.deploy.{program}", *arguments]
        with (self.folder / f"{name}.log").open("wb") as log:
            self._processes.append(
                subprocess.Popen(
                    command,
                    cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    env={
                        **os.environ,
                        **self.environment,
                        "SPARK_DAEMON_MEMORY": "160m",
                        "SPARK_DAEMON_JAVA_OPTS": _SMALL,
                        "SPARK_LOCAL_DIRS": str(self.folder / "local" / name),
                    },
                )
            )  # fmt: skip


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
