"""Telling random strings from words: session numbers, keys and hashes from what people name their pages."""

import re
from functools import lru_cache
from itertools import pairwise
from unicodedata import combining, normalize

from hubbub.collect.tables.letters import PAIR_COSTS

SHORTEST = 8
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_COSTS = {
    first + second: int(cost)
    for first, row in zip(_LETTERS, PAIR_COSTS, strict=True)
    for second, cost in zip(_LETTERS, row, strict=True)
}
# Runs of letters as a person writes them, with CamelCase taken apart; letters of other scripts are one run.
_RUNS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[^\W\d_A-Za-z]+")
_WORD_LENGTH = 3
_HEX = re.compile(r"[0-9a-fA-F]+")
_CHANGES = re.compile(r"(?<=\d)(?=[A-Za-z])|(?<=[A-Za-z])(?=\d)|(?<=[a-z])(?=[A-Z])")
_NAMES = frozenset({"duckduckgo"})  # of a source, in no language's letters
_SPELLED_OUT = str.maketrans(
    {"ß": "ss", "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "ı": "i", "đ": "d", "Đ": "D", "æ": "ae"}
)


def is_token(piece: str) -> bool:
    """Whether a run of letters and digits looks drawn at random rather than written by a person.

    Either a mixture of letters and digits, or of upper and lower case, of which little lies in word-like runs; or
    letters alone, at least ten, whose pairs belong to no language. Shorter than eight, nothing is a token.
    Of random strings of 16 characters it finds: hexadecimal all, base64url 99 %, base36 95 %, a-z 88 %.
    """
    if len(piece) < SHORTEST:
        return False
    folded = _folded(piece)
    if not folded.isascii():
        return False
    if folded.lower() in _NAMES:
        return False
    if folded.isalpha() and (folded.islower() or folded.isupper() or folded.istitle()):
        return len(folded) >= 10 and _mean_cost(folded.lower()) >= (3.0 if len(folded) < 16 else 2.75)
    length, words, changes = len(folded), word_letters(folded), len(_CHANGES.findall(folded))
    if words * 2 < length:
        is_hex = _HEX.fullmatch(folded) is not None and sum(map(str.isdigit, folded)) >= 2
        return length >= 10 or changes >= 3 or is_hex
    # Random strings have words in them by chance, but change between kinds of characters all the time.
    return length >= 10 and changes * 4 >= length and words * 4 < length * 3


def word_letters(text: str) -> int:
    """How many characters of a text lie in runs of three and more letters that could be (part of) words."""
    return sum(len(run) for run in _RUNS.findall(text) if len(run) >= _WORD_LENGTH and _is_wordlike(run))


def _is_wordlike(run: str) -> bool:
    folded = _folded(run).lower()
    if not folded.isascii():
        return True
    # The shorter a run, the less its mean says: the bounds keep 99.5 % of the words of each length.
    bound = 4.25 if len(folded) == 3 else 3.5 if len(folded) == 4 else 3.0
    return _mean_cost(folded) < bound


@lru_cache(maxsize=8192)
def _mean_cost(word: str) -> float:
    """Mean cost of the pairs of a word of at least two letters a-z."""
    return sum(_COSTS[pair] for pair in map("".join, pairwise(word))) / (len(word) - 1)


def _folded(text: str) -> str:
    """Latin letters without their accents; what is not Latin stays."""
    if text.isascii():
        return text
    parts = normalize("NFKD", text.translate(_SPELLED_OUT))
    return "".join(letter for letter in parts if not combining(letter))


CACHES = (_mean_cost,)
