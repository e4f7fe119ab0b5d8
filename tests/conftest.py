"""What tests need from outside: missing, it fails a test under CI and skips it elsewhere, with the reason."""

import os
import shutil
from pathlib import Path

import pytest

REAL_DATA = Path(os.environ.get("HUBBUB_REAL_DATA", Path(__file__).parents[2] / "shared" / "data"))


def postgresql_programs() -> Path:
    """The folder of the newest PostgreSQL that Debian installed, whether there is one or not."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    return found[-1] if found else Path("/usr/lib/postgresql/15/bin")


NEEDS = {
    "real_data": (REAL_DATA, "put the shared data there, or name its folder in HUBBUB_REAL_DATA"),
    "browser": (Path("/usr/bin/chromium"), "run `make test`, which installs Debian's chromium"),
    "agent_lists": (Path("/usr/share/uap-core/tests"), "run `make test`, which installs Debian's uap-core"),
    "npm": (Path(shutil.which("npm") or "/usr/bin/npm"), "run `make test`, which installs Debian's npm"),
    "postgresql": (postgresql_programs(), "run `make test`, which installs Debian's postgresql"),
}


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Look for what the test's marks say it needs."""
    for mark, (path, remedy) in NEEDS.items():
        if item.get_closest_marker(mark) and not path.exists():
            reason = f"{path} is missing: {remedy}"
            if os.environ.get("CI"):
                pytest.fail(reason)
            pytest.skip(reason)
