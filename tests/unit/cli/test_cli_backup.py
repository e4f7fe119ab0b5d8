"""A backup holds what was released and nothing raw; what is restored from it draws nothing a second time."""

import io
import tarfile
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hubbub.cli.backup import back_up, restore
from hubbub.cli.closing import close_days
from hubbub.cli.commands.import_log import app as import_app
from hubbub.cli.home import Home
from hubbub.core.errors import InputError, LedgerError, Refused
from hubbub.release.types import Gap

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SITE = "portal.example"
FIRST, SECOND = date(2026, 3, 1), date(2026, 3, 2)


def log_of(folder: Path, day: date) -> Path:
    path = folder / f"{day}.log"
    path.write_text(
        "".join(
            f'192.0.2.{host} - - [{day:%d/%b/%Y}:10:00:{host % 60:02} +0000] "GET / HTTP/1.1" 200 9 "-" "{AGENT}"\n'
            for host in range(1, 200)
        )
    )
    return path


def imported(home: Home, day: date) -> None:
    """Rows of a day, not yet closed."""
    log = log_of(home.folder, day)
    found = CliRunner().invoke(import_app, ["log", str(log), "--site", SITE, "--home", str(home.folder)])
    assert found.exit_code == 0, found.output


@pytest.fixture
def home(tmp_path: Path) -> Home:
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "hubbub.yaml").write_text(f"sites:\n  - name: {SITE}\n", "utf-8")
    made = Home.open(folder)
    imported(made, FIRST)
    close_days(made, SITE, [FIRST], lambda *_: None)
    return made


def marts_of(home: Home) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in home.marts.folder.glob("*/*.parquet")}


def test_a_restored_home_reads_the_same(home: Home, tmp_path: Path) -> None:
    label = back_up(home, tmp_path / "b.tar.gz")
    made = restore(tmp_path / "b.tar.gz", tmp_path / "new", today=SECOND, was_stopped=False)
    assert marts_of(made) == marts_of(home) != {}
    assert (made.ledger.count(), made.ledger.head()) == (label.entries, label.head)
    assert made.ledger.verify(label.head).is_sound


def test_no_key_and_no_row_is_in_it(home: Home, tmp_path: Path) -> None:
    imported(home, SECOND)
    secrets = [home.keys.visitor_secret(SITE, SECOND), home.keys.data_key(SITE, SECOND)]
    back_up(home, tmp_path / "b.tar.gz")
    with tarfile.open(tmp_path / "b.tar.gz") as archive:
        names = archive.getnames()
        whole = b"".join(file.read() for member in archive if (file := archive.extractfile(member)))
    assert not any(name.startswith(("keys", "raw", "run")) for name in names)
    assert not any(secret in whole for secret in secrets)


def test_what_may_have_been_released_since_is_not_drawn_again(home: Home, tmp_path: Path) -> None:
    back_up(home, tmp_path / "b.tar.gz")
    imported(home, SECOND)
    close_days(home, SITE, [SECOND], lambda *_: None)  # the backup does not know this release
    made = restore(tmp_path / "b.tar.gz", tmp_path / "new", today=SECOND, was_stopped=False)
    imported(made, SECOND)
    report = close_days(made, SITE, [SECOND], lambda *_: None)
    assert report is not None
    assert (report.released, report.cells) == (0, 0)
    assert {each.gap for each in made.ledger.released(SITE, SECOND, SECOND)} == {Gap.KEPT_BACK}
    assert made.keys.is_destroyed(SITE, SECOND)


def test_the_ledger_itself_refuses_such_a_debit(home: Home, tmp_path: Path) -> None:
    back_up(home, tmp_path / "b.tar.gz")
    made = restore(tmp_path / "b.tar.gz", tmp_path / "new", today=SECOND, was_stopped=False)
    paid = next(iter(home.ledger.entries()))
    with pytest.raises(LedgerError, match="since the backup"):
        made.ledger.debit([paid], made.closer().door.priced(SITE).allowance)


def test_a_home_that_was_stopped_goes_on(home: Home, tmp_path: Path) -> None:
    back_up(home, tmp_path / "b.tar.gz")
    made = restore(tmp_path / "b.tar.gz", tmp_path / "new", today=SECOND, was_stopped=True)
    imported(made, SECOND)
    report = close_days(made, SITE, [SECOND], lambda *_: None)
    assert report is not None
    assert report.cells > 0


def test_nothing_is_written_over(home: Home, tmp_path: Path) -> None:
    back_up(home, tmp_path / "b.tar.gz")
    with pytest.raises(Refused, match="is there already"):
        back_up(home, tmp_path / "b.tar.gz")
    with pytest.raises(Refused, match="holds a home"):
        restore(tmp_path / "b.tar.gz", home.folder, today=SECOND, was_stopped=False)


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b\x08\x00broken"])
def test_what_is_no_backup_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "b.tar.gz").write_bytes(content)
    with pytest.raises(InputError, match="backup"):
        restore(tmp_path / "b.tar.gz", tmp_path / "new", today=SECOND, was_stopped=False)


def test_other_files_of_an_archive_are_not_unpacked(home: Home, tmp_path: Path) -> None:
    back_up(home, tmp_path / "b.tar.gz")
    with tarfile.open(tmp_path / "b.tar.gz") as old, tarfile.open(tmp_path / "c.tar.gz", "w:gz") as new:
        for member in old:
            new.addfile(member, old.extractfile(member))
        for name in ("../evil", "marts/../evil", "marts/a/../../evil", "keys/keys.db"):
            new.addfile(tarfile.TarInfo(name), io.BytesIO())
    restore(tmp_path / "c.tar.gz", tmp_path / "new", today=SECOND, was_stopped=False)
    assert not list(tmp_path.rglob("evil"))


def test_the_clock_of_a_backup_tells_the_hour_alone(home: Home, tmp_path: Path) -> None:
    assert back_up(home, tmp_path / "b.tar.gz").made.endswith(":00Z")
