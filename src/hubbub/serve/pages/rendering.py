"""Templates: one environment a language, strict about names, and without any HTML that was not escaped."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from hubbub.serve.names import ROLES
from hubbub.serve.pages import addresses
from hubbub.serve.pages.assets import asset_url
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
    made.globals.update(
        _=texts.say,
        many=texts.many,
        texts=texts,
        asset_url=asset_url,
        drawn=Markup,
        overview_url=addresses.overview_url,
        site_url=addresses.site_url,
        list_url=addresses.list_url,
        key_url=addresses.key_url,
        and_url=addresses.and_url,
        choice_url=addresses.choice_url,
        measures_url=addresses.measures_url,
        table_url=addresses.table_url,
        target_url=addresses.target_url,
        target_form_url=addresses.target_form_url,
        notes_url=addresses.notes_url,
        finding_url=addresses.finding_url,
        NEW_TARGET=addresses.NEW_TARGET,
        OPERATORS_ALERTS=addresses.OPERATORS_ALERTS,
        TARGETS=addresses.TARGETS,
        MEASURES=addresses.MEASURES,
        VERIFY=addresses.VERIFY,
        SIGN_IN=addresses.SIGN_IN,
        SIGN_OUT=addresses.SIGN_OUT,
        PASSWORD=addresses.PASSWORD,
        OPERATORS=addresses.OPERATORS,
        OPERATORS_ACCOUNTS=addresses.OPERATORS_ACCOUNTS,
        OPERATORS_KEYS=addresses.OPERATORS_KEYS,
        OPERATORS_LOG=addresses.OPERATORS_LOG,
        ROLES=ROLES,
        TRENDS=addresses.TRENDS,
        LEDGER_JSON=addresses.LEDGER_JSON,
        PLANS_JSON=addresses.PLANS_JSON,
        AUDIT_JSON=addresses.AUDIT_JSON,
    )
    return made


def render(name: str, texts: Texts, **values: Any) -> str:
    """The page made from the template `name`."""
    return environment(texts.language).get_template(f"{name}.html.jinja").render(values)
