"""What tests need from outside: missing, it fails a test under CI and skips it elsewhere, with the reason."""

import gc
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from postgresql_server import Server, programs
from spark_cluster import JAVA, Cluster

REAL_DATA = Path(os.environ.get("HUBBUB_REAL_DATA", Path(__file__).parents[2] / "shared" / "data"))
NEEDS = {
    "real_data": (REAL_DATA, "put the shared data there, or name its folder in HUBBUB_REAL_DATA"),
    "curl": (Path("/usr/bin/curl"), "run `make test`, which installs Debian's curl"),
    "browser": (Path("/usr/bin/chromium"), "run `make test`, which installs Debian's chromium"),
    "agent_lists": (Path("/usr/share/uap-core/tests"), "run `make test`, which installs Debian's uap-core"),
    "npm": (Path(shutil.which("npm") or "/usr/bin/npm"), "run `make test`, which installs Debian's npm"),
    "nginx": (Path("/usr/sbin/nginx"), "run `make test`, which installs Debian's nginx-light"),
    "postgresql": (programs(), "run `make test`, which installs Debian's postgresql"),
    "spark": (JAVA, "run `make test`, which installs Debian's openjdk-17-jre-headless"),
}

# Hundreds of processes are started: without bytecode each of them would compile the whole package anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


def pytest_collection_finish() -> None:
    """What was loaded until now stays: no collection of garbage is to go through it again and again."""
    gc.freeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Look for what the test's marks say it needs."""
    for mark, (path, remedy) in NEEDS.items():
        if item.get_closest_marker(mark) and not path.exists():
            reason = f"{path} is missing: {remedy}"
            if os.environ.get("CI"):
                pytest.fail(reason)
            pytest.skip(reason)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One PostgreSQL server for all tests of a process; each takes a database of its own from it."""
    server = Server()
    yield server
    server.end()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """One Spark cluster for all tests of a process, which find it by their environment."""
    cluster = Cluster()
    before = {name: os.environ.get(name) for name in cluster.environment}
    os.environ.update(cluster.environment)
    yield cluster
    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value
    cluster.end()
