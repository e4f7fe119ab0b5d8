"""Signing in through the pages, and everything that must not get anyone in."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from litestar import post
from litestar.testing import TestClient
from msgspec.structs import replace
from page_samples import sample_settings, write_sample_marts
from signing_samples import (
    HERE,
    PASSWORD,
    TurnedClock,
    browser_of,
    cheap_hashing,
    city_with_operators,
    form_token_in,
    send,
    sign_in,
)

from hubbub.core.settings import Access, Server
from hubbub.operate.api_keys import Scope
from hubbub.operate.notebook import BlankBook
from hubbub.operate.operators import Operators
from hubbub.operate.roles import CONSOLE, Role
from hubbub.operate.sessions import IDLE_MS, form_token
from hubbub.publish.marts import Marts
from hubbub.serve.api.access import writer_guard
from hubbub.serve.pages.addresses import page_of_ours
from hubbub.serve.pages.replies import SAFE_HEADERS, AnyRequest
from hubbub.serve.reading import ReadSide
from hubbub.serve.signed_in import LONGEST_FORM, Pages, Who, operator_of

__all__ = ["cheap_hashing"]
CITY = tuple[ReadSide, Operators]


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Marts:
    return write_sample_marts(tmp_path_factory.mktemp("marts"), days=8)


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
def city(tmp_path: Path, marts: Marts, clock: TurnedClock) -> Iterator[CITY]:
    found = city_with_operators(tmp_path, marts, clock)
    yield found
    found[1].engine.dispose()


@pytest.fixture
def private(tmp_path: Path, marts: Marts, clock: TurnedClock) -> Iterator[CITY]:
    found = city_with_operators(tmp_path, marts, clock, Access("private"))
    yield found
    found[1].engine.dispose()


@pytest.fixture
def client(city: CITY) -> Iterator[TestClient[Any]]:
    with browser_of(city[0]) as found:
        yield found


def test_a_guest_costs_the_state_database_nothing(city: CITY, client: TestClient[Any]) -> None:
    city[1].find = None  # type: ignore[assignment, method-assign]
    page = client.get("/")
    assert page.status_code == 200
    assert 'href="/sign-in"' in page.text
    assert "Sign out" not in page.text
    assert page.headers["cache-control"].startswith("public")
    assert "set-cookie" not in page.headers


def test_pages_go_on_while_the_state_database_is_out_of_reach(city: CITY, tmp_path: Path, clock: TurnedClock) -> None:
    lost = Operators(sa.create_engine(f"sqlite:///{tmp_path}/nowhere/state.db"), clock)
    token = city[1].sign_in("mayor", PASSWORD).token
    with browser_of(replace(city[0], operators=lost)) as client:
        headers = {"cookie": f"hubbub={token}"}
        assert client.get("/", headers=headers).status_code == 200
        assert client.get("/operators", headers=headers, follow_redirects=False).status_code == 303
        assert sign_in(client, "mayor").status_code == 500


def test_sign_in_leads_on_and_the_page_knows_who_reads_it(client: TestClient[Any]) -> None:
    answer = sign_in(client, "ana", after="/what-we-measure?site=x")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/what-we-measure?site=x"
    (cookie,) = [one for one in answer.headers.get_list("set-cookie") if one.startswith("hubbub=")]
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()
    assert "Path=/" in cookie
    page = client.get("/")
    assert "Signed in: ana, analyst" in page.text
    assert 'href="/operators"' not in page.text
    assert page.headers["cache-control"] == "no-store"
    assert "etag" not in page.headers


def test_pages_of_operators_are_never_kept_for_others(city: CITY, client: TestClient[Any]) -> None:
    """Whoever came first: neither goes into what guests get, nor does what guests got go to an operator."""
    sign_in(client, "mayor")
    assert "mayor" in client.get("/").text
    with browser_of(city[0]) as guest:
        before = guest.get("/")
        assert "mayor" not in before.text
        assert "cookie" in before.headers["vary"]
        seen = client.get("/", headers={"if-none-match": before.headers["etag"]})
        assert seen.status_code == 200
        assert "mayor" in seen.text
        assert "mayor" not in guest.get("/").text
        assert form_token_in(client.get("/").text) != form_token_in(client.get("/").text)


def test_sign_out_ends_the_session(city: CITY, client: TestClient[Any]) -> None:
    sign_in(client, "ana")
    token = client.cookies["hubbub"]
    assert client.get("/sign-out").status_code == 405
    assert send(client, "/sign-out", "/").status_code == 303
    assert "hubbub" not in client.cookies
    assert city[1].find(token) is None
    assert "Signed in" not in client.get("/", headers={"cookie": f"hubbub={token}"}).text


def test_a_new_token_at_sign_in_whatever_the_browser_had(city: CITY, client: TestClient[Any]) -> None:
    """Session fixation: a token planted before, known or made up, is worth nothing afterwards."""
    planted = city[1].sign_in("vic", PASSWORD).token
    client.cookies.set("hubbub", planted, domain="127.0.0.1", path="/")
    page = client.get("/sign-in?next=/password", follow_redirects=False)
    assert page.status_code == 303, "signed in already"
    client.cookies.delete("hubbub")
    page = client.get("/sign-in")
    fields = {"csrf": form_token_in(page.text), "name": "ana", "password": PASSWORD}
    cookies = f"hubbub={planted}; hubbub-form={client.cookies['hubbub-form']}"
    answer = client.post("/sign-in", data=fields, headers={"cookie": cookies}, follow_redirects=False)
    assert answer.status_code == 303
    assert client.cookies["hubbub"] != planted
    assert city[1].find(planted) is None


@pytest.mark.parametrize(("name", "password"), [("ana", "wrong"), ("nobody", PASSWORD), ("", ""), ("ana", "x" * 5000)])
def test_wrong_names_and_passwords_are_told_alike(client: TestClient[Any], name: str, password: str) -> None:
    answer = sign_in(client, name, password)
    assert answer.status_code == 401
    assert "Name and password do not fit together" in answer.text
    assert "hubbub" not in client.cookies
    assert "www-authenticate" not in answer.headers, "no browser shall ask for a password of its own"


def test_after_failures_the_wait_is_told(client: TestClient[Any], clock: TurnedClock) -> None:
    for _ in range(3):
        assert sign_in(client, "ana", "wrong").status_code == 401
    answer = sign_in(client, "ana")
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "1"
    clock.ms += 1000
    assert sign_in(client, "ana").status_code == 303


@pytest.mark.parametrize(
    "harm", ["missing", "wrong", "other session", "guest's", "cross-site", "origin", "null", "json"]
)
def test_what_other_sites_send_changes_nothing(city: CITY, client: TestClient[Any], harm: str) -> None:
    sign_in(client, "mayor")
    token = form_token_in(client.get("/operators").text)
    headers: dict[str, str] = {}
    fields = {"csrf": token, "name": "vic", "act": "disable"}
    if harm == "missing":
        del fields["csrf"]
    elif harm == "wrong":
        fields["csrf"] = "0" * 80
    elif harm == "other session":
        fields["csrf"] = form_token(city[1].sign_in("mayor", PASSWORD).token)
    elif harm == "guest's":
        with browser_of(city[0]) as guest:
            fields["csrf"] = form_token_in(guest.get("/sign-in").text)
    elif harm == "cross-site":
        headers["sec-fetch-site"] = "cross-site"
    elif harm in ("origin", "null"):
        del client.headers["sec-fetch-site"]
        headers["origin"] = "null" if harm == "null" else "http://evil.example"
    if harm == "json":
        answer = client.post("/operators/accounts", json=fields)
        assert answer.status_code == 415
    else:
        answer = client.post("/operators/accounts", data=fields, headers=headers)
        assert answer.status_code == 403
        assert "too old" in answer.text
    assert next(one for one in city[1].accounts() if one.name == "vic").is_active
    client.headers["sec-fetch-site"] = "same-origin"
    good = {"csrf": token, "name": "vic", "act": "disable"}
    assert client.post("/operators/accounts", data=good).status_code == 200
    assert not next(one for one in city[1].accounts() if one.name == "vic").is_active


def test_signing_in_needs_the_page_s_own_form(client: TestClient[Any]) -> None:
    fields = {"name": "ana", "password": PASSWORD}
    assert client.post("/sign-in", data=fields).status_code == 403
    token = form_token_in(client.get("/sign-in").text)
    client.cookies.delete("hubbub-form")
    assert client.post("/sign-in", data=fields | {"csrf": token}).status_code == 403


def test_origin_is_enough_where_a_browser_says_no_more(client: TestClient[Any]) -> None:
    sign_in(client, "ana")
    del client.headers["sec-fetch-site"]
    token = form_token_in(client.get("/").text)
    assert client.post("/sign-out", data={"csrf": token}, headers={"origin": HERE}).status_code == 200
    assert "hubbub" not in client.cookies


@pytest.mark.parametrize("name", ["vic", "ana", ""])
@pytest.mark.parametrize("path", ["/operators", "/operators/log", "/operators/accounts", "/operators/keys"])
def test_only_admins_come_to_the_desk(client: TestClient[Any], name: str, path: str) -> None:
    if name:
        sign_in(client, name)
    is_form = path.endswith(("accounts", "keys"))
    token = form_token_in(client.get("/" if name else "/sign-in").text)
    fields = {"csrf": token, "act": "role", "name": name, "role": "admin"}
    answer = client.post(path, data=fields) if is_form else client.get(path, follow_redirects=False)
    if name:
        assert answer.status_code == 403
        assert "It needs the role admin" in answer.text
    elif is_form:
        assert answer.status_code == 401
    else:
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in?next=%2Foperators")


def test_an_admin_keeps_accounts_and_keys(city: CITY, client: TestClient[Any]) -> None:
    sign_in(client, "mayor")
    added = send(client, "/operators/accounts", "/operators", act="add", name="zoe", role="analyst")
    assert added.status_code == 200
    assert added.headers["cache-control"] == "no-store"
    once = added.text.split("<code>")[1].split("</code>")[0]
    assert "zoe" in client.get("/operators").text
    assert once not in client.get("/operators").text
    assert city[1].sign_in("zoe", once).token
    assert send(client, "/operators/accounts", "/operators", act="role", name="zoe", role="admin").status_code == 200
    assert send(client, "/operators/accounts", "/operators", act="reset", name="zoe").status_code == 200
    assert send(client, "/operators/accounts", "/operators", act="disable", name="zoe").status_code == 200
    key = send(client, "/operators/keys", "/operators", act="add", name="board", days="30", read="yes")
    shown = key.text.split("<code>")[1].split("</code>")[0]
    assert city[1].find_by_key(shown, Scope.READ) is not None
    assert send(client, "/operators/keys", "/operators", act="revoke", name="board").status_code == 200
    assert city[1].find_by_key(shown, Scope.READ) is None
    log = client.get("/operators/log")
    for what in ("account added: zoe", "role changed: zoe", "password reset: zoe", "key added: board", "key revoked"):
        assert what in log.text
    assert shown not in log.text
    assert once not in log.text


@pytest.mark.parametrize(
    "fields",
    [
        {"act": "add", "name": "<script>", "role": "viewer"},
        {"act": "add", "name": "zoe", "role": "owner"},
        {"act": "add", "name": "ana", "role": "viewer"},
        {"act": "disable", "name": "mayor"},
        {"act": "disable", "name": "nobody"},
        {"act": "", "name": "ana"},
        {},
    ],
)
def test_what_cannot_be_done_is_told(client: TestClient[Any], fields: dict[str, str]) -> None:
    sign_in(client, "mayor")
    answer = send(client, "/operators/accounts", "/operators", **fields)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert "<script>" not in answer.text


def test_a_disabled_account_is_out_with_its_next_request(city: CITY, client: TestClient[Any]) -> None:
    sign_in(client, "mayor")
    city[1].choose_role(CONSOLE, "ana", Role.ADMIN)
    city[1].disable_account(CONSOLE, "mayor")
    assert "Signed in" not in client.get("/").text
    assert client.get("/operators", follow_redirects=False).status_code == 303


def test_an_idle_session_is_over(client: TestClient[Any], clock: TurnedClock) -> None:
    sign_in(client, "mayor")
    clock.ms += IDLE_MS
    assert client.get("/operators", follow_redirects=False).status_code == 303


def test_a_password_for_once_opens_only_the_choice_of_another(private: CITY) -> None:
    once = private[1].reset_account(CONSOLE, "ana")
    with browser_of(private[0]) as client:
        assert sign_in(client, "ana", once).status_code == 303
        for path in ("/", "/operators", "/sites/services.example"):
            assert client.get(path, follow_redirects=False).headers["location"] == "/password"
        fields = {"present": once, "wished": "eleven green doors", "again": "eleven green doors"}
        page = "/password"
        assert send(client, page, page, **fields | {"again": "other"}).status_code == 400
        assert send(client, page, page, **fields | {"wished": "short", "again": "short"}).status_code == 400
        assert send(client, page, page, **fields | {"present": "wrong"}).status_code == 400
        assert send(client, page, page, **fields | {"wished": once, "again": once}).status_code == 400
        before = client.cookies["hubbub"]
        assert send(client, page, page, **fields).status_code == 303
        assert client.cookies["hubbub"] != before
        assert client.get("/").status_code == 200


def test_a_private_instance_offers_browsers_to_sign_in_and_programs_a_challenge(private: CITY) -> None:
    with browser_of(private[0]) as client:
        sent_on = client.get("/sites/services.example?period=7d", follow_redirects=False)
        assert sent_on.status_code == 303
        assert sent_on.headers["location"] == "/sign-in?next=%2Fsites%2Fservices.example%3Fperiod%3D7d"
        assert sent_on.headers["cache-control"] == "no-store"
        for path in ("/", "/api/v1/sites"):
            refused = client.get(path, headers={"accept": "*/*"})
            assert refused.status_code == 401
            assert refused.headers["www-authenticate"].startswith("Basic")
        asked = client.get("/sign-in-key", follow_redirects=False)
        assert asked.status_code == 401
        assert asked.headers["www-authenticate"].startswith("Basic")
        answer = sign_in(client, "vic", after="/sites/services.example?period=7d")
        assert client.get(answer.headers["location"]).status_code == 200
        assert client.get("/api/v1/sites").status_code == 200


def test_a_private_instance_takes_keys_of_the_database(private: CITY) -> None:
    key = private[1].add_key(CONSOLE, "board", [Scope.READ], 1)
    other = private[1].add_key(CONSOLE, "script", [Scope.WRITE], 1)
    with browser_of(private[0]) as client:
        for path in ("/", "/api/v1/sites"):
            assert client.get(path, headers={"authorization": f"Bearer {key}"}).status_code == 200
            refused = {"authorization": f"Bearer {other}", "accept": "*/*"}
            assert client.get(path, headers=refused).status_code == 401
        assert client.get("/sign-in-key", auth=("any", key)).status_code == 200


def test_what_the_api_changes_needs_a_key_that_may_write(city: CITY) -> None:
    reader = city[1].add_key(CONSOLE, "board", [Scope.READ], 1)
    writer = city[1].add_key(CONSOLE, "script", [Scope.WRITE], 1)

    @post("/api/v1/note", guards=[writer_guard(city[0])])
    async def note(request: AnyRequest) -> str:
        operator = operator_of(request)
        return operator.name if operator else "nobody"

    book, quiet = BlankBook(), {"openapi_config": None, "logging_config": None}
    app = Pages([note], operators=city[1], settings=city[0].settings, notebook=book, **quiet)
    session = {"cookie": f"hubbub={city[1].sign_in('mayor', PASSWORD).token}"}
    with TestClient(app, base_url=HERE) as client:
        for headers in ({}, session, {"authorization": f"Bearer {reader}"}):
            assert client.post("/api/v1/note", headers=headers).status_code == 401
        answer = client.post("/api/v1/note", headers={"authorization": f"Bearer {writer}"})
        assert answer.text == "key script"


@pytest.mark.parametrize(
    "wished",
    [
        "https://evil.example", "//evil.example", "/\\evil.example", "\\/evil.example", "javascript:alert(1)", "",
        "/a\r\nSet-Cookie: x=1", "/\t/evil.example", "/sign-out", "/sign-in?next=/", "/é", "/" + "a" * 700,
    ],
)  # fmt: skip
def test_nobody_is_led_elsewhere(client: TestClient[Any], wished: str) -> None:
    assert page_of_ours(wished) == "/"
    answer = sign_in(client, "ana", after=wished)
    assert answer.headers["location"] == "/"
    assert "evil" not in str(answer.headers)


def test_headers_keep_browsers_safe_on_every_answer(client: TestClient[Any]) -> None:
    answers = [
        client.get(path, follow_redirects=False)
        for path in (
            "/", "/nothing", "/sites/nothing", "/sign-in", "/operators", "/api/v1/docs", "/api/v1/openapi.json",
            "/api/v1/sites", "/api/v1/nothing", "/api/v1/query?site=nothing", "/sign-in-key", "/?period=never",
        )
    ]  # fmt: skip
    answers.append(client.post("/", data={}))
    answers.append(client.post("/sign-in", data={"name": "x" * LONGEST_FORM}))
    assert {answer.status_code for answer in answers} >= {200, 303, 400, 401, 404, 405, 413}
    for answer in answers:
        for name, value in SAFE_HEADERS.items():
            assert answer.headers[name] in (value, "same-origin" if name == "referrer-policy" else value)
            assert len(answer.headers.get_list(name)) == 1


@pytest.mark.parametrize("way", ["address", "scheme"])
def test_over_https_cookies_are_this_host_s_alone(city: CITY, way: str) -> None:
    read_side, operators = city
    settings, address = sample_settings(), "https://stats.city.example"
    if way == "address":
        settings, address = replace(settings, address=address), "http://stats.city.example"
    with browser_of(replace(read_side, settings=settings), address) as client:
        (cookie,) = client.get("/sign-in").headers.get_list("set-cookie")
        name, _, rest = cookie.partition("=")
        assert name == "__Host-hubbub-form"
        assert "Secure" in rest
        assert "Domain" not in rest
        token = operators.sign_in("ana", PASSWORD).token
        assert "ana" in client.get("/", headers={"cookie": f"__Host-hubbub={token}"}).text
        assert "ana" not in client.get("/", headers={"cookie": f"hubbub={token}"}).text, "anyone could have set it"


@pytest.mark.parametrize(
    ("peer", "said", "is_secure"),
    [
        ("127.0.0.1", "https", True),
        ("127.0.0.1", "http", False),
        ("127.0.0.1", "", False),
        ("192.0.2.9", "https", False),
        ("", "https", False),
    ],
)
def test_a_proxy_that_is_trusted_says_how_the_browser_came(city: CITY, peer: str, said: str, is_secure: bool) -> None:
    settings = replace(sample_settings(), server=Server(trusted_proxies=("127.0.0.1/32",)))
    scope = {"path": "/", "scheme": "http", "client": (peer, 1), "headers": [(b"x-forwarded-proto", said.encode())]}
    assert asyncio.run(Who(city[1], settings).visit(scope)).is_secure is is_secure


def test_over_a_plain_connection_nothing_is_typed_in(city: CITY) -> None:
    with browser_of(city[0], "http://stats.city.example") as client:
        client.headers["x-forwarded-proto"] = "https"  # from no proxy that is trusted
        page = client.get("/sign-in")
        assert "not encrypted" in page.text
        assert 'type="password"' not in page.text
        token = form_token(client.cookies["hubbub-form"])
        sent = client.post("/sign-in", data={"csrf": token, "name": "ana", "password": PASSWORD})
        assert sent.status_code == 400
        assert "hubbub" not in client.cookies
