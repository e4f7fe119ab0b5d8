"""A follower between two looks: what it stores, what it waits for, and where the next one goes on."""

from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from hubbub.cli import watching
from hubbub.cli.due import run_due
from hubbub.cli.following import Follower, Following
from hubbub.cli.home import Home
from hubbub.cli.watching import follow
from hubbub.core.errors import InputError, Refused, StoreError
from hubbub.core.keys import Measure
from hubbub.core.reasons import DropReason
from hubbub.core.settings import Settings, Site
from hubbub.operate.schedule import Action
from hubbub.store.batch import Batch

SITE = Site("portal.example")
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
DAY, NEXT = date(2026, 6, 10), date(2026, 6, 11)
NOW = Following(every_s=0.0)


class SetClock:
    """A clock that is set."""

    def __init__(self) -> None:
        self.at("2026-06-10T12:00")

    def at(self, iso: str) -> None:
        self.ms = int(datetime.fromisoformat(iso).replace(tzinfo=UTC).timestamp() * 1000)

    def now_ms(self) -> int:
        return self.ms


class Place:
    """A home, a log, and who follows it."""

    def __init__(self, folder: Path) -> None:
        self.clock = SetClock()
        self.home = Home(folder, Settings(sites=(SITE,)), self.clock)
        self.log = folder / "access.log"
        self.log.touch()
        self.told: list[str] = []
        self.followers: list[Follower] = []
        self.pages = 0

    def follower(self, how: Following = NOW) -> Follower:
        self.followers.append(Follower(self.home, SITE, self.log, how, self.told.append))
        self.followers[-1].begin()
        return self.followers[-1]

    def write(self, at: str = "10/Jun/2026:11:59:00", lines: int = 1) -> None:
        with self.log.open("a") as file:
            for _ in range(lines):
                self.pages += 1
                file.write(f'192.0.2.7 - - [{at} +0000] "GET /page-{self.pages} HTTP/1.1" 200 5 "-" "{FIREFOX}"\n')

    def rows(self, day: date = DAY) -> Counter[str]:
        raw = self.home.raw
        if self.home.keys.existing_data_key(SITE.name, day) is None:
            return Counter()
        return Counter(raw.read(raw.seal(SITE.name, day))["page"].to_pylist())

    def close_day(self, day: date) -> None:
        self.home.keys.destroy_visitor(SITE.name, day)
        with self.home.raw.exclusive():
            self.home.keys.mark_closed(SITE.name, day)
        self.home.keys.destroy(SITE.name, day)
        self.home.raw.destroy_files(SITE.name, day)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    for each in made.followers:
        each.close()


def look(follower: Follower) -> None:
    while follower.look():
        pass


def pages(*numbers: int) -> Counter[str]:
    return Counter(f"/page-{number}" for number in numbers)


def test_it_begins_with_today_and_stores_what_comes(place: Place) -> None:
    place.write("09/Jun/2026:23:59:59")
    place.write()
    follower = place.follower()
    look(follower)
    assert place.rows() == pages(2)
    place.write()
    look(follower)
    assert place.rows() == pages(2, 3)
    assert [each.day for each in place.home.raw.days()] == [DAY]
    assert {each.origins for each in place.home.raw.days()} == {frozenset({"followed"})}
    assert [each.is_live for each in place.home.open_days()] == [True]
    assert place.told == ["access.log: begins with the lines of 2026-06-10"]


def test_the_next_one_goes_on_where_it_was(place: Place) -> None:
    place.write(lines=3)
    look(place.follower())
    place.write()
    place.log.rename(place.log.with_name("access.log.1"))
    place.write()
    look(place.follower())
    assert place.rows() == pages(1, 2, 3, 4, 5)
    assert place.told[-1] == "access.log: goes on where it was"


def test_after_the_close_of_its_day_it_begins_with_today_and_counts_nothing_twice(place: Place) -> None:
    place.write(lines=2)
    place.write("11/Jun/2026:00:00:01")
    place.clock.at("2026-06-11T00:00:05")
    first = place.follower()
    look(first)
    assert (place.rows(DAY), place.rows(NEXT)) == (Counter(), pages(3))
    place.close_day(DAY)
    place.write("10/Jun/2026:23:59:59")
    place.write("11/Jun/2026:08:00:00")
    place.clock.at("2026-06-11T08:00:00")
    look(place.follower())
    assert place.rows(NEXT) == pages(3, 5)
    place.close_day(NEXT)
    place.clock.at("2026-06-12T08:00:00")
    place.write("11/Jun/2026:23:00:00")
    place.write("12/Jun/2026:07:00:00")
    look(place.follower())
    assert place.rows(date(2026, 6, 12)) == pages(7)
    assert place.told[-1] == "access.log: begins with the lines of 2026-06-12"


def test_its_hours_and_its_day_are_released_by_the_clock(place: Place) -> None:
    place.write("10/Jun/2026:11:30:00")
    look(place.follower())
    place.clock.at("2026-06-10T12:02")
    run_due(place.home, lambda *_: None)
    standing = place.home.ledger.standing(SITE.name, [DAY])
    assert standing[DAY, Measure.VISITORS_HOUR, 11].is_over
    place.clock.at("2026-06-11T00:16")
    done = [(each.action, each.day) for each in run_due(place.home, lambda *_: None)]
    assert done == [(Action.CLOSE, DAY), (Action.RELEASE_HOURS, NEXT)]  # the next day has begun, visitor or not
    assert place.home.keys.is_destroyed(SITE.name, DAY)
    assert place.home.ledger.standing(SITE.name, [DAY])[DAY, Measure.VISITORS, None].is_over


def test_a_late_line_of_yesterday_does_not_make_today_forgotten(place: Place) -> None:
    place.write()
    follower = place.follower()
    look(follower)
    place.clock.at("2026-06-11T00:05")
    place.write("11/Jun/2026:00:01:00")
    look(follower)
    place.write("10/Jun/2026:23:59:59")
    look(follower)
    assert (place.rows(DAY), place.rows(NEXT)) == (pages(1, 3), pages(2))
    place.close_day(DAY)
    place.write("11/Jun/2026:00:06:00")
    look(place.follower())
    assert place.rows(NEXT) == pages(2, 4)


def test_a_day_closed_meanwhile_takes_nothing_and_the_follower_goes_on(place: Place) -> None:
    place.write()
    follower = place.follower()
    look(follower)
    place.close_day(DAY)
    place.write()
    look(follower)
    place.clock.at("2026-06-11T00:30")
    place.write("11/Jun/2026:00:20:00")
    look(follower)
    assert place.rows(NEXT) == pages(3)


def test_what_cannot_be_stored_is_kept_and_stored_later(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.write(lines=2)
    follower = place.follower()
    full = True

    def together(**options: Any) -> AbstractContextManager[Batch]:
        if full:
            raise StoreError("rows cannot be written (no space)")
        return really(**options)

    really = place.home.raw.together
    monkeypatch.setattr(place.home.raw, "together", together)
    monkeypatch.setattr(watching, "LOOK_S", 1e-9)
    watch = watching._Watch(follower, place.told.append)
    for _ in range(4):
        assert not watch.look()
        place.write()
    full = False
    watch.look()
    look(follower)
    assert place.rows() == pages(1, 2, 3, 4, 5, 6)
    assert [text for text in place.told if "waits" in text] == [
        "waits, nothing is lost: rows cannot be written (no space)"
    ]


def test_a_commit_that_raised_and_was_one_is_not_done_again(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.write(lines=2)
    follower = place.follower()
    really = place.home.raw.together

    @contextmanager
    def together(**options: Any) -> Iterator[Batch]:
        with really(**options) as batch:
            yield batch
        raise OSError("unlucky")

    monkeypatch.setattr(place.home.raw, "together", together)
    with pytest.raises(OSError, match="unlucky"):
        look(follower)
    monkeypatch.undo()
    follower.check()
    place.write()
    look(follower)
    assert place.rows() == pages(1, 2, 3)


def test_a_w3c_log_goes_on_behind_its_fields_line(place: Place) -> None:
    head = "#Version: 1.0\n#Fields: date time c-ip cs-method cs-uri-stem cs(User-Agent) sc-status\n"
    agent = FIREFOX.replace(" ", "+")
    rows = [f"2026-06-10 11:0{number}:00 192.0.2.7 GET /page-{number} {agent} 200\n" for number in range(1, 5)]
    place.log.write_text(head)
    follower = place.follower()
    for text in (rows[0], rows[1]):
        with place.log.open("a") as file:
            file.write(text)
        look(follower)
    follower = place.follower()
    with place.log.open("a") as file:
        file.write(rows[2] + "#Fields: date time c-ip cs-uri-stem cs-method cs(User-Agent) sc-status\n")
        file.write(rows[3].replace("GET /page-4", "/page-4 GET"))
    look(follower)
    assert place.rows() == pages(1, 2, 3, 4)


def test_a_log_that_changes_its_format_is_read_on(place: Place) -> None:
    place.write(lines=2)
    follower = place.follower()
    look(follower)
    with place.log.open("a") as file:
        file.write(
            '{"ts": 1781090000, "status": 200, "request": {"remote_ip": "192.0.2.7", "method": "GET", '
            f'"uri": "/page-3", "headers": {{"User-Agent": ["{FIREFOX}"]}}}}}}\n'
        )
    look(follower)
    place.pages = 3
    place.write()
    look(follower)
    assert place.rows() == pages(1, 2, 3, 4)


def test_drops_are_counted_and_bad_lines_told_by_their_kind(place: Place) -> None:
    place.write()
    with place.log.open("a") as file:
        file.write("secret words\n\n")
    look(place.follower())
    assert place.home.raw.counters()[SITE.name, DAY].dropped == {DropReason.BAD_LINE: 1}
    assert place.told[-1] == "access.log: of 2 new lines some do not parse: no quoted request"


def test_what_cannot_be_followed_is_refused(place: Place) -> None:
    def begin(*logs: Path, site: Site = SITE, format: str = "auto") -> None:
        follow(place.home, site, logs, Following(format), Event(), place.told.append)

    with pytest.raises(Refused, match="collect: live"):
        begin(place.log, site=Site(SITE.name, collect="live"))
    for logs in ([place.log, place.log], [place.log.with_suffix(".gz")], [place.log.parent], [Path("/none/a.log")]):
        with pytest.raises(InputError):
            begin(*logs)
    with pytest.raises(InputError, match="no such format"):
        begin(place.log, format="apache")
    place.log.write_text("no log\n" * 9)
    with pytest.raises(InputError, match="no known format"):
        look(place.follower())
