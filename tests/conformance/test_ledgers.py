"""The ledger, the lists of keys and a whole close, over both state databases; a close that loses its database."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
import sqlalchemy as sa
from cluster_samples import TYPES
from msgspec.structs import astuple, replace

from dying import begin, exit_code_of
from hubbub.cli.home import Home
from hubbub.core.days import bounds
from hubbub.core.errors import BudgetSpent, HubbubError, LedgerError
from hubbub.core.keys import Dimension, Measure
from hubbub.core.rows import COLUMNS, Row
from hubbub.core.settings import Settings, Site
from hubbub.release.entries import Cells, LedgerEntry, Step
from hubbub.release.key_lists import key_list
from hubbub.release.portal import PORTAL
from hubbub.release.public_keys import Standing
from hubbub.release.site_plan import plan_of
from hubbub.release.state import claim, claim_keeping, known_keys_table
from hubbub.release.types import Gap, Released
from postgresql_server import Server

SOURCE = "portal.example"
DAY = date(2026, 5, 4)
UNITS = 300
SITE = Site(SOURCE, pages=("/", "/a"))
LIST = key_list([("/a",), ("/b",)])
NAMES = [each.measure for each in plan_of(SITE, Settings((SITE,))).measures]
SOME = ["settled", "days ended", "sealed", "counted, round 0"]
SOME += [f"{step} {name}" for name in (NAMES[0], NAMES[7], NAMES[-1]) for step in ("debited", "drawn", "kept")]
SOME += ["published", "keys destroyed", "files destroyed"]
Opened = Callable[[], Home]


class DayAfter:
    """A clock that stands a quarter of an hour after the day."""

    def now_ms(self) -> int:
        return bounds(DAY, "UTC").end_ms + 900_000


def home_at(folder: Path, url: str) -> Home:
    """A home of its own on the machine, with the shared parts if it has a URL."""
    shared = folder.parent
    settings = Settings(
        (SITE,),
        state=url,
        raw_folder=str(shared / "raw") if url else "",
        keys_folder=str(shared / "keys") if url else "",
    )
    folder.mkdir(exist_ok=True)
    return Home(folder, settings, DayAfter())


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue("server").new_database()) if request.param == "postgresql" else ""


@pytest.fixture
def opened(url: str, tmp_path: Path) -> Iterator[Opened]:
    homes: list[Home] = []

    def new() -> Home:
        homes.append(home_at(tmp_path / "home", url))
        return homes[-1]

    yield new
    for home in homes:
        home.database.dispose()


@pytest.fixture
def home(opened: Opened) -> Home:
    return opened()


def debit_of(home: Home, measure: str, day: date = DAY) -> LedgerEntry:
    return home.closer().door.entry(PORTAL[measure], SOURCE, day, LIST, "0" * 64)


def pay(home: Home, measure: str, day: date = DAY) -> LedgerEntry:
    return home.ledger.debit([debit_of(home, measure, day)], home.closer().door.priced(SOURCE).allowance, [LIST])[0]


def fill(home: Home) -> None:
    """Visitors of public pages and many of a new one, in one batch."""
    start = bounds(DAY, "UTC").start_ms
    pages = ["/", "/a"] * 20 + ["/new"] * (UNITS - 40)
    rows = [astuple(Row(unit, 2 * unit, start + unit, 0, 1, page)) for unit, page in enumerate(pages)]
    columns = zip(COLUMNS, zip(*rows, strict=True), strict=True)
    table = pa.table({name: pa.array(list(values), TYPES[kind]) for (name, kind), values in columns})
    home.raw.write(SOURCE, DAY, table, {})


def released(home: Home) -> dict[tuple[str, int | None], Released]:
    return {(each.measure, each.slot): each for each in home.ledger.released(SOURCE, DAY, DAY)}


def test_kept_cells_are_released_as_they_were_kept(home: Home) -> None:
    for measure in (Measure.PAGE_VISITORS, Measure.ENTRY_PAGES):
        home.ledger.keep([(pay(home, measure), Cells((3, -4)))])
    home.ledger.give_up([pay(home, Measure.EXIT_PAGES)], Gap.FORFEITED)
    found = {each.measure: each for each in home.ledger.released(SOURCE, DAY, DAY)}
    assert set(found) == {Measure.PAGE_VISITORS, Measure.ENTRY_PAGES, Measure.EXIT_PAGES}
    assert list(found[Measure.PAGE_VISITORS].values) == [3, -4]
    assert found[Measure.EXIT_PAGES].gap is Gap.FORFEITED
    assert home.ledger.verify().is_sound
    assert home.ledger.months(SOURCE) == [DAY.replace(day=1)]
    assert home.ledger.sources() == [SOURCE]
    assert home.ledger.spent(5)[0].releases == 3
    assert [each.seq for each in home.ledger.latest(2)] == [6, 5]


def test_a_slot_is_debited_once_and_ends_once(home: Home) -> None:
    paid = pay(home, Measure.PAGE_VISITORS)
    with pytest.raises(LedgerError, match="before"):
        pay(home, Measure.PAGE_VISITORS)
    home.ledger.keep([(paid, Cells((1, 2)))])
    with pytest.raises(LedgerError, match="before"):
        home.ledger.keep([(paid, Cells((9, 9)))])
    with pytest.raises(LedgerError, match="end twice"):
        home.ledger.give_up([paid], Gap.FORFEITED)
    assert home.ledger.verify().is_sound
    assert home.ledger.count() == 2


def test_a_day_never_costs_more_than_its_budget(home: Home) -> None:
    allowed = home.closer().door.priced(SOURCE).allowance
    home.ledger.debit([replace(debit_of(home, Measure.PAGE_VISITORS), rho=allowed.rho)], allowed, [LIST])
    with pytest.raises(BudgetSpent, match=SOURCE):
        home.ledger.debit([replace(debit_of(home, Measure.ENTRY_PAGES), rho=1)], allowed, [LIST])
    assert home.ledger.verify().entries == 1


def test_two_at_once_leave_one_chain(opened: Opened) -> None:
    homes = [opened(), opened()]
    assert [home.ledger.count() for home in homes] == [0, 0]
    refused: list[LedgerError] = []

    def work(home: Home) -> None:
        for offset in range(10):
            try:
                pay(home, Measure.PAGE_VISITORS, DAY + timedelta(offset))
            except LedgerError as error:
                refused.append(error)

    threads = [threading.Thread(target=work, args=(home,)) for home in homes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 10
    assert homes[0].ledger.verify().entries == 10
    assert homes[0].ledger.verify().is_sound


def test_keys_are_declared_learnt_and_moved(home: Home) -> None:
    keys = home.public_keys
    keys.declare(SOURCE, Dimension.PAGE, ["/b", "/a", "/ä"], DAY)
    assert keys.add(SOURCE, Dimension.PAGE, ["/a", "/c"], "import", DAY) == 1
    assert keys.revoke(SOURCE, Dimension.PAGE, ["/c", "/d"]) == 1
    known = {each.key: each.standing for each in keys.known(SOURCE)}
    assert known == dict.fromkeys(["/a", "/b", "/ä"], Standing.CONFIRMED) | {"/c": Standing.REVOKED}
    frozen = [key for (key,) in keys.frozen(SOURCE, Dimension.PAGE).keys]
    assert frozen == sorted(frozen)
    assert {"/a", "/b", "/ä"} <= set(frozen)


def test_errors_of_the_database_quote_no_values(home: Home) -> None:
    home.public_keys.add(SOURCE, Dimension.PAGE, ["/told"], "import", DAY)
    row = {"source": SOURCE, "dimension": "page", "key": "/told", "origin": "/secret", "standing": "", "since": ""}
    with home.database.connect() as connection, pytest.raises(sa.exc.IntegrityError) as failed:
        connection.execute(sa.insert(known_keys_table), row)
    with home.database.connect() as connection, pytest.raises(sa.exc.IntegrityError) as empty:
        connection.execute(sa.insert(known_keys_table), {**row, "key": "/secret", "since": None})
    for error in (failed.value, empty.value):
        assert "/secret" not in f"{error} {error!r} {error.__cause__} {error.orig!r}"
        assert "/told" not in f"{error} {error!r} {error.__cause__} {error.orig!r}"


def test_one_keeper_at_a_time(home: Home, opened: Opened) -> None:
    other = opened()
    with claim_keeping(home.database) as first, claim_keeping(other.database) as second:
        assert (first, second) == (True, False)
    with claim_keeping(other.database) as now:
        assert now


def test_a_claim_makes_others_wait(home: Home, opened: Opened) -> None:
    order: list[str] = []
    other = opened()
    assert home.ledger.count() == other.ledger.count() == 0

    def wait() -> None:
        with claim(other.database):
            order.append("second")

    with claim(home.database):
        thread = threading.Thread(target=wait)
        thread.start()
        thread.join(0.3)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_a_day_is_closed_and_forgotten(home: Home, opened: Opened) -> None:
    fill(home)
    report = home.closer().close(SOURCE, [DAY])
    assert report.released == len(NAMES)
    assert not any(each.gap for each in released(home).values())
    assert home.raw.days() == []
    assert home.keys.open_days() == []
    before = released(home)
    assert opened().closer().close(SOURCE, [DAY]).released == 0
    assert released(opened()) == before
    assert home.ledger.verify().is_sound


@pytest.mark.postgresql
@pytest.mark.parametrize("step", SOME)
def test_killed_after_a_step_and_run_again(server: Server, tmp_path: Path, step: str) -> None:
    url = server.new_database()
    home = home_at(tmp_path / "home", url)
    fill(home)
    assert exit_code_of(begin(close_until, str(home.folder), url, step)) == -signal.SIGKILL
    check_rerun(home)
    home.database.dispose()


@pytest.mark.postgresql
@pytest.mark.parametrize("step", SOME)
def test_every_connection_is_lost_after_a_step(server: Server, tmp_path: Path, step: str) -> None:
    """As a crash: what was kept stays, a rerun settles the rest."""
    url = server.new_database()
    home = home_at(tmp_path / "home", url)
    fill(home)

    def cut(reached: str) -> None:
        if reached == step:
            server.kill_connections(url.rsplit("/", 1)[1])

    try:
        home.closer().close(SOURCE, [DAY], at=cut)
    except (HubbubError, sa.exc.SQLAlchemyError):
        assert step in SOME
    check_rerun(home)
    home.database.dispose()


@pytest.mark.postgresql
def test_who_takes_over_a_lost_claim_never_makes_a_second_draw(server: Server, tmp_path: Path) -> None:
    """The first closer's connection is lost between debit and keep, the second takes over, then the first goes on."""
    url = server.new_database()
    first, second = (home_at(tmp_path / name, url) for name in ("one", "two"))
    fill(first)

    def take_over(reached: str) -> None:
        if reached == f"drawn {NAMES[3]}":
            server.kill_connections(url.rsplit("/", 1)[1])
            second.closer().close(SOURCE, [DAY])

    with pytest.raises(LedgerError):
        first.closer().close(SOURCE, [DAY], at=take_over)
    found = released(second)
    assert {measure for (measure, _), each in found.items() if each.gap} == {NAMES[3]}
    assert second.ledger.verify().is_sound
    assert released(first) == found
    for home in (first, second):
        home.database.dispose()


def check_rerun(home: Home) -> None:
    """What was kept stays as it is, what was only paid for is lost, the rest is released, nothing is left behind."""
    before = released(home)
    entries = list(home.ledger.entries())
    debited = {each.measure for each in entries if each.step is Step.DEBIT}
    kept = {each.measure for each in entries if each.step is Step.DRAWN}
    gone = {each.measure for each in entries if each.step is Step.GAP}
    lost = debited - kept - gone
    assert len(lost | gone) <= 1
    report = home.closer().close(SOURCE, [DAY])
    after = released(home)
    assert {key: after[key] for key in before} == before
    assert {measure for _, measure in report.forfeited} == lost
    assert {each.measure for each in after.values() if each.gap} == lost | gone
    assert {measure for measure, _ in after} == set(NAMES)
    assert home.ledger.verify().is_sound
    assert home.keys.existing_data_key(SOURCE, DAY) is None
    assert home.raw.days() == []


def close_until(folder: str, url: str, step: str) -> None:
    """Close in this process, which is killed as `step` is over."""
    home_at(Path(folder), url).closer().close(SOURCE, [DAY], at=lambda over: _die_after(over, step))


def _die_after(step: str, wanted: str) -> None:
    if step == wanted:
        os.kill(os.getpid(), signal.SIGKILL)
