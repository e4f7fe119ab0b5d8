import asyncio
import logging
from pathlib import Path

import pytest
from store_samples import DAY, NEXT, Home, row

from hubbub.core.reasons import DropReason
from hubbub.store.journal import Journal
from hubbub.store.types import Counters

A, B = "a.example", "b.example"


class Killed(BaseException):
    """The process dies here; nothing may catch it."""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def fill(home: Home, first: int, count: int) -> None:
    """One journal file with `count` rows on each of three (source, day), a commit a row."""

    async def main() -> None:
        journal = Journal(home.raw_folder, home.keys, home.clock)
        for tag in range(first, first + count):
            journal.drop(A, DAY, DropReason.BOT)
            await asyncio.gather(*(journal.append(*key, row(tag)) for key in ((A, DAY), (A, NEXT), (B, DAY))))
        journal.close()

    asyncio.run(main())


def journals(home: Home) -> list[Path]:
    return sorted((home.raw_folder / "journal").rglob("*.journal"))


def steps_of(home: Home) -> list[str]:
    told: list[str] = []
    home.raw.compact(told.append)
    return told


def test_compaction_changes_neither_rows_nor_counters_nor_the_seal(home: Home) -> None:
    fill(home, 0, 5)
    fill(home, 5, 5)
    before = home.raw.counters(), home.raw.seal(A, DAY).sha256, home.raw.seal(A, DAY, 12).rows, home.raw.days()
    assert home.raw.compact() == 2
    assert journals(home) == []
    after = home.raw.counters(), home.raw.seal(A, DAY).sha256, home.raw.seal(A, DAY, 12).rows, home.raw.days()
    assert after == before
    assert before[0][A, DAY] == Counters(10, {DropReason.BOT: 10})
    for key in ((A, DAY), (A, NEXT), (B, DAY)):
        assert home.tags(*key) == list(range(10))
    assert home.raw.compact() == 0


def test_killed_between_any_two_steps_no_row_is_lost_or_doubled(tmp_path: Path) -> None:
    probe = Home(tmp_path / "probe")
    fill(probe, 0, 3)
    fill(probe, 3, 3)
    steps = steps_of(probe)
    assert steps == ["cut", *["segment"] * 3, "removed", *["segment"] * 3, "removed"]
    for number in range(len(steps)):
        home = Home(tmp_path / str(number))
        fill(home, 0, 3)
        fill(home, 3, 3)
        before = home.raw.counters(), home.raw.seal(A, DAY).sha256
        left = [number]

        def die(_: str, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise Killed

        with pytest.raises(Killed):
            home.raw.compact(die)
        for _ in range(2):
            assert (home.raw.counters(), home.raw.seal(A, DAY).sha256) == before
            for key in ((A, DAY), (A, NEXT), (B, DAY)):
                assert home.tags(*key) == list(range(6))
            home.raw.compact()
        assert journals(home) == []


def test_killed_while_a_segment_is_written_leaves_the_journal(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(home, 0, 3)

    def die(self: Path, target: Path) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", die)
        with pytest.raises(Killed):
            home.raw.compact()
    assert home.tags() == [0, 1, 2]
    assert len(list((home.raw_folder / "aside").iterdir())) == 1
    home.raw.compact()
    assert list((home.raw_folder / "aside").iterdir()) == []
    assert home.tags() == [0, 1, 2]


def test_a_seal_made_before_compaction_reads_exactly_what_it_sealed(home: Home) -> None:
    async def main() -> None:
        journal = Journal(home.raw_folder, home.keys, home.clock)
        for tag in range(4):
            await journal.append(A, DAY, row(tag, hour=tag))
        sealed, early = home.raw.seal(A, DAY), home.raw.seal(A, DAY, 2)
        for tag in range(4, 9):
            await journal.append(A, DAY, row(tag, hour=0))
        assert home.raw.compact() == 0  # the file is being written to
        for _ in range(2):
            assert sorted(home.raw.read(sealed)["tag"].to_pylist()) == [0, 1, 2, 3]
            assert sorted(home.raw.read(early)["tag"].to_pylist()) == [0, 1]
            assert (sealed.rows, early.rows) == (4, 2)
            journal.close()
            home.raw.compact()
            assert journals(home) == []

    asyncio.run(main())
    assert home.tags() == list(range(9))


def test_rows_of_destroyed_days_go_and_the_others_stay(home: Home) -> None:
    fill(home, 0, 3)
    home.close(A, DAY)
    home.keys.destroy(A, DAY)
    home.raw.destroy_files(A, DAY)
    assert journals(home) == []
    assert home.tags(A, NEXT) == home.tags(B, DAY) == [0, 1, 2]
    assert sorted(home.raw.counters()) == [(A, NEXT), (B, DAY)]


def test_a_lost_key_file_loses_no_journal(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    fill(home, 0, 3)
    keys = home.folder / "keys" / "keys.db"
    saved = keys.read_bytes()
    keys.unlink()
    bare = Home(home.folder)
    with caplog.at_level(logging.WARNING):
        bare.raw.compact()
    assert "is the key file whole?" in caplog.text
    assert len(journals(home)) == 1
    keys.write_bytes(saved)
    found = Home(home.folder)
    found.raw.compact()
    assert found.tags() == [0, 1, 2]


def test_a_damaged_block_is_told_and_takes_only_its_frame(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    fill(home, 0, 9)
    (file,) = journals(home)
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    rows = {key: home.raw.seal(*key).rows for key in ((A, DAY), (A, NEXT), (B, DAY))}
    assert sum(rows.values()) == 26
    with caplog.at_level(logging.WARNING):
        home.raw.compact()
    assert "damaged bytes" in caplog.text
    assert {key: len(home.tags(*key)) for key in rows} == rows


def test_segments_of_a_destroyed_day_go_although_its_close_died_before_it_removed_them(home: Home) -> None:
    fill(home, 0, 3)
    home.raw.compact()
    home.close(A, DAY)
    home.keys.destroy(A, DAY)
    assert list((home.raw_folder / "segments").rglob("*.segment"))
    home.raw.compact()
    left = {path.parent.name for path in (home.raw_folder / "segments").rglob("*.segment") if A in str(path)}
    assert left == {NEXT.isoformat()}
    assert home.tags(B, DAY) == [0, 1, 2]
