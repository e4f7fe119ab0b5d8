"""hubbub installs where nothing can be fetched: `make wheelhouse` gathers all that pip needs, wheel and sdist alike."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
LINE = '192.0.2.{host} - - [01/Mar/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 9 "-" "{agent}"\n'


def run(*command: str | Path, **environment: str) -> str:
    """What a command printed; it must succeed."""
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, cwd=ROOT, env={**os.environ, **environment}
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def wheelhouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheelhouse")
    run("make", "wheelhouse", f"WHEELHOUSE={folder}", f"BIN={Path(sys.executable).parent}", "INSTALLED=")
    return folder


@pytest.mark.parametrize("kind", ["*.whl", "*.tar.gz"])
def test_it_installs_and_releases_a_log_offline(wheelhouse: Path, tmp_path: Path, kind: str) -> None:
    (package,) = wheelhouse.glob(f"hubbub-{kind}")
    run(sys.executable, "-m", "venv", tmp_path / "venv")
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheelhouse), "PIP_CONFIG_FILE": os.devnull}
    run(tmp_path / "venv/bin/pip", "install", "--quiet", "--no-compile", package, **offline)
    hubbub, home = tmp_path / "venv/bin/hubbub", tmp_path / "home"
    run(hubbub, "init", home, "--site", "portal.example")
    (tmp_path / "access.log").write_text("".join(LINE.format(host=host, agent=AGENT) for host in range(1, 200)))
    told = run(hubbub, "--home", home, "import", "log", tmp_path / "access.log", "--site", "portal.example", "--final")
    assert "199 rows accepted" in told
    run(hubbub, "--home", home, "export", "--output", tmp_path / "cells.csv", "--measure", "visitors")
    assert '"portal.example",2026-03-01' in (tmp_path / "cells.csv").read_text("utf-8")
