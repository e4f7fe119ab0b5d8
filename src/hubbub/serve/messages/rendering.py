"""Templates of mails: one environment a language, as of pages, without what pages alone need."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hubbub.serve.messages.tokens import light_tokens
from hubbub.serve.texts import Texts, texts_in

FOLDER = Path(__file__).parent.parent / "templates"


@lru_cache(maxsize=8)
def environment(language: str) -> Environment:
    """The environment of one language."""
    texts = texts_in(language)
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(_=texts.say, many=texts.many, texts=texts, token=light_tokens())
    return made


def render(name: str, texts: Texts, **values: Any) -> str:
    """The HTML made from the template `name`."""
    return environment(texts.language).get_template(f"{name}.html.jinja").render(values)
