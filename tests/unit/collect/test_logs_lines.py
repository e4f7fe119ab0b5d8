"""Reading: every line comes once, whatever the blocks, the packing and the bytes."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.collect.logs.lines import check_file, read_blocks, read_start
from hubbub.core.errors import InputError


def _read(path: Path, block_bytes: int = 64) -> list[tuple[int, str]]:
    found = []
    for block in read_blocks(path, block_bytes):
        found += [(block.first_line + place, text) for place, text in enumerate(block.lines.to_pylist())]
    return found


@settings(deadline=None)
@given(
    lines=st.lists(st.binary(max_size=60).map(lambda text: text.replace(b"\n", b"")), min_size=1, max_size=30),
    block_bytes=st.integers(62, 300),
    ends=st.booleans(),
    packed=st.booleans(),
)
def test_every_line_is_read_once_in_order_with_its_number(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], block_bytes: int, ends: bool, packed: bool
) -> None:
    text = b"\n".join(lines) + (b"\n" if ends else b"")
    expected = text.removesuffix(b"\n").split(b"\n") if text else []
    path = tmp_path_factory.mktemp("lines") / "some.log"
    path.write_bytes(gzip.compress(text) if packed else b" " + text)
    if not packed:
        expected = (b" " + text).removesuffix(b"\n").split(b"\n")
    found = _read(path, block_bytes)
    assert [number for number, _ in found] == list(range(1, len(expected) + 1))
    assert [text for _, text in found] == [line.decode("utf-8", "replace") + "\n" for line in expected]


def test_a_gzip_file_of_several_members_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "a.log.gz"
    path.write_bytes(gzip.compress(b"one\n") + gzip.compress(b"two\n"))
    assert [text for _, text in _read(path)] == ["one\n", "two\n"]


@pytest.mark.parametrize("cut", [5, 12, 100, -1])
def test_a_gzip_file_that_is_cut_off_is_refused(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "a.log.gz"
    path.write_bytes(gzip.compress(bytes(range(32, 127)) * 20 + b"\n", mtime=0)[:cut])
    with pytest.raises(InputError, match=r"a\.log\.gz: the gzip file is cut off or damaged"):
        _read(path, 4096)


def test_a_damaged_gzip_file_is_refused(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(b"line\n" * 1000, mtime=0))
    packed[-6] ^= 0xFF  # the checksum
    path = tmp_path / "a.log.gz"
    path.write_bytes(packed)
    with pytest.raises(InputError, match="cut off or damaged"):
        _read(path, 1 << 16)


def test_a_line_longer_than_a_block_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"short\n" + b"x" * 200)
    with pytest.raises(InputError, match="line 2 is longer"):
        _read(path)


def test_progress_ends_at_the_size_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"line\n" * 100)
    assert [block.read_bytes for block in read_blocks(path, 128)][-1] == check_file(path) == 500


def test_missing_and_empty_files_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "empty.log").touch()
    with pytest.raises(InputError, match=r"empty\.log: the file is empty"):
        check_file(tmp_path / "empty.log")
    with pytest.raises(InputError, match=r"none\.log: there is no such file"):
        check_file(tmp_path / "none.log")
    with pytest.raises(InputError, match="there is no such file"):
        check_file(tmp_path)


def test_the_start_of_a_packed_file_is_its_text(tmp_path: Path) -> None:
    path = tmp_path / "a.log.gz"
    path.write_bytes(gzip.compress(b"the start\n" * 10_000))
    assert read_start(path, 9) == b"the start"
