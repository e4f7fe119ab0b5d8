"""Cleaning of paths, so that a page's address cannot carry a person."""

import re
from unicodedata import normalize

from hubbub.collect.tokens import is_token, word_letters

STAR = "*"
LONGEST_PATH = 512
LONGEST_SEGMENT = 200
_LONGEST_READ = 4096
_ROUNDS = 8

# Most paths: short words and short numbers. Nothing in them could need cleaning.
_PLAIN = re.compile(r"(?:/(?:[A-Za-z][a-z]{0,8}(?:-[a-z]{1,9}){0,15}|\d{1,5})){1,8}/?(?:\.[a-z]{1,5})?|/")
_PLAIN_VALUE = re.compile(r"(?:[A-Za-z]{1,9}(?:[ _-][A-Za-z]{1,9}){0,4})?")
_ENCODED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_ENCODED_PERCENT = re.compile(r"%(?:25)+")
# Control and format characters, among them zero-width ones, direction marks, tags and lone surrogates.
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
_END = re.compile(r"[?#]")

_MAIL = re.compile(r"@|[(\[{]at[)\]}]", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_NAMED_NUMBERS = re.compile(
    r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}"  # UUID
    r"|(?<![0-9a-f])(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}(?![0-9a-f])"  # hardware address
    r"|(?:[0-9a-f]{0,4}:){2,7}[0-9a-f.]{1,15}"  # IPv6
    r"|(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?!\.?\d)",  # IPv4
    re.IGNORECASE,
)
_LONG_NUMBER = re.compile(r"\d{6,}")
_GROUPS = re.compile(r"\+?\(?\d+(?:[\s.()/_+-]{1,3}\d+)+")
_DATES = re.compile(
    r"(?<!\d)(?:19|20)\d\d[\s._-](?:0?[1-9]|1[0-2])[\s._-](?:0?[1-9]|[12]\d|3[01])(?!\d)"
    r"|(?<!\d)(?:0?[1-9]|[12]\d|3[01])[\s._-](?:0?[1-9]|[12]\d|3[01])[\s._-](?:19|20)\d\d(?!\d)"
    r"|(?<!\d)(?:19|20)\d\d(?!\d)"
)
_FEWEST_DIGITS = 7
_PIECE = re.compile(r"[^\W_]{8,}")
_KEYLIKE = re.compile(r"[\w.=+~-]{16,}")
_STARS = re.compile(r"\*{2,}")


def clean_path(path: str) -> str:
    """The path without what could name a person; cleaning twice changes nothing more.

    E-mail addresses, `@names`, numbers of six digits and more, phone-like groups of digits, UUIDs, network
    addresses and random-looking strings become `*`, wherever they stand in a segment. Percent-encoding is taken
    off, however often it was put on; compatible forms of letters and digits are made one (NFKC). Control characters,
    parameters (`;…`), query and fragment go, `//` becomes `/`, dots are resolved; a trailing slash stays as it
    is. Dates like `/2016/03/28/` stay. At most 512 characters: whole segments are dropped at the end.
    """
    if len(path) <= LONGEST_PATH and _PLAIN.fullmatch(path):
        return path
    text = _END.split(path[: _LONGEST_READ + 1], maxsplit=1)[0]
    is_cut = len(text) > _LONGEST_READ
    text = _END.split(_decoded(text[:_LONGEST_READ]), maxsplit=1)[0]
    segments: list[str] = []
    for segment in _split(text):
        if segment == "..":
            del segments[-1:]
        else:
            segments.append(segment)
    if is_cut:
        del segments[-1:]
    kept: list[str] = []
    length = 0
    for segment in segments:
        cleaned = clean_segment(segment)
        length += 1 + len(cleaned)
        if length >= LONGEST_PATH:
            return "/" + "/".join(kept)
        kept.append(cleaned)
    return "/" + "/".join(kept) + ("/" if kept and text.endswith("/") and not is_cut else "")


def clean_value(text: str, longest: int = 64) -> str:
    """A query parameter's value, cleaned like one segment of a path; `+` is a space. At most `longest` characters."""
    if len(text) <= longest and _PLAIN_VALUE.fullmatch(text):
        return text
    words = " ".join(_decoded(text[:_LONGEST_READ].replace("+", " ")).split())
    return clean_segment(words)[:longest].rstrip()


def clean_segment(segment: str) -> str:
    """Put `*` for every part of one decoded segment that could name a person."""
    if len(segment) > LONGEST_SEGMENT or _MAIL.search(segment):
        return STAR
    # What one pass stars can lay bare something for the next, which must not be left to a second cleaning.
    for _ in range(_ROUNDS):
        cleaned = _clean_once(segment)
        if cleaned == segment:
            return cleaned
        segment = cleaned
    return STAR


def _clean_once(segment: str) -> str:
    has_digits = _DIGIT.search(segment) is not None
    if has_digits:
        segment = _NAMED_NUMBERS.sub(STAR, segment)
        if _KEYLIKE.fullmatch(segment) and _is_key(segment):
            return STAR
    segment = _PIECE.sub(lambda piece: STAR if is_token(piece[0]) else piece[0], segment)
    if has_digits:
        segment = _GROUPS.sub(_clean_groups, segment)
        segment = _LONG_NUMBER.sub(STAR, segment)
    return _STARS.sub(STAR, segment)


def _clean_groups(groups: re.Match[str]) -> str:
    """A phone number and its like: seven digits and more in groups, dates and years not counted."""
    text = groups[0]
    digits = sum(map(str.isdigit, _DATES.sub("", text)))
    return STAR if digits >= _FEWEST_DIGITS else text


def _is_key(segment: str) -> bool:
    """Base64url and the like: small, capital and digits, with hyphens that mean nothing, and few words."""
    if segment.islower() or segment.isupper() or not any(map(str.isdigit, segment)):
        return False
    letters = sum(map(str.isalnum, segment))
    return letters >= 16 and word_letters(segment) * 5 < letters * 2


def _split(text: str) -> list[str]:
    """The segments of a path, without parameters, surplus blanks, empty ones and single dots."""
    named = (" ".join(segment.partition(";")[0].split()) for segment in text.split("/"))
    return [segment for segment in named if segment not in {"", "."}]


def _decoded(text: str) -> str:
    """The text as a person reads it. What does not come to rest in eight rounds is hidden whole."""
    for _ in range(_ROUNDS):
        decoded = _decode_once(text)
        if decoded == text:
            return text
        text = decoded
    return STAR


def _decode_once(text: str) -> str:
    if "%" in text:
        text = _ENCODED.sub(_decode_bytes, _ENCODED_PERCENT.sub("%", text))
    if not text.isascii():
        text = normalize("NFKC", text)
    if not text.isprintable():
        text = _INVISIBLE.sub("", text)
    return text.replace("\\", "/") if "\\" in text else text


def _decode_bytes(encoded: re.Match[str]) -> str:
    """UTF-8 where it is that, else Latin-1, as old pages send it."""
    data = bytes.fromhex(encoded[0].replace("%", ""))
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")
