"""What tests need from outside: missing, it fails a test under CI and skips it elsewhere, with the reason."""

import gc
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

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
SLOW_S = {  # measured on two cores; the rest is shorter
    "test_follow_log.py": 100,
    "test_install_offline.py": 65,
    "test_fault_run.py": 65,
    "test_graceful_stop.py": 65,
    "test_clients_browser.py": 60,
    "test_engines.py": 55,
    "test_audit_cases.py": 50,
    "test_close_crash.py": 50,
    "test_cluster_served.py": 50,
    "test_whole_way.py": 45,
    "test_protocols_clients.py": 45,
    "test_cluster_crash.py": 45,
    "test_release_counting.py": 40,
    "test_leases.py": 40,
    "test_ledgers.py": 40,
    "test_release_tally.py": 35,
    "test_upgrade_live.py": 30,
    "test_release_counts_that_add_up.py": 25,
    "test_collect_fuzz.py": 20,
    "test_collect_live.py": 20,
    "test_serve_pages.py": 20,
    "test_release_stability.py": 20,
    "test_store_batch.py": 20,
}

# Hundreds of processes are started: without bytecode each of them would compile the whole package anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# How long a drawn example takes is no matter here: on a busy machine it may take any time.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files come first: none is left alone for the end, when other workers have nothing to do."""
    items.sort(key=lambda item: -SLOW_S.get(item.path.name, 0))


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
