"""Who is signed in, for pages and API: the session's cookie, the guard of what needs a role, and of what forms send.

A request without a session's cookie costs nothing here: the state database is not asked.
"""

import ipaddress
from collections.abc import Awaitable, Callable
from secrets import token_urlsafe
from typing import Any, Protocol

from anyio import to_thread
from litestar import Litestar, Request
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.exceptions import HTTPException, NotAuthorizedException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler
from msgspec import Struct

from hubbub.core.settings import Settings
from hubbub.operate.notebook import BlankBook
from hubbub.operate.operators import Operators
from hubbub.operate.roles import Operator, Role
from hubbub.operate.sessions import is_form_token

SESSION, FORM, BEGUN = "hubbub", "hubbub-form", "hubbub-begun"  # cookies; over https `__Host-` stands before
LONGEST_FORM = 64 * 1024
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
CHALLENGE = 'Basic realm="hubbub", charset="UTF-8", Bearer realm="hubbub"'
_VISIT = "hubbub.visit"

AnyConnection = ASGIConnection[Any, Any, Any, Any]
Guard = Callable[[AnyConnection, BaseRouteHandler], Awaitable[None]]


class Carrier(Protocol):
    """A request or connection: whatever has a scope."""

    @property
    def scope(self) -> Any: ...


class Visit(Struct, frozen=True):
    """What a request's cookies and its way here say.

    is_secure  the browser came over https, maybe to a proxy before us
    cookies    ours, by their names without prefix
    """

    operator: Operator | None = None
    is_secure: bool = False
    cookies: dict[str, str] = {}


class SignInNeeded(NotAuthorizedException):
    """Only for those who are signed in, or show a key."""

    def __init__(self, detail: str = "sign in, or send an API key as `Authorization: Bearer KEY`") -> None:
        super().__init__(detail, headers={"WWW-Authenticate": CHALLENGE, "Cache-Control": "no-store"})


class ChoiceNeeded(PermissionDeniedException):
    """First a password has to be chosen in place of the one for once."""


class RoleNeeded(PermissionDeniedException):
    """Another role may do this; `role` is the least that may."""

    def __init__(self, role: Role) -> None:
        self.role = role
        super().__init__(f"this needs the role {role.value}")


class ForeignForm(PermissionDeniedException):
    """What was sent is of no form that this instance made for this browser."""

    def __init__(self) -> None:
        super().__init__("this form was not made here for you, or is too old")


class Pages(Litestar):
    """The app of pages and API, which looks who is signed in before it does anything else, and now and then what
    operators have written; those who are signed in see it as it is now.
    """

    def __init__(
        self, *handlers: Any, operators: Operators | None, settings: Settings, notebook: BlankBook, **options: Any
    ) -> None:
        super().__init__(*handlers, **options)
        self._who, self._notebook = Who(operators, settings), notebook

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request."""
        if scope["type"] == "http":
            visit = scope[_VISIT] = await self._who.visit(scope)
            if visit.operator is not None or self._notebook.is_stale:
                await to_thread.run_sync(self._notebook.refresh)
        await super().__call__(scope, receive, send)


class Who:
    """Finds out who is signed in."""

    def __init__(self, operators: Operators | None, settings: Settings) -> None:
        self._operators = operators
        self._has_https_address = settings.address.startswith("https://")
        self._trusted = [ipaddress.ip_network(network) for network in settings.server.trusted_proxies]

    async def visit(self, scope: Any) -> Visit:
        """What is known of a request."""
        if self._operators is None or scope["path"].startswith("/assets/"):
            return Visit()
        is_secure = self._is_secure(scope)
        cookies = _our_cookies(scope, is_secure)
        token, find = cookies.get(SESSION, ""), self._operators.find
        operator = await to_thread.run_sync(find, token) if token else None
        return Visit(operator, is_secure, cookies)

    def _is_secure(self, scope: Any) -> bool:
        if self._has_https_address or scope.get("scheme") == "https":
            return True
        said = _header(scope, b"x-forwarded-proto").split(",")[0].strip().lower()
        return said == "https" and self._is_trusted(scope)

    def _is_trusted(self, scope: Any) -> bool:
        """Whether the request comes from a proxy whose word on the scheme counts."""
        client = scope.get("client") or ("", 0)
        try:
            peer = ipaddress.ip_address(client[0])
        except ValueError:
            return False
        return any(peer in network for network in self._trusted)


def operator_of(request: Carrier) -> Operator | None:
    """The signed-in operator, or who shows a key where a guard has let it in; None for guests."""
    return visit_of(request).operator


def visit_of(request: Carrier) -> Visit:
    """What is known of a request."""
    found: Visit = request.scope.get(_VISIT) or Visit()
    return found


def act_as(connection: Carrier, operator: Operator) -> None:
    """Let the request be this operator's, who has shown a key."""
    connection.scope[_VISIT] = Visit(operator)


def needs(role: Role | str | None) -> Guard:
    """A guard for pages: only operators whose role covers this one; with None any who is signed in.

    A request that may change something (POST) must come from a form of this session: `csrf_field(operator)` in the
    template. The handler reads it with `await request.form()`.
    """
    needed = None if role is None else Role(role)

    async def guard(connection: AnyConnection, _handler: BaseRouteHandler) -> None:
        operator = operator_of(connection)
        if operator is None:
            raise SignInNeeded
        if needed is not None and operator.must_choose:
            raise ChoiceNeeded
        if needed is not None and not operator.may(needed):
            raise RoleNeeded(needed)
        if connection.scope.get("method") not in SAFE_METHODS:
            await check_form(connection, visit_of(connection).cookies.get(SESSION, ""))

    return guard


async def check_form(connection: AnyConnection, token: str) -> None:
    """Raises ForeignForm unless the form was sent from a page of ours that was made for who has this cookie's token."""
    if not is_from_here(connection):
        raise ForeignForm
    if not connection.headers.get("content-type", "").lower().startswith("application/x-www-form-urlencoded"):
        raise HTTPException("send a form as application/x-www-form-urlencoded", status_code=415)
    assert isinstance(connection, Request)
    sent = (await connection.form()).get("csrf")
    if not isinstance(sent, str) or not is_form_token(token, sent):
        raise ForeignForm


def is_from_here(connection: AnyConnection) -> bool:
    """Whether a browser says that one of our own pages sent this; programs, which say nothing of it, pass."""
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = connection.headers.get("origin")
    if origin is None:
        return True
    scheme = "https" if visit_of(connection).is_secure else "http"
    return origin.lower() == f"{scheme}://{connection.headers.get('host', '').lower()}"


def is_encrypted_or_near(connection: AnyConnection) -> bool:
    """Whether a password may be sent: over https, or without leaving this machine."""
    host = connection.headers.get("host", "").lower()
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    return visit_of(connection).is_secure or name in LOOPBACK


def cookie_for(request: Carrier, name: str, value: str) -> Cookie:
    """One of our cookies: for this host alone, out of scripts' reach; an empty value removes it."""
    is_secure = visit_of(request).is_secure
    return Cookie(
        key=_full_name(name, is_secure),
        value=value,
        path="/",
        httponly=True,
        secure=is_secure,
        samesite="lax",
        max_age=None if value else 0,
    )


def new_token() -> str:
    """256 random bits for a cookie."""
    return token_urlsafe(32)


def _full_name(name: str, is_secure: bool) -> str:
    return f"__Host-{name}" if is_secure else name


def _our_cookies(scope: Any, is_secure: bool) -> dict[str, str]:
    """Over https only cookies that no other host and no plain connection could have set."""
    sent = (part.strip().partition("=") for part in _header(scope, b"cookie").split(";"))
    given = {name: value for name, _, value in sent}
    ours = {name: given.get(_full_name(name, is_secure), "") for name in (SESSION, FORM, BEGUN)}
    return {name: value for name, value in ours.items() if 0 < len(value) <= 100}


def _header(scope: Any, name: bytes) -> str:
    return ";".join(value.decode("latin-1") for given, value in scope["headers"] if given.lower() == name)
