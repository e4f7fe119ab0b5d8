"""What docs/api.md says of sending events, done as it says: its own commands, counted to the end."""

import json
import os
import re
import subprocess
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from served_home import ServedHome, run_hubbub

DOCS = Path(__file__).parents[2] / "docs"
SITE = "portal.city.example"
pytestmark = pytest.mark.curl


def documented_home(folder: Path, key: str) -> Path:
    """A home with the settings that docs/settings.md shows, but with this sender's key, and exact numbers."""
    text = max(re.findall(r"```yaml\n(.*?)```", (DOCS / "settings.md").read_text(), re.DOTALL), key=len)
    text = re.sub(r"- [0-9a-f]{64}", f"- {sha256(key.encode()).hexdigest()}", text)
    text = text.replace("budget: standard", "budget: {epsilon: 1000000, delta: 1e-9}")
    home = folder / "home"
    home.mkdir()
    (home / "hubbub.yaml").write_text(text)
    return home


def commands() -> list[str]:
    """The commands of the section, dated now."""
    section = (DOCS / "api.md").read_text().split("## Sending events")[1].split("\n## ")[0]
    found = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    assert len(found) == 2
    return [command.replace("TIME", datetime.now(UTC).isoformat(timespec="seconds")) for command in found]


def run(command: str, served: ServedHome, key: str) -> tuple[int, dict[str, Any]]:
    """curl's exit code and the answer."""
    names = {**os.environ, "HUBBUB": f"http://127.0.0.1:{served.port}", "KEY": key}
    done = subprocess.run(
        ["bash", "-c", command.replace("curl ", "curl --silent ")],
        env=names,
        capture_output=True,
        timeout=60,
        check=False,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, answer


def test_the_documented_commands_count_once_however_often_they_are_sent(tmp_path: Path) -> None:
    key = re.search(r"hub_\S+", run_hubbub(None, "apikey").stdout)
    assert key is not None
    home = documented_home(tmp_path, key[0])
    batch, app = commands()
    with ServedHome(home, "--workers", "2") as served:
        for _ in range(3):
            assert run(batch, served, key[0]) == (0, {"accepted": 2, "dropped": 0})
        assert run(app, served, key[0]) == (0, {"accepted": 1, "dropped": 0})

        failed, answer = run(batch, served, "another key")
        assert failed
        assert answer["errors"][0]["field"] == "Authorization"
        failed, answer = run(batch.replace('"amount": 36.5', '"amount": "jane"'), served, key[0])
        assert failed
        assert (answer["errors"][0]["event"], answer["errors"][0]["field"]) == (1, "amount")
        assert "jane" not in str(answer)

        undeclared = batch.replace('"kind": "parking"', '"kind": "garden", "size": 3').replace("2041", "2042")
        assert run(undeclared, served, key[0]) == (0, {"accepted": 2, "dropped": 0})
        status = json.loads(run_hubbub(home, "status", "--json").stdout)
        assert status["left_out"] == {"unknown_property": 1}
        assert status["dropped"] == {"bad_event": 1, "not_allowed": 1}
        assert status["accepted"] == 9

        run_hubbub(home, "close", "--all", "--include-today")
        now = datetime.now(UTC)
        days = {"from": str((now - timedelta(days=1)).date()), "to": str((now + timedelta(days=1)).date())}
        (row,) = served.query(site=SITE, metrics="visitors,pageviews", **days)["rows"]
        assert row["visitors"]["value"] == 2
        assert row["pageviews"]["value"] == 3  # two batches of one each, and the app's
