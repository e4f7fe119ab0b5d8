import zlib
from collections.abc import Sequence
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st
from store_samples import DAY, NEXT, row

from hubbub.core.reasons import DropReason
from hubbub.store import frames
from hubbub.store.sealing import Seal

SEAL = Seal(bytes(range(32)))
FILE = "main/20260302T12-0.journal"


def journal(sizes: Sequence[int], file: str = FILE) -> bytes:
    """Frames with 0..n rows each; row tags count up through the file."""
    made, tag = b"", 0
    for number, size in enumerate(sizes):
        rows = [row(tag + each, hour=each % 25) for each in range(size)]
        tag += size
        day = DAY if number % 2 else NEXT
        made += frames.encode(file, len(made), "ä.example", day, rows, {DropReason.BOT: number}, SEAL)
    return made


def tags_in(data: bytes, file: str = FILE) -> list[int]:
    opened = [frames.open_frame(frame, file, SEAL) for frame in frames.scan(data)]
    return [each[1] for content in opened if content is not None for each in frames.decode_rows(content)]


def test_what_goes_in_comes_out() -> None:
    rows = [row(1, 3, "/größe"), row(2, 7)]
    data = frames.encode(FILE, 0, "a", DAY, rows, {DropReason.BOT: 2, DropReason.OPT_OUT: 1}, SEAL)
    (frame,) = frames.scan(data)
    assert (frame.source, frame.day, frame.start, frame.end) == ("a", DAY, 0, len(data))
    content = frames.open_frame(frame, FILE, SEAL)
    assert content is not None
    assert (content.count, content.first_slot, content.last_slot) == (2, 3, 7)
    assert content.dropped == {DropReason.BOT: 2, DropReason.OPT_OUT: 1}
    first, second = frames.decode_rows(content)
    assert first == tuple(getattr(rows[0], name) for name in rows[0].__struct_fields__)
    assert second[1] == 2


def test_drops_alone_make_a_frame() -> None:
    (frame,) = frames.scan(frames.encode(FILE, 0, "", DAY, [], {DropReason.BAD_JSON: 7}, SEAL))
    content = frames.open_frame(frame, FILE, SEAL)
    assert content is not None
    assert (frame.source, content.count, content.first_slot, content.last_slot) == ("", 0, 0, -1)
    assert frames.decode_rows(content) == []


def test_nothing_of_a_row_stands_in_clear() -> None:
    data = frames.encode(FILE, 0, "a", DAY, [row(1, page="/consultation")], {DropReason.SPAM_REFERRER: 1}, SEAL)
    for word in (b"consultation", b"search.example", b"spam_referrer"):
        assert word not in data


def test_a_frame_opens_only_in_its_place() -> None:
    first = frames.encode(FILE, 0, "a", DAY, [row(1)], {}, SEAL)
    second = frames.encode(FILE, len(first), "a", DAY, [row(2)], {}, SEAL)
    assert tags_in(first + second) == [1, 2]
    assert tags_in(second + first) == []  # whole, but each in the other's place
    assert tags_in(first + second, "other/file.journal") == []
    (frame,) = frames.scan(first)
    assert frames.open_frame(frame, FILE, Seal(bytes(32))) is None


def test_a_frame_relabelled_for_another_day_does_not_open() -> None:
    frame = bytearray(frames.encode(FILE, 0, "a", DAY, [row(1)], {}, SEAL))
    frame[8:12] = NEXT.toordinal().to_bytes(4, "little")
    frame[4:8] = zlib.crc32(frame[8:]).to_bytes(4, "little")
    assert [whole.day for whole in frames.scan(bytes(frame))] == [NEXT]
    assert tags_in(bytes(frame)) == []


@settings(max_examples=200)
@given(st.lists(st.integers(0, 5), max_size=8), st.data())
def test_a_torn_tail_takes_only_what_it_tore(sizes: list[int], data: st.DataObject) -> None:
    whole = journal(sizes)
    ends = [frame.end for frame in frames.scan(whole)]
    cut = data.draw(st.integers(0, len(whole)))
    torn = whole[:cut]
    kept = [end for end in ends if end <= cut]
    assert frames.whole_until(torn) == (kept[-1] if kept else 0)
    assert tags_in(torn) == list(range(sum(sizes[: len(kept)])))


@settings(max_examples=200)
@given(st.lists(st.integers(1, 5), min_size=1, max_size=6), st.data())
def test_damage_takes_only_the_frame_it_hit(sizes: list[int], data: st.DataObject) -> None:
    whole = bytearray(journal(sizes))
    bounds = [(frame.start, frame.end) for frame in frames.scan(bytes(whole))]
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    hit = next(number for number, (start, end) in enumerate(bounds) if start <= at < end)
    first = sum(sizes[:hit])
    expected = [tag for tag in range(sum(sizes)) if not first <= tag < first + sizes[hit]]
    assert tags_in(bytes(whole)) == expected


@settings(max_examples=300)
@given(st.lists(st.one_of(st.binary(max_size=60), st.just(frames.MAGIC), st.integers(0, 3)), max_size=12))
def test_rubbish_between_frames_never_raises_and_never_yields_a_row(pieces: list[bytes | int]) -> None:
    data, tag = b"", 0
    expected: list[int] = []
    for piece in pieces:
        if isinstance(piece, bytes):
            data += piece
        else:
            data += frames.encode(FILE, len(data), "a", DAY, [row(tag + each) for each in range(piece)], {}, SEAL)
            expected += range(tag, tag + piece)
            tag += piece
    assert tags_in(data) == expected


def test_a_day_that_is_none_is_not_a_frame() -> None:
    good = frames.encode(FILE, 0, "a", date.max, [], {}, SEAL)
    assert [frame.day for frame in frames.scan(good)] == [date.max]
