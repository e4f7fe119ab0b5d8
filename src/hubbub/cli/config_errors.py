"""Says in plain words what is wrong with `hubbub.yaml`: its place, what was found, what is allowed there."""

import re
from collections.abc import Iterator
from typing import Any

from hubbub.core.errors import ConfigError, HubbubError, Refused
from hubbub.core.refusals import why_refused

_PLACE = re.compile(r"(?P<problem>.*) - at `\$\.?(?P<path>.*)`", re.DOTALL)
_KEY = re.compile(r"Expected `str`.* - at `key` in `\$\.?(?P<path>.*)`", re.DOTALL)
_EXPECTED = re.compile(r"Expected `(?P<allowed>.*)`, got `(?P<found>.*)`")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<field>.*)`")
_MISSING = re.compile(r"Object missing required field `(?P<field>.*)`")
_STEP = re.compile(r"\[\.\.\.\]|\[(?P<index>\d+)\]|\.?(?P<name>[^.\[]+)")

_ALLOWED = {
    "budget": "standard, strict, or {epsilon: E, delta: D}",
    "access.mode": "public or private",
    "sites[].collect": "all, live or log",
    "alerts.smtp.security": "starttls, tls or none",
    "alerts.rules[].severity": "info, warning or critical",
    "alerts.rules[].findings.direction": "up, down or any",
    "reports[].every": "week or month",
}
_WORDS = {
    "str": "text; put it in quotes if it looks like something else",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list, such as [a, b]",
    "object": "settings, each as `name: value`",
}
_LONGEST = 60
_INDEX = re.compile(r"\[\d+\]")


def config_error(message: str, tree: Any, file: str) -> HubbubError:
    """What msgspec says of the settings `tree`, for a person."""
    if key := _KEY.fullmatch(message):
        return ConfigError(key["path"] or file, "a name that is not text", _WORDS["str"])
    match = _PLACE.fullmatch(message)
    problem, pattern = (match["problem"], match["path"]) if match else (message, "")
    expected = _EXPECTED.fullmatch(problem)
    places = list(_places(tree, pattern))
    wrong = [(path, value) for path, value in places if expected is None or _kind(value) == expected["found"]]
    path, value = (wrong or places or [(pattern, None)])[0]
    prefix = f"{path}." if path else ""
    if unknown := _UNKNOWN.fullmatch(problem):
        if reason := why_refused(unknown["field"]):
            return Refused(f"{prefix}{unknown['field']} is refused: {reason}")
        return ConfigError(f"{prefix}{unknown['field']}", "a setting hubbub does not know", "see docs/settings.md")
    if missing := _MISSING.fullmatch(problem):
        return ConfigError(f"{prefix}{missing['field']}", "nothing", "this setting is required")
    known = _ALLOWED.get(_INDEX.sub("[]", path))
    allowed = known or "see docs/settings.md"
    if expected and not known:
        allowed = " or ".join(_WORDS.get(kind, kind) for kind in expected["allowed"].split(" | "))
    return ConfigError(path or file, _shown(value), allowed)


def _places(tree: Any, pattern: str) -> Iterator[tuple[str, Any]]:
    """Every (path, value) that msgspec's path may mean: it writes `[...]` for any key of a mapping."""
    found = [("", tree)]
    for step in _STEP.finditer(pattern):
        further = []
        for path, value in found:
            if step["index"] is not None and isinstance(value, list):
                further.append((f"{path}[{step['index']}]", value[int(step["index"])]))
            elif step["name"] is not None and isinstance(value, dict) and step["name"] in value:
                further.append((f"{path}.{step['name']}".lstrip("."), value[step["name"]]))
            elif step["index"] is None and step["name"] is None and isinstance(value, dict):
                further += [(f"{path}.{key}", inner) for key, inner in value.items()]
            elif step["index"] is None and step["name"] is None and isinstance(value, list):
                further += [(f"{path}[{index}]", inner) for index, inner in enumerate(value)]
        found = further
    yield from found


def _kind(value: Any) -> str:
    """What msgspec calls a value."""
    names = {type(None): "null", list: "array", dict: "object"}
    return names.get(type(value), type(value).__name__)


def _shown(value: Any) -> str:
    """A value as the file has it, or what it is when it is long."""
    if value is None:
        return "nothing"
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "settings"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
