"""The trail of a live log: every line once and in order, whatever is done to the file between two looks."""

import gzip
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.collect.logs import trail as trail_module
from hubbub.collect.logs.trail import Trail

SECOND = 1_000_000_000


class Log:
    """A log that is written, rotated and read; its clock is set by the test, a second each time it is written."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "access.log"
        self.written: list[str] = []
        self.told: list[str] = []
        self.found: list[str] = []
        self.now_ns = 4_000_000_000 * SECOND
        self.known: tuple[int, bytes] | None = None
        self.path.touch()
        self.trail = self._new_trail()
        self.trail.begin(0)

    def _new_trail(self, quiet_ns: int = 0) -> Trail:
        return Trail(self.path, quiet_ns, lambda: self.now_ns, self.told.append)

    def write(self, lines: int, path: Path | None = None, width: int = 1) -> None:
        """Some lines more, with what is left to write of the last one first."""
        target = path or self.path
        with target.open("ab") as file:
            for _ in range(lines):
                self.written.append(f"line {len(self.written)} {'x' * width}\n")
                file.write(self.written[-1].encode())
        self._date(target)

    def _date(self, path: Path) -> None:
        self.now_ns += SECOND
        os.utime(path, ns=(self.now_ns, self.now_ns))

    def rotated(self, number: int, ending: str = "") -> Path:
        return self.path.with_name(f"access.log.{number}{ending}")

    def shift(self) -> None:
        for number in range(99, 0, -1):
            for ending in ("", ".gz"):
                if self.rotated(number, ending).exists():
                    self.rotated(number, ending).rename(self.rotated(number + 1, ending))

    def rename(self) -> None:
        self.shift()
        self.path.rename(self.rotated(1))
        self.path.touch()
        self._date(self.path)

    def copy_away(self) -> None:
        self.write(1)
        self.read()  # a file that is filled and cut off between two looks, a second apart, has not been seen at all
        self.write(3)
        self._copy()

    def copy_away_twice_while_down(self) -> None:
        for _ in range(2):
            self.write(2)
            self._copy()
        self.write(1)
        self.restart()

    def _copy(self) -> None:
        self.shift()
        shutil.copyfile(self.path, self.rotated(1))
        self._date(self.rotated(1))
        os.truncate(self.path, 0)
        self._date(self.path)

    def pack(self) -> None:
        """Pack the second rotated file, as logrotate does with `delaycompress`."""
        if self.rotated(2).exists():
            state = self.rotated(2).stat()
            self.rotated(2, ".gz").write_bytes(gzip.compress(self.rotated(2).read_bytes()))
            os.utime(self.rotated(2, ".gz"), ns=(state.st_mtime_ns, state.st_mtime_ns))
            self.rotated(2).unlink()

    def read(self, most: int = 10**9) -> None:
        """Read what there is, in at most so many pieces."""
        while most and (found := self.trail.read()) is not None:
            file, lines = found
            self.found += lines.decode().splitlines(keepends=True)
            self.known = (file.offset, file.sample)
            most -= 1

    def restart(self) -> None:
        """Go on as a new process does, by what was kept."""
        self.trail.close()
        self.trail = self._new_trail()
        if self.known is None:
            self.trail.begin(0)
        else:
            assert self.trail.resume(
                self.known[0], lambda _, sample: self.known is not None and sample == self.known[1]
            )


@contextmanager
def new_log(folder: Path) -> Iterator[Log]:
    log = Log(folder)
    try:
        yield log
    finally:
        log.trail.close()


_STEP = st.one_of(
    st.tuples(st.just("write"), st.integers(1, 6), st.sampled_from([1, 1, 40, 3000])),
    st.tuples(st.just("read"), st.integers(1, 3)),
    st.tuples(st.sampled_from(["rename", "copy_away", "copy_away_twice_while_down", "pack", "restart", "read"])),
)


@settings(max_examples=150, deadline=None)
@given(steps=st.lists(_STEP, max_size=40), most=st.sampled_from([64, 5000, 1 << 20]))
def test_every_line_comes_once_and_in_order(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, ...]], most: int
) -> None:
    with pytest.MonkeyPatch.context() as patch, new_log(tmp_path_factory.mktemp("log")) as log:
        patch.setattr(trail_module, "MOST_BYTES", max(most, 3100))
        for name, *arguments in steps:
            if name == "write":
                log.write(int(arguments[0]), width=int(arguments[1]))
            else:
                getattr(log, name)(*map(int, arguments))
        log.write(1)
        log.read()
        assert log.found == log.written
        assert log.told == []


def test_half_a_line_waits_for_its_end(tmp_path: Path) -> None:
    with new_log(tmp_path) as log:
        with log.path.open("ab") as file:
            file.write(b"half a")
        log.read()
        assert log.found == []
        with log.path.open("ab") as file:
            file.write(b" line\nand")
        log.read()
        assert log.found == ["half a line\n"]
        log.rename()
        log.read()
        assert log.found == ["half a line\n", "and\n"]


def test_a_renamed_file_is_read_until_it_rests(tmp_path: Path) -> None:
    with new_log(tmp_path) as log:
        log.trail.close()
        log.trail = log._new_trail(quiet_ns=5 * SECOND)
        log.trail.begin(0)
        log.write(2)
        log.read()
        log.rename()
        log.write(1, log.rotated(1))  # the server has not opened the new file yet
        log.read()
        assert len(log.found) == 3
        log.write(1, log.path)
        log.read()
        assert len(log.found) == 3
        log.now_ns += 5 * SECOND
        log.read()
        assert log.found == log.written


def test_a_file_that_is_removed_is_read_to_its_end(tmp_path: Path) -> None:
    with new_log(tmp_path) as log:
        log.write(2)
        log.read(0)
        log.read(1)
        log.write(2)
        log.path.unlink()
        log.read()
        assert log.found == log.written
        log.write(2)
        log.read()
        assert log.found == log.written


def test_a_file_cut_off_without_a_copy_is_told(tmp_path: Path) -> None:
    with new_log(tmp_path) as log:
        log.write(3)
        log.read()
        os.truncate(log.path, 0)
        log.write(9)
        log.read()
        assert log.found == log.written
        assert log.told == ["access.log was cut off and there is no copy of it: lines may be lost"]


def test_what_was_read_last_may_be_gone_for_good(tmp_path: Path) -> None:
    with new_log(tmp_path) as log:
        log.write(3)
        log.read()
        log.path.unlink()
        log.write(2)
        log.trail.close()
        log.trail = log._new_trail()
        assert log.known is not None
        assert not log.trail.resume(log.known[0], lambda _, sample: False)
        log.read()
        assert log.found == log.written


def test_a_file_that_is_being_packed_is_read_once(tmp_path: Path) -> None:
    with new_log(tmp_path) as log:
        log.write(1)
        log.read()
        log.rename()
        log.write(2)
        log.rename()
        log.rotated(1, ".gz").write_bytes(gzip.compress(log.rotated(1).read_bytes())[:20])
        log.write(1)
        log.restart()
        log.read()
        assert log.found == log.written


def test_a_restart_while_the_file_is_being_renamed(tmp_path: Path) -> None:
    with new_log(tmp_path) as log:
        log.write(3)
        log.read()
        log.write(2)
        log.path.rename(log.rotated(1))
        log.restart()
        log.read()
        assert log.found == log.written
        log.write(2)
        log.read()
        assert log.found == log.written


def test_a_log_is_begun_with_the_rotated_files_of_the_day(tmp_path: Path) -> None:
    with new_log(tmp_path) as log:
        log.write(2)
        log.rename()
        since = log.now_ns
        log.write(2)
        log.rename()
        log.write(2)
        log.trail.close()
        log.trail = log._new_trail()
        log.trail.begin(since)
        log.read()
        assert log.found == log.written[2:]


@pytest.mark.parametrize(
    ("name", "is_rotated"),
    [
        ("access.log.1", True), ("access.log.12.gz", True), ("access.log-20240610", True), ("access.log.old", True),
        ("access.log-2024-06-10.gz", True), ("access-2024-06-10T12-00-00.000.log", True),
        ("access-2024-06-10T12-00-00.000.log.gz", True), ("access-20240610.log", True), ("access-2.log", False),
        ("access.log.swp", False), ("access.log", False), ("other.log.1", False), ("access.log.bak", False),
        ("access.logs.1", False),
    ],
)  # fmt: skip
def test_rotated_files_are_told_by_their_names(tmp_path: Path, name: str, is_rotated: bool) -> None:
    with new_log(tmp_path) as log:
        log.path.write_text("now\n")
        if name != "access.log":
            (tmp_path / name).write_bytes(gzip.compress(b"before\n") if name.endswith(".gz") else b"before\n")
        log.trail.close()
        log.trail = log._new_trail()
        log.trail.begin(0)
        log.read()
        assert log.found == (["before\n", "now\n"] if is_rotated else ["now\n"])


def test_the_fields_line_before_the_place_is_found_again(tmp_path: Path) -> None:
    with new_log(tmp_path) as log:
        log.path.write_text("#Version: 1.0\n#Fields: date time\nrow\n#Fields: date\nrow\n")
        log.read()
        log.restart()
        with log.path.open("a") as file:
            file.write("row\n#Fields: time\n")
        found = log.trail.read()
        assert found is not None
        assert (found[0].fields_line, found[1]) == ("#Fields: date", b"row\n#Fields: time\n")
