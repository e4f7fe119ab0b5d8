"""A home through a day, its midnight and its end, by a clock that the test sets."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pyarrow as pa
import pytest
from msgspec import structs

from hubbub.cli.config import parse_settings
from hubbub.cli.due import run_due
from hubbub.cli.home import Home
from hubbub.cli.new_pages import check_new_pages
from hubbub.core.days import HOUR_MS, bounds
from hubbub.core.errors import DayClosed
from hubbub.core.keys import Dimension, Measure
from hubbub.core.reasons import DropReason
from hubbub.core.rows import COLUMNS, Kind, Row
from hubbub.core.settings import Site
from hubbub.operate.schedule import MINUTE_MS, Action
from hubbub.release.types import Gap

SITE = "portal.example"
DAY = date(2026, 6, 1)
START, END = bounds(DAY, "Europe/Vienna")
SETTINGS = "timezone: Europe/Vienna\nbudget: {epsilon: 1e6}\nsites: [{name: portal.example, pages: [/]}]\n"


class SetClock:
    def __init__(self, ms: int) -> None:
        self.ms = ms

    def now_ms(self) -> int:
        return self.ms


def silent(_stage: str, _done: int, _total: int) -> None:
    return


def rows_of(*rows: Row) -> pa.Table:
    return pa.table({name: pa.array([getattr(row, name) for row in rows], kind) for name, kind in COLUMNS})


def view(unit: int, slot: int, page: str = "/") -> Row:
    ms = START + slot * HOUR_MS + unit
    return Row(unit, int.from_bytes(os.urandom(7)), ms, slot, Kind.PAGEVIEW, page)


@pytest.fixture
def clock() -> SetClock:
    return SetClock(START)


@pytest.fixture
def home(tmp_path: Path, clock: SetClock) -> Home:
    return Home(tmp_path, parse_settings(SETTINGS), clock)


def values(home: Home, measure: Measure) -> dict[int | None, int | Gap]:
    released = home.ledger.released(SITE, DAY, DAY, [measure])
    return {each.slot: each.gap or each.values[0] for each in released}


def actions(home: Home) -> list[Action]:
    """What was done for DAY; the days after it begin with the clock."""
    return [due.action for due in run_due(home, silent) if due.day == DAY]


def test_a_day_goes_by(home: Home, clock: SetClock) -> None:
    home.raw.write(SITE, DAY, rows_of(view(1, 0), view(2, 0), view(3, 1)), {DropReason.BOT: 1}, origin="live")
    home.raw.write("", DAY, rows_of(), {DropReason.BAD_JSON: 2}, origin="live")
    for slot in range(24):
        clock.ms = START + (slot + 1) * HOUR_MS + MINUTE_MS
        assert Action.RELEASE_HOURS in actions(home)
    assert values(home, Measure.VISITORS_HOUR) == dict.fromkeys(range(24), 0) | {0: 2, 1: 1}
    assert values(home, Measure.VISITORS) == {}

    clock.ms = END + 15 * MINUTE_MS
    assert actions(home) == [Action.CLOSE]
    assert values(home, Measure.VISITORS) == {None: 3}
    with pytest.raises(DayClosed):
        home.keys.visitor_secret(SITE, DAY)
    assert home.raw.days() == []

    clock.ms = bounds(DAY, "UTC").end_ms + 15 * MINUTE_MS
    assert actions(home) == [Action.FORGET]
    assert home.raw.counters() == {}
    assert actions(home) == []
    assert home.ledger.verify().is_sound


def test_what_was_never_closed_is_destroyed_after_two_days(home: Home, clock: SetClock) -> None:
    home.raw.write(SITE, DAY, rows_of(view(1, 0)), {}, origin="log")
    clock.ms = END + 47 * HOUR_MS
    assert actions(home) == []
    clock.ms = END + 48 * HOUR_MS
    assert actions(home) == [Action.GIVE_UP]
    assert home.raw.days() == []
    assert home.keys.existing_data_key(SITE, DAY) is None
    assert set(values(home, Measure.VISITORS).values()) == {Gap.KEPT_BACK}


class Portal(BaseHTTPRequestHandler):
    """A site: /here exists, /moved redirects, nothing else is found."""

    def do_HEAD(self) -> None:
        self.send_response({"/here": 200, "/moved": 301}.get(self.path, 404))
        self.send_header("Location", "/here")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


@contextmanager
def portal() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Portal)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_new_pages_are_shown_once_the_site_answers(tmp_path: Path, clock: SetClock) -> None:
    text = "timezone: Europe/Vienna\nbudget: {epsilon: 9.9}\nsites: [{name: portal.example}]\n"
    home = Home(tmp_path, parse_settings(text), clock)
    crowd = [view(unit, 0, page) for page in ("/here", "/moved", "/made-up") for unit in range(400)]
    home.raw.write(SITE, DAY, rows_of(*crowd), {}, origin="live")
    clock.ms = END + 15 * MINUTE_MS
    assert actions(home) == [Action.CLOSE]
    waiting = {known.key for known in home.public_keys.waiting(SITE) if known.dimension == Dimension.PAGE}
    assert waiting == {"/here", "/moved", "/made-up"}
    assert home.ledger.waiting(SITE) == 3
    assert check_new_pages(home, Site(SITE)) == 0
    with portal() as address:
        assert check_new_pages(home, Site(SITE, check_url=address)) == 1
    left = {known.key for known in home.public_keys.waiting(SITE) if known.dimension == Dimension.PAGE}
    assert left == {"/moved", "/made-up"}
    (new_pages,) = home.ledger.released(SITE, DAY, DAY, [Measure.NEW_PAGES])
    shown = [key for key, is_hidden in zip(new_pages.keys, new_pages.hidden, strict=True) if not is_hidden]
    assert shown == [("/here",)]


def test_on_a_days_log_the_site_vouches_for_pages_and_not_for_referrers(tmp_path: Path, clock: SetClock) -> None:
    text = "timezone: Europe/Vienna\nbudget: {epsilon: 9.9}\nsites: [{name: portal.example}]\n"
    home = Home(tmp_path, parse_settings(text), clock)
    crowd = [structs.replace(view(unit, 0, "/here"), referrer="seller.example") for unit in range(400)]
    home.raw.write(SITE, DAY, rows_of(*crowd), {}, origin="log")
    clock.ms = END + HOUR_MS
    home.closer().close(SITE, [DAY])
    assert {(known.dimension, known.key) for known in home.public_keys.waiting(SITE)} == {
        (Dimension.REFERRER, "seller.example")
    }
