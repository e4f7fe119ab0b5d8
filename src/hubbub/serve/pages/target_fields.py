"""A target as the fields of a form, and back: the same settings as in `hubbub.yaml`, one text each."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from hubbub.core.errors import InputError
from hubbub.core.targets import CONFIDENCE, Counted, Target, Window

PERIODS = ("day", "week", "month", "quarter", "year", "once")
READY = ("", "digital_take_up", "completion_rate", "satisfaction", "cost_per_transaction")
BASELINES = ("", "last_year", "previous", "window", "number")
TEXTS = ("name", "title", "ready", "metric", "filter", "funnel", "period", "owner")
FIELDS = (
    *TEXTS, "of_source", "of_metric", "of_filter", "cost", "first", "due", "at_least", "at_most", "low", "high",
    "baseline", "baseline_first", "baseline_last", "baseline_number", "confidence",
)  # fmt: skip


def fields_of(target: Target | None) -> dict[str, str]:
    """What stands in the fields of a target's form; of a new one with None."""
    if target is None:
        blank = dict.fromkeys(FIELDS, "")
        return blank | {"period": "month", "metric": "visitors", "confidence": f"{CONFIDENCE:g}"}
    of, window = target.of, target.baseline if isinstance(target.baseline, Window) else None
    number = target.baseline if isinstance(target.baseline, float | int) else None
    named = target.baseline if isinstance(target.baseline, str) else ""
    low, high = target.between or (None, None)
    return {name: getattr(target, name) for name in TEXTS} | {
        "of_source": of.sources[0] if of and of.sources else "",
        "of_metric": of.metric if of else "",
        "of_filter": of.filter if of else "",
        "cost": _written(target.cost or None),
        "first": _written(target.first),
        "due": _written(target.due),
        "at_least": _written(target.at_least),
        "at_most": _written(target.at_most),
        "low": _written(low),
        "high": _written(high),
        "baseline": "window" if window else "number" if number is not None else named,
        "baseline_first": _written(window.first if window else None),
        "baseline_last": _written(window.last if window else None),
        "baseline_number": _written(number),
        "confidence": _written(target.confidence),
    }


def read_target(fields: Mapping[str, str], sources: Sequence[str]) -> Target:
    """The target that a form holds; it is not checked yet. Raises InputError for what cannot be read."""
    fields = {name: fields.get(name, "").strip() for name in FIELDS}
    said: dict[str, Any] = {name: fields[name] for name in TEXTS} | {"sources": tuple(sources)}
    said["cost"] = _number(fields, "cost") or 0.0
    said["confidence"] = _number(fields, "confidence") or CONFIDENCE
    for name in ("first", "due"):
        said[name] = _day(fields, name)
    for name in ("at_least", "at_most"):
        said[name] = fields[name] if "%" in fields[name] else _number(fields, name)
    if fields["low"] or fields["high"]:
        said["between"] = (_needed(fields, "low"), _needed(fields, "high"))
    if fields["of_metric"]:
        counted = (fields["of_source"],) if fields["of_source"] else ()
        said["of"] = Counted(fields["of_metric"], counted, fields["of_filter"])
    said["baseline"] = _baseline(fields)
    try:
        return msgspec.convert(said, Target)
    except msgspec.ValidationError as error:
        raise InputError("form", str(error), "Choose one of those that are offered.") from None


def _baseline(fields: Mapping[str, str]) -> str | float | Window | None:
    chosen = fields["baseline"]
    if chosen == "number":
        return _needed(fields, "baseline_number")
    if chosen == "window":
        first, last = _day(fields, "baseline_first"), _day(fields, "baseline_last")
        if first is None or last is None:
            raise InputError("baseline", "a day is missing", "Give its first and its last day.")
        return Window(first, last)
    return chosen or None


def _needed(fields: Mapping[str, str], name: str) -> float:
    found = _number(fields, name)
    if found is None:
        raise InputError(name, "it is empty", "Give a number.")
    return found


def _number(fields: Mapping[str, str], name: str) -> float | None:
    text = fields[name].replace(",", "").replace(" ", "")
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        raise InputError(name, f"{text[:40]!r} is no number", "Write it like 60000 or 0.2.") from None


def _day(fields: Mapping[str, str], name: str) -> date | None:
    if not fields[name]:
        return None
    try:
        return date.fromisoformat(fields[name])
    except ValueError:
        raise InputError(name, "this is no day", "Write it as YYYY-MM-DD.") from None


def _written(value: float | str | date | None) -> str:
    if value is None:
        return ""
    if isinstance(value, float | int):
        return f"{value:.12g}"
    return str(value)
