"""Names of keys for readers: countries and languages in words, bins, conditions, and what an empty key means."""

from functools import lru_cache
from importlib.resources import files

from hubbub.core.combinations import LISTS, REST
from hubbub.core.settings import Condition
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
    "form": _("Form sent: {name}"),
    "404": _("Not found: {name}"),
}
BINS = {
    "engaged": {
        "under 5 s": _("under 5 s"),
        "5 s": _("5–15 s"),
        "15 s": _("15–30 s"),
        "30 s": _("30–60 s"),
        "1 min": _("1–3 min"),
        "3 min": _("3–10 min"),
        "10 min and over": _("over 10 min"),
    },
    "scroll": {
        "under 25 %": _("under 25 %"),
        "25 %": _("25–50 %"),
        "50 %": _("50–75 %"),
        "75 %": _("75–90 %"),
        "90 % and over": _("to the end"),
    },
    "returning": {
        "first": _("for the first time"),
        "1 day": _("a day later"),
        "2-7 days": _("2–7 days later"),
        "8-30 days": _("8–30 days later"),
        "over 30 days": _("after over 30 days"),
    },
}
KINDS = {
    "outlink": _("any link out"),
    "download": _("any download"),
    "form": _("any form sent"),
    "search": _("any search"),
    "404": _("any page that was not found"),
}
ROLES = {"viewer": _("viewer"), "analyst": _("analyst"), "admin": _("admin")}
VERDICTS = {"confirm": _("confirmed"), "dismiss": _("dismissed")}
UNKNOWN = {"ZZ": _("Unknown country"), "other": _("Other")}


def key_label(dimension: str, key: str, texts: Texts) -> str:
    """What a reader sees for a key: `AT` is Austria, `de` is German."""
    if not key:
        return texts.translate(EMPTY.get(dimension, _("Not given")))
    if dimension in LISTS and key == REST:
        return texts.say(_("All others"))
    if dimension in ("country", "language"):
        name = UNKNOWN.get(key) or read_names(dimension).get(key)
        return texts.translate(name) if name else key
    if dimension in BINS:
        return texts.translate(BINS[dimension].get(key, key))
    if dimension == "event":
        kind, colon, name = key.partition(":")
        return texts.say(EVENTS.get(kind, "{name}"), name=name.lstrip() if colon and kind in EVENTS else key)
    return key


def condition_label(condition: Condition, texts: Texts) -> str:
    """What a page view or an event must be, for readers: `/permits/*`, or `Ticket bought, kind: annual`."""
    if condition.page:
        return condition.page
    if condition.event in KINDS:
        return texts.translate(KINDS[condition.event])
    if not condition.property:
        return condition.event
    return f"{condition.event}, {condition.property}: {condition.value or '*'}"


@lru_cache(maxsize=2)
def read_names(dimension: str) -> dict[str, str]:
    """Code → English name, from `locale/country.txt` and `locale/language.txt` (a code, a space, a name a line)."""
    text = files("hubbub.serve").joinpath("locale", f"{dimension}.txt").read_text("utf-8")
    pairs = (line.split(" ", 1) for line in text.splitlines() if line)
    return {code: name for code, name in pairs}
