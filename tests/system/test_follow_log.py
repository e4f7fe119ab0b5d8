"""Follow a log that is written, rotated in both ways, and kill the follower at any moment: every line counts once."""

import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from served_home import SITE, run_hubbub

from hubbub.cli.home import Home
from hubbub.core.reasons import DropReason

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
KILLS = 20
LIFE_S = 1.0  # at most, of a follower that stores three times a second
PATIENCE_S = 120.0
KEPT = 200  # rotated files: none is lost while nobody follows


class Server:
    """Writes lines as a web server would, and rotates them as logrotate would; keeps count of what it wrote."""

    def __init__(self, log: Path, seed: int) -> None:
        self.log, self._random = log, random.Random(seed)
        self.pages: Counter[str] = Counter()
        self.drops: Counter[DropReason] = Counter()
        self._file = log.open("ab", buffering=0)

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, lines: int) -> None:
        """Some lines, now and then half a line first."""
        text = "".join(self._line() for _ in range(lines)).encode()
        cut = self._random.randrange(len(text) + 1)
        self._file.write(text[:cut])
        self._file.write(text[cut:])

    def _line(self) -> str:
        number = sum(self.pages.values()) + self.drops.total()
        at = f"{datetime.now(UTC):%d/%b/%Y:%H:%M:%S} +0000"
        agent, target, what = FIREFOX, f"/page-{number}", self._random.randrange(10)
        if what == 0:
            agent = BOT
            self.drops[DropReason.BOT] += 1
        elif what == 1:
            target = "/style.css"
            self.drops[DropReason.ASSET] += 1
        elif what == 2:
            self.drops[DropReason.BAD_LINE] += 1
            return f"odd line {number}\n"
        else:
            self.pages[target] += 1
        return f'203.0.113.{number % 250} - - [{at}] "GET {target} HTTP/1.1" 200 512 "-" "{agent}"\n'

    def rename(self) -> None:
        """Rotate by a new name and a new file, after which the server still writes to the old one for a moment."""
        self._shift()
        self.log.rename(self._rotated(1))
        self.write(3)
        self._file.close()
        self._file = self.log.open("ab", buffering=0)

    def copy_away(self) -> None:
        """Rotate by a copy, and cut the file off."""
        self._shift()
        shutil.copyfile(self.log, self._rotated(1))
        self._file.truncate(0)

    def _shift(self) -> None:
        for number in range(KEPT, 0, -1):
            if self._rotated(number).exists():
                self._rotated(number).rename(self._rotated(number + 1))

    def _rotated(self, number: int) -> Path:
        return self.log.with_name(f"{self.log.name}.{number}")


def _begin(home: Path, log: Path, every: float = 0.3) -> subprocess.Popen[bytes]:
    words = ["--home", str(home), "import", "log", "--follow", str(log), "--site", SITE, "--every", str(every)]
    with (home.parent / "follow.log").open("ab") as told:
        return subprocess.Popen([sys.executable, "-m", "hubbub.cli.main", *words], stderr=told, stdout=told)


@contextmanager
def following(home: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    child = _begin(home, log)
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def new_home(tmp_path: Path) -> Path:
    """A home whose site's day is at noon about now, so that no midnight comes between."""
    home = tmp_path / "home"
    ahead = (12 - datetime.now(UTC).hour) % 24
    zone = f"Etc/GMT{'-' if ahead <= 12 else '+'}{ahead if ahead <= 12 else 24 - ahead}"
    run_hubbub(None, "init", str(home), "--site", SITE, "--timezone", zone)
    return home


def stored(home: Path) -> tuple[Counter[str], Counter[DropReason]]:
    """The pages of all rows, and the drops."""
    here = Home.open(home)
    pages: Counter[str] = Counter()
    drops: Counter[DropReason] = Counter()
    for (source, day), counters in here.raw.counters().items():
        drops.update(counters.dropped)
        pages.update(here.raw.read(here.raw.seal(source, day))["page"].to_pylist())
    return pages, drops


def _wait_for(home: Path, server: Server) -> None:
    """Until all lines are stored, or too much time has gone."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and stored(home) != (server.pages, server.drops):
        time.sleep(0.5)
    told = (home.parent / "follow.log").read_text()
    pages, drops = stored(home)
    assert (pages - server.pages, server.pages - pages) == (Counter(), Counter()), told
    assert drops == server.drops, told


@pytest.mark.parametrize("rotations", ["rename", "copy_away", "both"])
def test_killed_at_any_moment_every_line_isstored_once(tmp_path: Path, rotations: str) -> None:
    home, log = new_home(tmp_path), tmp_path / "access.log"
    seed = random.randrange(10_000)
    print(f"seed {seed}")
    chance = random.Random(seed)
    with Server(log, seed) as server:
        server.write(300)
        for _ in range(KILLS):
            _live_and_die(home, server, rotations, chance)
            server.write(chance.randrange(40))
            if chance.random() < 0.3:
                _rotate(server, rotations, chance)
        with following(home, log) as child:
            _wait_for(home, server)
            child.send_signal(signal.SIGTERM)
            assert child.wait(60) == 0
    marks = [path for path in (home / "raw" / "followed").rglob("*-*-*") if path.is_file()]
    assert len(marks) == 1
    assert (home / "raw" / "batches").is_dir()
    assert not list((home / "raw" / "batches").iterdir())


def _live_and_die(home: Path, server: Server, rotations: str, chance: random.Random) -> None:
    """Follow while the server writes, until a kill at a moment of the first seconds."""
    with following(home, server.log):
        lives, until = _lives(home), time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            if _lives(home) > lives:  # it reads from now on
                lives, until = PATIENCE_S, time.monotonic() + chance.uniform(0, LIFE_S)
            time.sleep(chance.uniform(0, 0.1))
            server.write(chance.randrange(1, 40))
            if chance.random() < 0.03:
                _rotate(server, rotations, chance)


def _lives(home: Path) -> float:
    """How often the follower has begun to read."""
    told = (home.parent / "follow.log").read_text()
    return told.count("begins with the lines of") + told.count("goes on where it was")


def _rotate(server: Server, rotations: str, chance: random.Random) -> None:
    way = chance.choice(["rename", "copy_away"]) if rotations == "both" else rotations
    getattr(server, way)()
    server.write(chance.randrange(20))


def test_what_was_read_isstored_when_it_is_told_to_end(tmp_path: Path) -> None:
    home, log = new_home(tmp_path), tmp_path / "access.log"
    with Server(log, 1) as server:
        server.write(50)
    child = _begin(home, log, every=600)
    try:
        told = tmp_path / "follow.log"
        while "begins with the lines of" not in told.read_text():
            assert child.poll() is None, told.read_text()
            time.sleep(0.05)
        time.sleep(1.0)
        second = run_hubbub(home, "import", "log", "--follow", str(log), "--site", SITE, check=False)
        assert second.returncode == 1
        assert "followed already" in second.stderr
        child.send_signal(signal.SIGTERM)
        assert child.wait(60) == 0
    finally:
        child.kill()
        child.wait()
    assert stored(home) == (server.pages, server.drops)
    assert {origin for each in Home.open(home).raw.days() for origin in each.origins} == {"followed"}
    again = run_hubbub(home, "import", "log", str(log), "--site", SITE, check=False)
    assert again.returncode == 1
    assert "followed" in again.stderr
