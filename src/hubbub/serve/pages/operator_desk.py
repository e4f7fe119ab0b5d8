"""The pages of admins: accounts, API keys, and the log of changes."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from anyio import to_thread
from litestar import Response, post, route
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from hubbub.core.errors import HubbubError, InputError
from hubbub.operate.accounts import Account
from hubbub.operate.api_keys import ApiKey, Scope
from hubbub.operate.changes import Change
from hubbub.operate.operators import Operators
from hubbub.operate.roles import Operator, Role
from hubbub.serve.pages import addresses
from hubbub.serve.pages.forms import read_fields, signed_in
from hubbub.serve.pages.frame import make_frame
from hubbub.serve.pages.rendering import render
from hubbub.serve.pages.replies import READ, AnyRequest, answer_fresh, make, texts_for
from hubbub.serve.reading import ReadSide
from hubbub.serve.signed_in import needs
from hubbub.serve.texts import Texts, _

LINES = 100  # of the log a page


class AccountLine(Struct, frozen=True):
    """One account; `words` says how it stands."""

    name: str
    role: Role
    is_active: bool
    is_provided: bool
    words: str


class KeyLine(Struct, frozen=True):
    """One API key; `words` says until when it is good."""

    name: str
    scopes: str
    is_valid: bool
    words: str


class Once(Struct, frozen=True):
    """A secret that is shown once."""

    words: str
    secret: str
    hint: str


class DeskView(Struct, frozen=True):
    """Accounts and keys; `opened` names the form in which something was refused."""

    accounts: tuple[AccountLine, ...]
    keys: tuple[KeyLine, ...]
    once: Once | None = None
    refusal: str = ""
    opened: str = ""


class LogLine(Struct, frozen=True):
    """One line of the log for readers."""

    when: str
    who: str
    what: str
    subject: str
    before: str
    after: str


class LogView(Struct, frozen=True):
    """A page of the log; `older` leads to the next one."""

    lines: tuple[LogLine, ...]
    older: str = ""


def desk_handlers(read_side: ReadSide, operators: Operators) -> list[ControllerRouterHandler]:
    """The routes of admins' pages."""
    zone = ZoneInfo(read_side.settings.timezone)

    def desk_page(request: AnyRequest, once: Once | None = None, refusal: str = "", opened: str = "") -> Any:
        texts, now_ms = texts_for(request), operators.now_ms()
        view = DeskView(
            tuple(_account_line(account, texts) for account in operators.accounts()),
            tuple(_key_line(key, texts, now_ms, zone) for key in operators.api_keys()),
            once,
            refusal,
            opened,
        )
        page = render("operators", texts, frame=make_frame(read_side, "", signed_in(request)), view=view)
        return answer_fresh(request, make(page), 400 if refusal else 200)

    def do(request: AnyRequest, opened: str, work: Callable[[], Once | None]) -> Any:
        try:
            once = work()
        except HubbubError as error:
            return desk_page(request, None, str(error), opened)
        return desk_page(request, once)

    @route(addresses.OPERATORS, http_method=READ, guards=[needs(Role.ADMIN)], name="operators")
    async def desk(request: AnyRequest) -> Response[bytes]:
        return await to_thread.run_sync(desk_page, request)

    @post(addresses.OPERATORS_ACCOUNTS, guards=[needs(Role.ADMIN)], name="operators_accounts", status_code=200)
    async def change_account(request: AnyRequest) -> Response[bytes]:
        act, name, role = await read_fields(request, "act", "name", "role")
        operator, texts = signed_in(request), texts_for(request)

        def work() -> Once | None:
            return _change_account(operators, operator, (act, name.strip(), role), texts)

        return await to_thread.run_sync(do, request, "accounts" if act == "add" else "", work)

    @post(addresses.OPERATORS_KEYS, guards=[needs(Role.ADMIN)], name="operators_keys", status_code=200)
    async def change_key(request: AnyRequest) -> Response[bytes]:
        act, name, days, reads, writes = await read_fields(request, "act", "name", "days", "read", "write")
        operator, texts = signed_in(request), texts_for(request)
        scopes = [scope for scope, is_chosen in ((Scope.READ, reads), (Scope.WRITE, writes)) if is_chosen]

        def work() -> Once | None:
            if act == "revoke":
                operators.revoke_key(operator, name)
                return None
            if act != "add" or not (days.isascii() and days.isdigit()):
                raise InputError("form", "it asks for nothing that is done here", "Fill it in again.")
            key = operators.add_key(operator, name.strip(), scopes, int(days[:4]))
            told = texts.say(_("The key {name}, shown this once:"), name=name.strip())
            return Once(told, key, texts.say(_("Programs send it as “Authorization: Bearer KEY”.")))

        return await to_thread.run_sync(do, request, "keys" if act == "add" else "", work)

    @route(addresses.OPERATORS_LOG, http_method=READ, guards=[needs(Role.ADMIN)], name="operators_log")
    async def log(request: AnyRequest) -> Response[bytes]:
        before = request.query_params.get("before", "")
        until = int(before[:15]) if before.isascii() and before.isdigit() else None
        texts, operator = texts_for(request), signed_in(request)

        def made() -> Response[bytes]:
            found = operators.changes(LINES + 1, until)
            older = f"{addresses.OPERATORS_LOG}?before={found[LINES - 1].seq}" if len(found) > LINES else ""
            view = LogView(tuple(_log_line(change, texts, zone) for change in found[:LINES]), older)
            page = render("operators_log", texts, frame=make_frame(read_side, "", operator), view=view)
            return answer_fresh(request, make(page))

        return await to_thread.run_sync(made)

    return [desk, change_account, change_key, log]


def _change_account(operators: Operators, operator: Operator, asked: tuple[str, str, str], texts: Texts) -> Once | None:
    act, name, role = asked
    if act == "disable":
        operators.disable_account(operator, name)
    elif act == "enable":
        operators.enable_account(operator, name)
    elif act == "role" and role in list(Role):
        operators.choose_role(operator, name, Role(role))
    elif act == "reset":
        return _password_once(name, operators.reset_account(operator, name), texts)
    elif act == "add" and role in list(Role):
        return _password_once(name, operators.add_account(operator, name, Role(role)), texts)
    else:
        raise InputError("form", "it asks for nothing that is done here", "Fill it in again.")
    return None


def _password_once(name: str, password: str, texts: Texts) -> Once:
    told = texts.say(_("Password of {name} for once, shown this once:"), name=name)
    return Once(told, password, texts.say(_("It is good for 24 hours, and has to be replaced at the first sign-in.")))


def _account_line(account: Account, texts: Texts) -> AccountLine:
    words = _("active") if account.is_active else _("disabled")
    if account.is_active and account.is_once:
        words = _("waits for its first sign-in")
    elif account.is_active and account.is_provided:
        words = _("active, by the city’s provider")
    return AccountLine(account.name, account.role, account.is_active, account.is_provided, texts.translate(words))


def _key_line(key: ApiKey, texts: Texts, now_ms: int, zone: ZoneInfo) -> KeyLine:
    named = {Scope.READ: _("reading"), Scope.WRITE: _("changes")}
    scopes = ", ".join(texts.translate(named[scope]) for scope in key.scopes)
    day = texts.day(_moment(key.until_ms, zone).date())
    words = texts.say(_("until {day}") if key.is_valid(now_ms) else _("expired on {day}"), day=day)
    if key.is_revoked:
        words = texts.say(_("revoked"))
    return KeyLine(key.name, scopes, key.is_valid(now_ms), words)


def _log_line(change: Change, texts: Texts, zone: ZoneInfo) -> LogLine:
    moment = _moment(change.at_ms, zone)
    when = f"{texts.day(moment.date())}, {moment:%H:%M}"
    return LogLine(when, change.who, change.what, change.subject, change.before, change.after)


def _moment(at_ms: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone)
