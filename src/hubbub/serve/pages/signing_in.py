"""Signing in and out, and choosing a password."""

from anyio import to_thread
from litestar import Response, get, post, route
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from hubbub.core.errors import HubbubError
from hubbub.operate.operators import Operators, Refusal, Signed
from hubbub.operate.sessions import form_token
from hubbub.serve.api.access import key_guard
from hubbub.serve.pages import addresses
from hubbub.serve.pages.addresses import page_of_ours
from hubbub.serve.pages.forms import read_fields, signed_in
from hubbub.serve.pages.frame import make_frame
from hubbub.serve.pages.rendering import render
from hubbub.serve.pages.replies import READ, AnyRequest, answer_fresh, make, see, texts_for
from hubbub.serve.reading import ReadSide
from hubbub.serve.signed_in import (
    BEGUN,
    FORM,
    SESSION,
    check_form,
    cookie_for,
    is_encrypted_or_near,
    needs,
    new_token,
    operator_of,
    visit_of,
)
from hubbub.serve.texts import Texts, _


class SignInView(Struct, frozen=True):
    """The sign-in page.

    csrf      what its form carries
    after     page of ours to go on to
    is_plain  the connection is not encrypted: there is no form
    provided_href, provider   the city's own sign-in, and what it is called; "" for none
    key_href  where a browser is asked for an API key; "" for nowhere
    """

    csrf: str
    after: str
    is_plain: bool
    name: str = ""
    refusal: str = ""
    provided_href: str = ""
    provider: str = ""
    key_href: str = ""


def sign_in_handlers(read_side: ReadSide, operators: Operators) -> list[ControllerRouterHandler]:
    """The routes by which operators come and go."""
    is_private = read_side.settings.access.mode == "private"
    provider = operators.provider

    def sign_in_page(
        request: AnyRequest, after: str, *, refusal: str = "", name: str = "", status: int = 200
    ) -> Response[bytes]:
        token = visit_of(request).cookies.get(FORM) or new_token()
        href = addresses.provided_url(after) if provider else ""
        view = SignInView(
            form_token(token),
            after,
            not is_encrypted_or_near(request),
            name,
            refusal,
            href,
            provider.name if provider else "",
            addresses.SIGN_IN_KEY if is_private else "",
        )
        page = render("sign_in", texts_for(request), frame=make_frame(read_side, "", operator_of(request)), view=view)
        response = answer_fresh(request, make(page), status)
        response.cookies.append(cookie_for(request, FORM, token))
        return response

    async def enter(request: AnyRequest, token: str, after: str) -> Response[bytes]:
        """Go on with a new session; the one before ends, so that no token from before a sign-in is worth anything."""
        before = visit_of(request).cookies.get(SESSION)
        if before:
            await to_thread.run_sync(operators.sign_out, before)
        response = see(after)
        response.cookies += [
            cookie_for(request, SESSION, token),
            cookie_for(request, FORM, ""),
            cookie_for(request, BEGUN, ""),
        ]
        return response

    @route(addresses.SIGN_IN, http_method=READ, name="sign_in")
    async def sign_in(request: AnyRequest) -> Response[bytes]:
        after = page_of_ours(request.query_params.get("next", ""))
        operator = operator_of(request)
        return see(after) if operator and not operator.must_choose else sign_in_page(request, after)

    @post(addresses.SIGN_IN, name="sign_in_form")
    async def sign_in_form(request: AnyRequest) -> Response[bytes]:
        await check_form(request, visit_of(request).cookies.get(FORM, ""))
        name, password, after = await read_fields(request, "name", "password", "next")
        after, texts = page_of_ours(after), texts_for(request)
        if not is_encrypted_or_near(request):
            return sign_in_page(request, after, status=400)
        signed = await to_thread.run_sync(operators.sign_in, name.strip(), password)
        if signed.refusal is not None:
            status = 429 if signed.refusal is Refusal.WAIT else 401
            response = sign_in_page(request, after, refusal=_why(signed, texts), name=name[:80], status=status)
            if signed.refusal is Refusal.WAIT:
                response.set_header("Retry-After", str(_seconds(signed)))
            return response
        return await enter(request, signed.token, after)

    @post(addresses.SIGN_OUT, guards=[needs(None)], name="sign_out")
    async def sign_out(request: AnyRequest) -> Response[bytes]:
        await to_thread.run_sync(operators.sign_out, visit_of(request).cookies.get(SESSION, ""))
        response = see(addresses.OVERVIEW)
        response.cookies.append(cookie_for(request, SESSION, ""))
        return response

    @get(addresses.SIGN_IN_KEY, guards=[key_guard(read_side)], name="sign_in_key")
    async def sign_in_key() -> Response[bytes]:
        return see(addresses.OVERVIEW)

    def password_page(request: AnyRequest, refusal: str = "", status: int = 200) -> Response[bytes]:
        frame = make_frame(read_side, "", operator_of(request))
        page = render("password", texts_for(request), frame=frame, refusal=refusal)
        return answer_fresh(request, make(page), status)

    @route(addresses.PASSWORD, http_method=READ, guards=[needs(None)], name="password")
    async def password(request: AnyRequest) -> Response[bytes]:
        return password_page(request) if signed_in(request).has_password else see(addresses.OVERVIEW)

    @post(addresses.PASSWORD, guards=[needs(None)], name="password_form")
    async def password_form(request: AnyRequest) -> Response[bytes]:
        operator, texts = signed_in(request), texts_for(request)
        present, wished, again = await read_fields(request, "present", "wished", "again")
        if wished != again:
            return password_page(request, texts.say(_("The new password was not the same both times.")), 400)
        if wished == present:
            return password_page(request, texts.say(_("The new password is the present one.")), 400)
        try:
            signed = await to_thread.run_sync(operators.choose_password, operator, present, wished)
        except HubbubError as error:
            return password_page(request, str(error), 400)
        if signed.refusal is not None:
            told = _why(signed, texts) if signed.refusal is Refusal.WAIT else _("The present password is another one.")
            return password_page(request, texts.translate(told), 429 if signed.refusal is Refusal.WAIT else 400)
        return await enter(request, signed.token, addresses.OVERVIEW)

    handlers: list[ControllerRouterHandler] = [sign_in, sign_in_form, sign_out, sign_in_key, password, password_form]
    if provider is None:
        return handlers

    @get(addresses.SIGN_IN_PROVIDED, name="sign_in_provided")
    async def sign_in_provided(request: AnyRequest) -> Response[bytes]:
        after = page_of_ours(request.query_params.get("next", ""))
        try:
            begun = await provider.begin(after)
        except HubbubError as error:
            return sign_in_page(request, after, refusal=_sentence(error), status=502)
        response = see(begun.address)
        response.cookies.append(cookie_for(request, BEGUN, begun.browser))
        return response

    @get(addresses.SIGN_IN_BACK, name="sign_in_back")
    async def come_back(request: AnyRequest) -> Response[bytes]:
        query, browser = request.query_params, visit_of(request).cookies.get(BEGUN, "")
        try:
            account, after = await provider.end(query.get("state", ""), query.get("code", ""), browser)
        except HubbubError as error:
            response = sign_in_page(request, addresses.OVERVIEW, refusal=_sentence(error), status=403)
            response.cookies.append(cookie_for(request, BEGUN, ""))
            return response
        return await enter(request, await to_thread.run_sync(operators.begin_session, account), after)

    return [*handlers, sign_in_provided, come_back]


def _why(signed: Signed, texts: Texts) -> str:
    if signed.refusal is Refusal.WAIT:
        return texts.say(_("After several wrong tries: try again in {seconds} s."), seconds=_seconds(signed))
    return texts.say(_("Name and password do not fit together, or the account is disabled."))


def _seconds(signed: Signed) -> int:
    return -(-signed.wait_ms // 1000)


def _sentence(error: HubbubError) -> str:
    text = str(error)
    return text[:1].upper() + text[1:] + "."
