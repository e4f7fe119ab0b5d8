"""From an outage in the demo's city to received mail: it is told once while it lasts, and its end once; so a target."""

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "operate"))

from receivers import Mailbox, mail_server

from hubbub.cli.commands.tick import run_tick
from hubbub.cli.demo.build import build_history, new_home
from hubbub.cli.demo.city import TRANSPORT, ZONE
from hubbub.cli.demo.simulate import simulate_today
from hubbub.cli.demo.story import Outage, Story, tell
from hubbub.cli.home import Home
from hubbub.cli.progress import progress_bar
from hubbub.core.days import bounds, slot_of
from hubbub.insight.findings import Kind
from hubbub.operate.last_scan import LastScan

DAY = date(2026, 9, 16)  # a Wednesday
NEXT = DAY + timedelta(days=1)
HISTORY = 40
SETTINGS = """
address: https://numbers.city.example
alerts:
  smtp: {{host: 127.0.0.1, port: {port}, security: none, from: hubbub@city.example}}
  channels:
    office: {{mail: {{to: [office@city.example]}}}}
targets: [{{name: enough-riders, sources: [transport.demo.example], metric: visitors, period: day, at_least: 5000}}]
"""


class SetClock:
    """A clock that is set."""

    def __init__(self) -> None:
        self.now = datetime(2026, 9, 16, tzinfo=UTC)

    def now_ms(self) -> int:
        return int(self.now.timestamp() * 1000)


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mail_server() as made:
        yield made


def at(day: date, hour: int, minute: int = 5) -> datetime:
    start = datetime.fromtimestamp(bounds(day, ZONE).start_ms / 1000, UTC)
    return start + timedelta(hours=hour, minutes=minute)


class City:
    """The demo's city on a day with an outage, and who ticks there."""

    def __init__(self, folder: Path, box: Mailbox) -> None:
        self.clock = SetClock()
        new_home(folder)
        path = folder / "hubbub.yaml"
        tree = yaml.safe_load(path.read_text("utf-8")) | yaml.safe_load(SETTINGS.format(port=box.port))
        path.write_text(yaml.safe_dump(tree), "utf-8")
        self.home = Home.open(folder, self.clock)
        far = tell(DAY + timedelta(days=2_000), HISTORY)  # nothing else happens
        self.story = Story(far.launch, Outage(TRANSPORT.name, DAY, (7, 13)), far.viral)
        with progress_bar() as progress:
            build_history(self.home, self.story, DAY, HISTORY, progress)
        self.written = (DAY, 0)

    def until(self, day: date, hour: int, minute: int = 5) -> None:
        """Time goes on, visits come in, and the clock ticks at the end of it."""
        self.clock.now = at(day, hour, minute)
        now_ms = self.clock.now_ms()
        begun, slot = self.written
        for simulated in simulate_today(self.story, now_ms):
            if (simulated.day, simulated.hour) >= (begun, slot):
                self.home.raw.write(simulated.source, simulated.day, simulated.rows, {}, origin="live")
        self.written = (day, slot_of(now_ms, day, ZONE))
        run_tick(self.home)


def told(box: Mailbox) -> list[str]:
    """What the mails tell, in order: `New: Transport`."""
    lines: list[str] = []
    for mail in box.mails:
        text = mail.get_body(("plain",))
        assert text is not None
        lines += [line for line in text.get_content().splitlines() if line.startswith(("New: ", "Worse: ", "Over: "))]
    return lines


def test_an_outage_is_mailed_once_and_its_end_once(tmp_path: Path, box: Mailbox) -> None:
    city = City(tmp_path / "demo", box)
    for hour in (6, 7):
        city.until(DAY, hour)
    assert told(box) == []
    for hour in (8, 9, 10):  # without a visit from seven o'clock on
        city.until(DAY, hour)
    assert told(box) == ["New: Transport"]
    (outage,) = [one for one in LastScan(city.home.folder).read().found if one.since == DAY]
    assert (outage.series.source, outage.kind, outage.until) == (TRANSPORT.name, Kind.DROP, None)
    for hour in (11, 14):
        city.until(DAY, hour)
    assert told(box) == ["New: Transport"]
    city.until(DAY, 23, 55)
    city.clock.now = at(NEXT, 0, 20)
    run_tick(city.home)
    city.written = (NEXT, 0)
    for hour in (8, 12):
        city.until(NEXT, hour)
    assert sorted(told(box)) == ["New: Target enough-riders", "New: Transport", "Over: Transport"]
    city.until(NEXT, 23, 55)
    city.clock.now = at(NEXT + timedelta(days=1), 0, 20)
    for _ in range(2):
        run_tick(city.home)
        assert sorted(told(box)) == [
            "New: Target enough-riders",
            "New: Transport",
            "Over: Target enough-riders",
            "Over: Transport",
        ]
    city.home.database.dispose()
