"""Several collectors, as an operator starts them: on one machine beside the server, and on two with PostgreSQL."""

import json
import shutil
from pathlib import Path

import pytest
from served_home import SITE, ServedHome, run_hubbub
from test_whole_way import around, make_home

from postgresql_server import Server

VISITORS = 30


def visits(served: ServedHome, first: int) -> None:
    for visitor in range(first, first + VISITORS):
        assert served.send({"u": f"https://{SITE}/"}, f"198.51.100.{visitor}") == 202


def visitors_of(served: ServedHome) -> int:
    """Of a trial, whose noise rounds to nothing."""
    (row,) = served.query(site=SITE, metrics="visitors", **around())["rows"]
    found: float = row["visitors"]["value"]
    return round(found)


def test_collectors_beside_a_server_share_its_home(tmp_path: Path) -> None:
    home = make_home(tmp_path, "--epsilon", "1000000", "--delta", "1e-9")
    with ServedHome(home) as served, ServedHome(home, command="collect") as beside, ServedHome(home) as second:
        visits(served, 0)
        visits(beside, VISITORS)
        visits(second, 2 * VISITORS)
        visits(beside, 0)  # the same devices, whoever hears them
        assert beside.get("/")[0] == 404
        assert beside.get("/readyz")[0] == 200
        status = json.loads(run_hubbub(home, "status", "--json").stdout)
        assert status["accepted"] == 4 * VISITORS
        assert len(status["workers"]) == 3
        assert "closed 1 day" in run_hubbub(home, "close", "--all", "--include-today").stdout
        assert visitors_of(served) == visitors_of(second) == 3 * VISITORS
        assert beside.send({"u": f"https://{SITE}/"}, "198.51.100.1") == 202
    status = json.loads(run_hubbub(home, "status", "--json").stdout)
    assert status["dropped"] == {"day_closed": 1}


@pytest.mark.postgresql
def test_a_day_of_two_machines_is_released_once(server: Server, tmp_path: Path) -> None:
    one = make_home(tmp_path, "--epsilon", "1000000", "--delta", "1e-9")
    shared = "".join(f"{name}_folder: {tmp_path / name}\n" for name in ("raw", "keys"))
    settings = one / "hubbub.yaml"
    settings.write_text(f"{settings.read_text()}\nstate: {server.new_database()}\n{shared}")
    two = tmp_path / "two"
    two.mkdir()
    shutil.copy(settings, two)
    with ServedHome(one) as served, ServedHome(two, command="collect") as away:
        visits(served, 0)
        visits(away, VISITORS)
        visits(away, 0)
        assert away.get("/readyz")[0] == 200
        server.stop()
        visits(served, 2 * VISITORS)  # the database restarts: no one notices
        visits(away, 3 * VISITORS)
        server.start()
        assert "closed 1 day" in run_hubbub(two, "close", "--all", "--include-today").stdout
        assert away.send({"u": f"https://{SITE}/"}, "198.51.100.1") == 202
        run_hubbub(one, "tick")  # the machine with the pages hears of it
        assert visitors_of(served) == 4 * VISITORS
    assert run_hubbub(one, "ledger", "verify").stdout == run_hubbub(two, "ledger", "verify").stdout
    assert len(list((tmp_path / "keys").glob("*.*.data"))) == 1  # of what came late and is only counted
