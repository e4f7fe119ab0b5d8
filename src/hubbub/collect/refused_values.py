"""What a value looks like that names a person: an e-mail address, a telephone, document, bank or card number.

Such values are refused whoever declares them, and dropped from what visitors type. Documents and accounts are known by
python-stdnum, telephones by phonenumbers; both are loaded at the first value that could be one. This goes beyond
`paths.clean_value`, which stars what has no place in an address whether or not it names someone.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib import import_module
from importlib.resources import files
from types import ModuleType
from unicodedata import normalize

from hubbub.collect.paths import STAR, clean_value
from hubbub.collect.tables.documents import ACCOUNTS, CARD_BEGINS, CARD_LENGTHS, DOCUMENTS

FEWEST_DIGITS = 6  # of all numbers that are looked for; what has fewer, and no @, is never looked at
LONGEST_READ = 256
_FEWEST_OF_TELEPHONES = 7

_MAIL = re.compile(r"[^\s@]@[^\s@]+|\w\s*[(\[{]\s*at\s*[)\]}]\s*\w", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
# What people write with digits that is no one's number: dates, pairs of years, times of day, round sums.
_DATES = re.compile(
    r"(?<![\w-])(?:19|20)\d\d([ ._/-])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12]\d|3[01])(?![\w-])"
    r"|(?<![\w-])(?:0?[1-9]|[12]\d|3[01])([ ._/-])(?:0?[1-9]|1[0-2])\2(?:19|20)\d\d(?![\w-])"
    r"|(?<![\w-])(?:19|20)\d\d ?[/–-] ?(?:19|20)\d\d(?![\w-])"
    r"|(?<![\w:])\d\d?:\d\d(?![\w:])|(?<![\w.,])\d{1,3}(?:[.,]000)+(?![\w.,])"
)
_YEARS = re.compile(r"(?<![^ ])(?:19|20)\d\d(?![^ ])")
# Groups that begin with a digit, or are few letters before one; and what a whole IBAN could be.
_NUMBERS = re.compile(r"(?<!\w)[A-Za-z]{0,6}\d\w*(?:[ ./-]{1,2}\d\w*|[ -][A-Za-z](?!\w))*")
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d\d(?: ?[A-Z0-9]){11,30}(?!\w)", re.IGNORECASE)
_SEPARATORS = re.compile(r"[\W_]+")
# Numbers without a check digit that have a form of their own: the British and the American social security numbers.
_FORMS = re.compile(
    r"(?<!\w)(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D](?!\w)"
    r"|(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d\d-(?!0000)\d{4}(?![\w-])",
    re.IGNORECASE,
)


def could_name(text: str) -> bool:
    """Whether a text has what all those numbers and addresses have: an @, or six digits. Cheap."""
    return "@" in text or len(_DIGIT.findall(text)) >= FEWEST_DIGITS or "(at)" in text.lower()


@lru_cache(maxsize=4096)
def why_personal(text: str, region: str = "") -> str:
    """What of a person the text looks like, with its article; "" when like nothing.

    `region` (ISO 3166-1 alpha-2) is where telephone numbers without a country's prefix are dialled.
    """
    if not could_name(text):
        return ""
    text = _plain_digits(text[:LONGEST_READ])
    if _MAIL.search(text):
        return "an e-mail address"
    text = _DATES.sub("; ", text)
    if len(_DIGIT.findall(_YEARS.sub("", text))) < FEWEST_DIGITS:
        return ""
    numbers = set(_numbers(text))
    if any(map(_is_account, numbers)):
        return "a bank account or card number"
    if any(map(_is_document, numbers)) or _FORMS.search(text) or _has_telephone(text, region):
        return "a telephone or document number"
    return ""


def clean_free(text: str, longest: int = 64) -> str:
    """A value that anyone may have typed, as `clean_value` leaves it; `*` alone when it looks like a person's."""
    cleaned = clean_value(text, longest)
    return STAR if why_personal(cleaned) else cleaned


@lru_cache(maxsize=4096)
def clean_term(text: str, region: str = "") -> str:
    """What was searched for, as it is kept: in lower case, blanks made one, at most 64 characters.

    `*` when it cannot be kept, since something in it looks like a person's, a long number or a token. The + that
    stands for a blank in a query is none here.
    """
    term = clean_value(" ".join(text[:LONGEST_READ].split()).replace("+", "%2B")).lower()
    return STAR if STAR in term or why_personal(term, region) else term


def load() -> None:
    """Have everything loaded that is loaded at first use: 0.1 s, 12 MB."""
    for names in (*DOCUMENTS.values(), *ACCOUNTS.values(), ("luhn", "iban")):
        for name in names:
            _module(name)
    _has_telephone("+43 1 4000 0", "")


@cache
def region_of(zone: str) -> str:
    """The country of an IANA time zone that is one country's; "" of others, such as UTC."""
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return next((country for country, _, name, *_ in rows if name == zone), "")


def _plain_digits(text: str) -> str:
    """Compatible forms made one, and digits of all scripts written 0 to 9."""
    if text.isascii():
        return text
    return _DIGIT.sub(lambda digit: str(int(digit[0])), normalize("NFKC", text))


def _numbers(text: str) -> Iterator[str]:
    """What could be a number, without its separators: the whole text, and the groups within it."""
    whole = () if ";" in text else (text,)
    for found in (*whole, *_NUMBERS.findall(text), *_IBAN.findall(text)):
        number = found.upper()
        yield _SEPARATORS.sub("", number)
        if "-" in number:  # which some have between their parts, and not without
            yield "".join(number.split())


def _is_account(number: str) -> bool:
    if number.isdigit() and len(number) in CARD_LENGTHS and number[0] in CARD_BEGINS and _is_valid("luhn", number):
        return True
    if number[:2].isalpha() and number[2:4].isdigit() and 15 <= len(number) <= 34 and _is_valid("iban", number):
        return True
    return any(_is_valid(name, number) for name in ACCOUNTS.get(len(number), ()))


def _is_document(number: str) -> bool:
    return any(_is_valid(name, number) for name in DOCUMENTS.get(len(number), ()))


def _is_valid(module: str, number: str) -> bool:
    try:
        return bool(_module(module).is_valid(number))
    except Exception:  # a validator that stumbles has not recognised the number
        return False


@cache
def _module(name: str) -> ModuleType:
    return import_module(f"stdnum.{name}")


def _has_telephone(text: str, region: str) -> bool:
    if len(_DIGIT.findall(text)) < _FEWEST_OF_TELEPHONES:
        return False
    telephones = import_module("phonenumbers")
    international = re.sub(r"(?<!\w)00(?=[1-9])", "+", text)
    matcher = telephones.PhoneNumberMatcher
    valid = telephones.Leniency.VALID
    return any(matcher(international, None, valid)) or bool(region and any(matcher(text, region, valid)))


CACHES = (why_personal, clean_term)
