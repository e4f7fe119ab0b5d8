"""The sample city with operators, and a browser that signs in."""

import re
import sys
from pathlib import Path
from typing import Any

from litestar.testing import TestClient
from sqlalchemy import Engine

sys.path.insert(0, str(Path(__file__).parents[1] / "operate"))

from operator_samples import PASSWORD, TurnedClock, cheap_hashing, sample_operators
from page_samples import sample_read_side, sample_settings

from hubbub.cli.config_targets import check_target
from hubbub.collect.refused_values import why_personal
from hubbub.core.settings import Access
from hubbub.operate.notebook import Notebook, Rules
from hubbub.operate.operators import Operators
from hubbub.operate.roles import Role
from hubbub.publish.marts import Marts
from hubbub.serve.dashboard import dashboard_app
from hubbub.serve.reading import ReadSide

HERE = "http://127.0.0.1:8000"
__all__ = ["PASSWORD", "TurnedClock", "cheap_hashing"]
BROWSER = {"accept": "text/html", "sec-fetch-site": "same-origin"}
PEOPLE = {"mayor": Role.ADMIN, "ana": Role.ANALYST, "vic": Role.VIEWER}


def city_with_operators(
    folder: Path, marts: Marts, clock: TurnedClock, access: Access | None = None
) -> tuple[ReadSide, Operators]:
    """The read side, and its operators: an admin, an analyst and a viewer."""
    operators = sample_operators(folder, clock, **PEOPLE)
    notebook = sample_notebook(operators.engine, clock)
    return sample_read_side(marts.folder, access=access, marts=marts, operators=operators, notebook=notebook), operators


def sample_notebook(engine: Engine, clock: TurnedClock) -> Notebook:
    """What may be written in the sample city: what hubbub itself would take."""
    rules = Rules(why_personal, lambda target: check_target("target", target, sample_settings()), frozenset({"taken"}))
    return Notebook(engine, clock, rules)


def browser_of(read_side: ReadSide, address: str = HERE) -> TestClient[Any]:
    """A browser at the city's pages."""
    client = TestClient(dashboard_app(read_side), base_url=address)
    client.headers.update(BROWSER)
    return client


def form_token_in(text: str) -> str:
    """What the first form of a page carries."""
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', text)
    assert found is not None, text
    return found[1]


def sign_in(client: TestClient[Any], name: str, password: str = PASSWORD, after: str = "") -> Any:
    """Fill in the sign-in page; what it answers, before any redirection."""
    page = client.get("/sign-in", params={"next": after} if after else {})
    fields = {"csrf": form_token_in(page.text), "name": name, "password": password, "next": after}
    return client.post("/sign-in", data=fields, follow_redirects=False)


def send(client: TestClient[Any], path: str, page: str, **fields: str) -> Any:
    """Send a form with the token that stands on a page."""
    token = form_token_in(client.get(page).text)
    return client.post(path, data={"csrf": token, **fields}, follow_redirects=False)
