"""`locale/hubbub.pot` holds every text that readers see: translators start from it.

After changing a text: HUBBUB_WRITE_TEXTS=1 pytest tests/unit/serve/test_serve_catalogue.py
"""

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path

from hubbub.publish.catalogue import METRICS
from hubbub.serve.texts import LOCALE_FOLDER

SERVE = LOCALE_FOLDER.parent
CATALOGUE = LOCALE_FOLDER / "hubbub.pot"
QUOTED = r"'((?:[^'\\]|\\.)*)'"
HEADER = r"""msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"
"""

Found = tuple[str, str]


def in_python(path: Path) -> Iterator[Found]:
    """Texts marked in a module: `_("…")`, `say("…")`, `many("…", "…", n)`."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        words = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        if name in ("_", "say") and words:
            yield words[0], ""
        elif name == "many" and len(words) == 2:
            yield words[0], words[1]


def in_template(path: Path) -> Iterator[Found]:
    """Texts of a template: `_('…')` and `many('…', '…', n)`."""
    text = path.read_text("utf-8")
    for found in re.finditer(rf"\b_\({QUOTED}", text):
        yield found[1], ""
    for found in re.finditer(rf"\bmany\({QUOTED}, {QUOTED}", text):
        yield found[1], found[2]


def all_texts() -> list[Found]:
    found: set[Found] = set()
    folders = ("pages", "messages", "charts")
    for path in [*SERVE.glob("*.py"), *(path for name in folders for path in (SERVE / name).rglob("*.py"))]:
        found |= set(in_python(path))
    for path in (SERVE / "templates").glob("*.jinja"):
        found |= set(in_template(path))
    found |= {(text, "") for metric in METRICS.values() for text in (metric.label, metric.definition)}
    return sorted(found)


def written(texts: list[Found]) -> str:
    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    entries = (
        f'msgid {quoted(one)}\nmsgid_plural {quoted(several)}\nmsgstr[0] ""\nmsgstr[1] ""\n'
        if several
        else f'msgid {quoted(one)}\nmsgstr ""\n'
        for one, several in texts
    )
    return "\n".join([HEADER, *entries])


def test_the_catalogue_holds_every_text() -> None:
    texts = all_texts()
    if os.environ.get("HUBBUB_WRITE_TEXTS"):
        CATALOGUE.write_text(written(texts), "utf-8")
    assert len(texts) > 150
    assert CATALOGUE.read_text("utf-8") == written(texts)


def test_templates_hold_no_text_that_is_not_marked() -> None:
    loose = []
    for path in (SERVE / "templates").glob("*.jinja"):
        text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<[^>]*>|&\w+;", "\0", path.read_text("utf-8"), flags=re.DOTALL)
        loose += [(path.name, word) for word in re.findall(r"[A-Za-z]{2,}", text)]
    assert loose == []
