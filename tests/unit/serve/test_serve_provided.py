"""Signing in by a city's provider: the whole flow against a real one on 127.0.0.1, and all that it must not let in."""

import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit

import pytest
from litestar.testing import TestClient
from msgspec.structs import replace
from page_samples import write_sample_marts
from provider import CLIENT, SECRET, Provider
from signing_samples import HERE, PASSWORD, TurnedClock, browser_of, cheap_hashing, city_with_operators, sign_in

from hubbub.core.sign_in import ProvidedRoles, SignIn
from hubbub.operate.operators import Operators
from hubbub.operate.provided import MOST_PENDING, PENDING_MS, role_of
from hubbub.operate.roles import CONSOLE, Role
from hubbub.publish.marts import Marts
from hubbub.serve.reading import ReadSide

__all__ = ["cheap_hashing"]
ROLES = ProvidedRoles("groups", ("stats-admins",), ("stats", "open-data"), ("staff",))
Served = tuple[ReadSide, Operators]


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Shows where a redirection leads instead of going there."""

    def redirect_request(self, *_: Any) -> None:
        return None


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Marts:
    return write_sample_marts(tmp_path_factory.mktemp("marts"), days=8)


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
def provider(clock: TurnedClock) -> Iterator[Provider]:
    found = Provider(lambda: clock.ms // 1000)
    yield found
    found.close()


@pytest.fixture
def served(tmp_path: Path, marts: Marts, clock: TurnedClock, provider: Provider) -> Iterator[Served]:
    read_side, local = city_with_operators(tmp_path, marts, clock)
    secret = tmp_path / "secret"
    secret.write_text(SECRET + "\n")
    settings = SignIn(provider.issuer, CLIENT, str(secret), ROLES, "City account")
    operators = Operators.of(local.engine, clock, settings, HERE)
    yield replace(read_side, operators=operators), operators
    local.engine.dispose()


@pytest.fixture
def client(served: Served) -> Iterator[TestClient[Any]]:
    with browser_of(served[0]) as found:
        yield found


def at_the_provider(address: str) -> str:
    """What the browser does there: it signs in, and is sent back to this address."""
    opener = urllib.request.build_opener(NoRedirect)
    try:
        opener.open(address, timeout=10)
    except HTTPError as error:
        with error:
            return str(error.headers["Location"])
    raise AssertionError("no redirection")


def begin(client: TestClient[Any], after: str = "") -> str:
    """Begin at the sign-in page; where the browser is sent."""
    answer = client.get("/sign-in/provider", params={"next": after}, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def come_back(client: TestClient[Any], address: str) -> Any:
    assert address.startswith(f"{HERE}/sign-in/back?")
    headers = {"sec-fetch-site": "cross-site"}
    return client.get(address.removeprefix(HERE), headers=headers, follow_redirects=False)


def test_the_whole_way(client: TestClient[Any], served: Served) -> None:
    page = client.get("/sign-in?next=/operators")
    assert "Sign in with City account" in page.text
    assert 'href="/sign-in/provider?next=%2Foperators"' in page.text
    address = begin(client, "/operators")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert asked["redirect_uri"] == f"{HERE}/sign-in/back"
    assert len(asked["state"]) > 40
    assert len(asked["nonce"]) > 40
    assert "code_verifier" not in asked
    answer = come_back(client, at_the_provider(address))
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"] == "/operators"
    assert "hubbub-begun" not in client.cookies
    assert "Signed in: gerda, admin" in client.get("/operators").text
    account = next(one for one in served[1].accounts() if one.name == "gerda")
    assert (account.role, account.is_provided) == (Role.ADMIN, True)
    assert [one.what for one in served[1].changes(2)] == ["signed in", "account added"]
    assert served[1].sign_in("gerda", "").token == "", "no password of its own"
    assert SECRET not in client.get("/operators").text


def test_the_role_follows_the_provider(client: TestClient[Any], served: Served, provider: Provider) -> None:
    come_back(client, at_the_provider(begin(client)))
    provider.claims["groups"] = ["open-data", "others"]
    come_back(client, at_the_provider(begin(client)))
    assert [one.role for one in served[1].accounts() if one.name == "gerda"] == [Role.ANALYST]
    change = next(one for one in served[1].changes(5) if one.what == "role changed")
    assert (change.before, change.after) == ("admin", "analyst, by the provider")


def test_a_name_that_is_taken_stays_whose_it_is(client: TestClient[Any], served: Served, provider: Provider) -> None:
    """Whoever can choose what the provider calls them does not become a local account."""
    provider.claims |= {"preferred_username": "mayor", "groups": ["staff"]}
    come_back(client, at_the_provider(begin(client)))
    assert "Signed in: mayor-2, viewer" in client.get("/").text
    assert next(one for one in served[1].accounts() if one.name == "mayor").role is Role.ADMIN
    assert served[1].sign_in("mayor", PASSWORD).token
    provider.claims["preferred_username"] = "vic"
    come_back(client, at_the_provider(begin(client)))
    assert "Signed in: mayor-2, viewer" in client.get("/").text, "the subject tells, not the name"


def test_a_disabled_account_stays_out(client: TestClient[Any], served: Served) -> None:
    come_back(client, at_the_provider(begin(client)))
    served[1].disable_account(CONSOLE, "gerda")
    answer = come_back(client, at_the_provider(begin(client)))
    assert answer.status_code == 403
    assert "disabled" in answer.text


NOT_IN_ORDER = {
    "nonce": "InvalidClaimError",
    "no nonce": "MissingClaimError",
    "audience": "InvalidClaimError",
    "audiences": "for another party",
    "party": "for another party",
    "issuer": "InvalidClaimError",
    "expired": "ExpiredTokenError",
    "no expiry": "MissingClaimError",
    "no subject": "MissingClaimError",
    "signature": "BadSignatureError",
    "none": "UnsupportedAlgorithmError",
    "symmetric": "UnsupportedAlgorithmError",
    "changed": "BadSignatureError",
    "no ID token": "DecodeError",
    "denied": "did not sign you in",
}


@pytest.mark.parametrize("harm", NOT_IN_ORDER)
def test_what_is_not_in_order_lets_nobody_in(client: TestClient[Any], provider: Provider, harm: str) -> None:
    provider.harm = harm
    if harm == "changed":
        provider.claims["groups"] = ["staff"]
    answer = come_back(client, at_the_provider(begin(client)))
    assert answer.status_code == 403
    assert 'role="alert"' in answer.text
    assert NOT_IN_ORDER[harm] in answer.text
    assert "hubbub" not in client.cookies
    assert "eyJ" not in answer.text, "nothing of the token is shown"
    provider.harm = ""
    assert come_back(client, at_the_provider(begin(client))).status_code == 303, "and a good one does"


def test_a_state_is_good_once(client: TestClient[Any], provider: Provider) -> None:
    back = at_the_provider(begin(client))
    begun = client.cookies["hubbub-begun"]
    assert come_back(client, back).status_code == 303
    asked = provider.token_requests
    client.cookies.clear()
    client.cookies.set("hubbub-begun", begun, domain="127.0.0.1", path="/")
    replayed = come_back(client, back)
    assert replayed.status_code == 403
    assert "used already" in replayed.text
    assert provider.token_requests == asked, "the provider is not even asked"


@pytest.mark.parametrize("harm", ["no cookie", "other cookie", "no state", "other state", "late"])
def test_a_state_is_good_in_the_browser_that_began(
    client: TestClient[Any], provider: Provider, clock: TurnedClock, harm: str
) -> None:
    """Else a link could sign someone in to another's account."""
    back = at_the_provider(begin(client))
    if harm == "no cookie":
        client.cookies.clear()
    elif harm == "other cookie":
        begin(client)
    elif harm == "no state":
        back = back.partition("&state=")[0]
    elif harm == "other state":
        back += "x"
    else:
        clock.ms += PENDING_MS
    assert come_back(client, back).status_code == 403
    assert "hubbub" not in client.cookies
    assert provider.token_requests == 0


def test_a_code_of_another_sign_in_does_not_fit(client: TestClient[Any]) -> None:
    """PKCE: a code that was caught elsewhere is worth nothing here."""
    first = parse_qs(urlsplit(at_the_provider(begin(client))).query)
    second = parse_qs(urlsplit(at_the_provider(begin(client))).query)
    answer = come_back(client, f"{HERE}/sign-in/back?state={second['state'][0]}&code={first['code'][0]}")
    assert answer.status_code == 403


def test_nobody_without_a_role_comes_in(client: TestClient[Any], served: Served, provider: Provider) -> None:
    provider.claims["groups"] = ["others"]
    answer = come_back(client, at_the_provider(begin(client)))
    assert answer.status_code == 403
    assert "no role here" in answer.text
    assert "gerda" not in [one.name for one in served[1].accounts()]


def test_a_provider_that_is_another_or_away_is_told(client: TestClient[Any], provider: Provider) -> None:
    provider.harm = "other issuer"
    answer = client.get("/sign-in/provider", follow_redirects=False)
    assert answer.status_code == 502
    assert "sign_in.issuer" in answer.text
    provider.close()
    assert client.get("/sign-in/provider", follow_redirects=False).status_code == 502
    assert sign_in(client, "ana").status_code == 303, "local accounts still can"


def test_what_waits_is_bounded(client: TestClient[Any], served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hubbub.operate.provided.MOST_PENDING", 3)
    assert MOST_PENDING == 1_000
    for _ in range(5):
        begin(client)
    with served[1].engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM pending_sign_ins").scalar() == 3


@pytest.mark.parametrize(
    ("said", "role"),
    [
        (["staff", "stats-admins"], Role.ADMIN),
        ("stats", Role.ANALYST),
        (["staff"], Role.VIEWER),
        ("stats-admins staff", None),
        (None, None),
        ([["staff"], 5, {}], None),
        ({"staff": 1}, None),
    ],
)
def test_roles_come_from_a_claim(said: object, role: Role | None) -> None:
    assert role_of({"groups": said}, ROLES) is role
