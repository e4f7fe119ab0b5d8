from hypothesis import given
from hypothesis import strategies as st

from hubbub.store.sealing import OVERHEAD, Seal

KEY = bytes(range(32))


def test_opens_with_its_key_at_its_place() -> None:
    sealed = Seal(KEY).close(b"rows", b"here")
    assert len(sealed) == 4 + OVERHEAD
    assert Seal(KEY).open(sealed, b"here") == b"rows"
    assert Seal(KEY).open(sealed, b"there") is None
    assert Seal(bytes(32)).open(sealed, b"here") is None


def test_the_same_content_never_looks_the_same() -> None:
    seal = Seal(KEY)
    assert len({seal.close(b"rows", b"here") for _ in range(1000)}) == 1000


@given(st.binary(max_size=100))
def test_what_was_never_sealed_does_not_open(data: bytes) -> None:
    assert Seal(KEY).open(data, b"here") is None
