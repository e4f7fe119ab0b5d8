"""The language a browser asks for, as one of a fixed list."""

from functools import lru_cache

from hubbub.core.vocabulary import LANGUAGES

OTHER = "other"
_KNOWN = frozenset(LANGUAGES) - {OTHER}
# Subtags that mean the same to a city as one on the list: Norwegian's written forms, codes that were renamed,
# the members of a macrolanguage.
_SAME = {"nb": "no", "nn": "no", "iw": "he", "in": "id", "fil": "tl", "cmn": "zh", "yue": "zh", "sh": "sr"}
_LONGEST = 256


@lru_cache(maxsize=2048)
def primary_language(accept_language: str) -> str:
    """The primary subtag of the language an Accept-Language header prefers, or "other".

    The first of those with the highest quality counts, whether it is on the list or not: what comes after is a
    second choice, and to count it would say something else. `*` and quality 0 are no wish.
    """
    best, best_quality = "", 0.0
    for item in accept_language[:_LONGEST].split(","):
        tag, _, parameters = item.partition(";")
        quality = _quality(parameters)
        name = tag.strip().replace("_", "-").partition("-")[0].lower()
        if quality > best_quality and name and name != "*":
            best, best_quality = name, quality
    best = _SAME.get(best, best)
    return best if best in _KNOWN else OTHER


def _quality(parameters: str) -> float:
    """The q of one item, 1 when it has none, 0 when it cannot be read."""
    name, _, value = parameters.partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        quality = float(value)
    except ValueError:
        return 0.0
    return quality if 0 <= quality <= 1 else 0.0
