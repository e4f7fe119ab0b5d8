"""Names of keys for readers: countries and languages in words, and what an empty key means."""

from functools import lru_cache
from importlib.resources import files

from hubbub.serve.texts import Texts, _

EMPTY = {
    "referrer": _("Direct or unknown"),
    "campaign": _("No campaign"),
    "page": _("Other pages"),
    "entry_page": _("Other pages"),
    "exit_page": _("Other pages"),
}
EVENTS = {
    "event": "{name}",
    "outlink": _("Link out: {name}"),
    "download": _("Download: {name}"),
    "404": _("Not found: {name}"),
}
UNKNOWN = {"ZZ": _("Unknown country"), "other": _("Other")}


def key_label(dimension: str, key: str, texts: Texts) -> str:
    """What a reader sees for a key: `AT` is Austria, `de` is German."""
    if not key:
        return texts.translate(EMPTY.get(dimension, _("Not given")))
    if dimension in ("country", "language"):
        name = UNKNOWN.get(key) or read_names(dimension).get(key)
        return texts.translate(name) if name else key
    if dimension == "event":
        kind, colon, name = key.partition(":")
        return texts.say(EVENTS.get(kind, "{name}"), name=name.lstrip() if colon and kind in EVENTS else key)
    return key


@lru_cache(maxsize=2)
def read_names(dimension: str) -> dict[str, str]:
    """Code → English name, from `locale/country.txt` and `locale/language.txt` (a code, a space, a name a line)."""
    text = files("hubbub.serve").joinpath("locale", f"{dimension}.txt").read_text("utf-8")
    pairs = (line.split(" ", 1) for line in text.splitlines() if line)
    return {code: name for code, name in pairs}
