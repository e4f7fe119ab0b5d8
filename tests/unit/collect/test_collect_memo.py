"""Memos: one derivation a key, never more than two generations, long keys not kept."""

from hypothesis import given
from hypothesis import strategies as st

from hubbub.collect.memo import Memo


class Deriver:
    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, key: str) -> str:
        self.asked.append(key)
        return key.upper()


def test_a_key_is_derived_once() -> None:
    derive = Deriver()
    memo: Memo[str, str] = Memo(derive, limit=8)
    assert [memo["a"], memo["a"], memo["b"], memo["a"]] == ["A", "A", "B", "A"]
    assert derive.asked == ["a", "b"]


def test_a_key_in_use_survives_a_flood_of_others() -> None:
    derive = Deriver()
    memo: Memo[str, str] = Memo(derive, limit=8)
    for number in range(1000):
        assert memo["often"] == "OFTEN"
        assert memo[f"once {number}"] == f"ONCE {number}"
    assert derive.asked.count("often") == 1


def test_a_long_key_is_answered_and_not_kept() -> None:
    memo: Memo[tuple[str, str], int] = Memo(lambda key: len(key[0]), limit=8, longest=10)
    assert memo[("x" * 9, "yy")] == 9
    assert len(memo) == 0
    assert memo[("x" * 8, "yy")] == 8
    assert len(memo) == 1


@given(st.lists(st.text(max_size=3), max_size=200), st.integers(1, 6))
def test_it_answers_right_and_stays_bounded(keys: list[str], limit: int) -> None:
    memo: Memo[str, str] = Memo(str.upper, limit=limit)
    for key in keys:
        assert memo[key] == key.upper()
        assert len(memo) <= limit
        assert len(memo._old) <= limit
