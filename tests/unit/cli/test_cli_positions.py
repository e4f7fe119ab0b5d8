"""The mark of how far a log was read: known again while its day is open, and telling nothing afterwards."""

from datetime import date
from pathlib import Path

import pytest

from hubbub.cli.home import Home
from hubbub.cli.positions import Mark, Positions
from hubbub.collect.logs.tables import SCHEMA
from hubbub.core.errors import Refused
from hubbub.core.ports import ArrowStream
from hubbub.core.settings import Settings, Site

SITE = "portal.example"
DAY = date(2026, 6, 10)
SAMPLE = b"the first line\nthe last line\n"


class Clock:
    def now_ms(self) -> int:
        return 1_781_100_000_000


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path, Settings(sites=(Site(SITE),)), Clock())


def _positions(home: Home, log: str = "/var/log/nginx/access.log") -> Positions:
    return Positions(home.raw_folder, SITE, Path(log), home.raw, home.keys)


def _commit(home: Home, positions: Positions, mark: Mark) -> None:
    with home.raw.together(origin="followed") as batch:
        batch.write(SITE, mark.day, _no_rows(), {})
        batch.late_marks.append(positions.path_of(mark))


def _no_rows() -> ArrowStream:
    empty: ArrowStream = SCHEMA.empty_table()
    return empty


def test_a_mark_is_known_by_what_stands_before_it_until_its_day_ends(home: Home) -> None:
    positions = _positions(home)
    assert positions.last() is None
    secret = home.keys.visitor_secret(SITE, DAY)
    first = positions.next(None, 15, SAMPLE[:15], DAY, secret)
    _commit(home, positions, first)
    assert positions.last() == first
    second = positions.next(first, len(SAMPLE), SAMPLE, DAY, secret)
    _commit(home, positions, second)
    assert positions.last() == second
    positions.forget_before(second)
    assert home.raw.marks(home.raw_folder / "followed" / SITE / _folder(home)) == [second.name]
    assert positions.is_known(second, len(SAMPLE), SAMPLE)
    assert not positions.is_known(second, len(SAMPLE), SAMPLE.replace(b"last", b"lost"))
    assert not positions.is_known(second, len(SAMPLE) - 1, SAMPLE)
    home.keys.destroy_visitor(SITE, DAY)
    assert positions.secret_of(DAY) is None
    assert not positions.is_known(second, len(SAMPLE), SAMPLE)


def _folder(home: Home) -> str:
    (folder,) = (home.raw_folder / "followed" / SITE).iterdir()
    return folder.name


def test_a_mark_says_neither_the_line_nor_the_log(home: Home) -> None:
    positions = _positions(home)
    mark = positions.next(None, 7, SAMPLE, DAY, home.keys.visitor_secret(SITE, DAY))
    other = positions.next(None, 7, SAMPLE, DAY, bytes(32))
    assert mark.digest != other.digest
    assert mark.name.startswith("000000000001-7-2026-06-10-")
    assert Mark.of_name(mark.name) == mark
    assert "nginx" not in str(positions.path_of(mark))


@pytest.mark.parametrize("name", ["lock", "", "1-7-2026-06-10-00", "000000000001-7-2026-06-10-" + "g" * 32])
def test_other_files_are_no_marks(name: str) -> None:
    assert Mark.of_name(name) is None


def test_logs_have_their_own_marks(home: Home) -> None:
    mine, other = _positions(home), _positions(home, "/var/log/nginx/other.log")
    mark = mine.next(None, 7, SAMPLE, DAY, home.keys.visitor_secret(SITE, DAY))
    _commit(home, mine, mark)
    assert (mine.last(), other.last()) == (mark, None)


def test_the_same_mark_is_not_stored_twice(home: Home) -> None:
    positions = _positions(home)
    mark = positions.next(None, 7, SAMPLE, DAY, home.keys.visitor_secret(SITE, DAY))
    _commit(home, positions, mark)
    with pytest.raises(Refused, match="nothing was stored twice"):
        _commit(home, positions, mark)


def test_a_log_is_followed_by_one_process(home: Home) -> None:
    with _positions(home).alone(), pytest.raises(Refused, match="followed already"), _positions(home).alone():
        pass
    with _positions(home).alone(), _positions(home, "/var/log/other.log").alone():
        pass
