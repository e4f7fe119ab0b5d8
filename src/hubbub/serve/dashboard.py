"""The dashboard: pages of released numbers, and the API's routes beside them.

Nothing here can name anything but released cells, the ledger and the plan's text: that is all a `ReadSide` has.
"""

import logging
from collections.abc import Callable
from threading import Thread
from typing import Any

from litestar import Litestar, Response, route
from litestar.exceptions import HTTPException, NotFoundException
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler, Message, Scope

from hubbub.core.errors import QueryError
from hubbub.core.settings import Site
from hubbub.operate.notebook import Notebook
from hubbub.operate.operators import Operators
from hubbub.serve.api.access import reader_guard
from hubbub.serve.api.errors import on_http_error
from hubbub.serve.api.router import api_handlers
from hubbub.serve.charts import aims, spending
from hubbub.serve.charts.course.view import FORMATS, drawing
from hubbub.serve.pages import addresses
from hubbub.serve.pages.addresses import page_of_ours
from hubbub.serve.pages.alert_desk import alert_desk_handlers
from hubbub.serve.pages.assets import load_assets
from hubbub.serve.pages.audited import state_of_audit
from hubbub.serve.pages.frame import make_frame
from hubbub.serve.pages.full_list import view_full_list
from hubbub.serve.pages.measures import view_measures
from hubbub.serve.pages.operator_desk import desk_handlers
from hubbub.serve.pages.overview import view_overview
from hubbub.serve.pages.problems import UnknownList, UnknownSite, UnknownTable, UnknownTarget, problem_page
from hubbub.serve.pages.remark_forms import finding_handler, remark_handlers
from hubbub.serve.pages.rendering import render
from hubbub.serve.pages.replies import IMMUTABLE, READ, SAFE_HEADERS, AnyRequest, Desk, answer_with, known_query, see
from hubbub.serve.pages.signing_in import sign_in_handlers
from hubbub.serve.pages.site import view_site
from hubbub.serve.pages.table import view_table
from hubbub.serve.pages.target_forms import target_form_handlers
from hubbub.serve.pages.targets import view_target, view_targets
from hubbub.serve.pages.toplists import find_list
from hubbub.serve.pages.trends import view_trends
from hubbub.serve.pages.verify import view_verify
from hubbub.serve.reading import ReadSide
from hubbub.serve.signed_in import CHALLENGE, LONGEST_FORM, SAFE_METHODS, ChoiceNeeded, Pages, SignInNeeded, operator_of
from hubbub.serve.texts import Texts

logger = logging.getLogger(__name__)
API = "/api/"  # programs read its errors, those of wrong paths too


def dashboard_app(read_side: ReadSide) -> Litestar:
    """The ASGI app of pages and API. Start it in a spawned process: charts do not survive a fork."""
    operators = read_side.operators
    of_operators = operator_handlers(read_side, operators) if operators else []
    return Pages(
        [*page_handlers(read_side), *of_operators, *api_handlers(read_side)],
        operators=operators,
        settings=read_side.settings,
        notebook=read_side.notebook,
        exception_handlers={
            QueryError: _problems(read_side),
            HTTPException: _problems(read_side),
            Exception: _problems(read_side),
        },
        before_send=[say_what_is_safe],
        request_max_body_size=LONGEST_FORM,
        on_startup=[warm_up, lambda: warm_targets(read_side)],
        openapi_config=None,
        logging_config=None,
    )


def operator_handlers(read_side: ReadSide, operators: Operators) -> list[ControllerRouterHandler]:
    """The routes of those who are signed in, or want to be."""
    found = [*sign_in_handlers(read_side, operators), *desk_handlers(read_side, operators)]
    found += alert_desk_handlers(read_side, operators)
    if isinstance(read_side.notebook, Notebook):
        found += remark_handlers(read_side, read_side.notebook)
        found += target_form_handlers(read_side, read_side.notebook)
    return found


async def say_what_is_safe(message: Message, _scope: Scope) -> None:
    """Put the headers that keep browsers safe on every answer: pages, API, errors, whatever made them."""
    if message["type"] == "http.response.start":
        given = {name.lower() for name, _ in message["headers"]}
        more = [(name.encode(), value.encode()) for name, value in SAFE_HEADERS.items() if name.encode() not in given]
        message["headers"] = [*message["headers"], *more]


def warm_up() -> None:
    """Compile the charts before the first reader waits for them."""
    for form in FORMATS:
        drawing(form)
        aims.aims_drawing(form)
    for form in spending.FORMATS:
        spending.spending_drawing(form)


def warm_targets(read_side: ReadSide) -> None:
    """Evaluate targets beside the first requests: the first time takes a second, later ones ask for new days only."""

    def evaluate() -> None:
        try:
            read_side.standings()
        except Exception:
            logger.exception("targets could not be evaluated")

    if read_side.targets:
        Thread(target=evaluate, name="targets", daemon=True).start()


def page_handlers(read_side: ReadSide) -> list[ControllerRouterHandler]:
    """The routes of all pages."""
    access = read_side.settings.access
    desk = Desk(is_private=access.mode == "private", common=lambda: read_side.notebook.written().state)
    guards = [reader_guard(read_side)]
    names = tuple(source.name for source in read_side.settings.sources)

    def site_of(name: str) -> Site:
        site = read_side.settings.site(name)
        if site is None:
            raise UnknownSite(name)
        return site

    async def page(
        request: AnyRequest, state: str, template: str, section: str, view: Callable[[Texts], dict[str, Any]]
    ) -> Response[bytes]:
        """The page of a template in a section of the header; `state` names all that `view` makes it of."""
        return await desk.reply(
            request,
            state,
            lambda texts: render(
                template, texts, frame=make_frame(read_side, section, operator_of(request)), **view(texts)
            ),
        )

    @route(addresses.OVERVIEW, http_method=READ, guards=guards, name="overview")
    async def overview(request: AnyRequest) -> Response[bytes]:
        query = known_query(request.query_params)
        return await page(
            request,
            read_side.state_of(names),
            "overview",
            "overview",
            lambda texts: {"view": view_overview(read_side, query, texts)},
        )

    @route("/sites/{name:str}", http_method=READ, guards=guards, name="site")
    async def site(request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
        chosen, query = site_of(name), known_query(request.query_params)
        return await page(
            request,
            read_side.state_of((name,)),
            "site",
            "",
            lambda texts: {"view": view_site(read_side, chosen, query, texts)},
        )

    @route("/sites/{name:str}/list/{dimension:str}", http_method=READ, guards=guards, name="list")
    async def full_list(request: AnyRequest, name: FromPath[str], dimension: FromPath[str]) -> Response[bytes]:
        chosen, spec, query = site_of(name), find_list(dimension), known_query(request.query_params)
        if spec is None:
            raise UnknownList(dimension)
        return await page(
            request,
            read_side.state_of((name,)),
            "list",
            "",
            lambda texts: {"view": view_full_list(read_side, chosen, spec, query, texts)},
        )

    @route("/tables/{name:str}", http_method=READ, guards=guards, name="table")
    async def table(request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
        chosen, query = read_side.settings.table(name), known_query(request.query_params)
        if chosen is None:
            raise UnknownTable(name)
        return await page(
            request,
            read_side.state_of((name,)),
            "table",
            "",
            lambda texts: {"view": view_table(read_side, chosen, query, texts)},
        )

    @route(addresses.TRENDS, http_method=READ, guards=guards, name="trends")
    async def trends(request: AnyRequest) -> Response[bytes]:
        query = known_query(request.query_params)
        return await page(
            request,
            f"{read_side.findings.state()} {read_side.state_of(names)}",
            "trends",
            "trends",
            lambda texts: {"view": view_trends(read_side, query, texts)},
        )

    @route(addresses.TARGETS, http_method=READ, guards=guards, name="targets")
    async def targets(request: AnyRequest) -> Response[bytes]:
        return await page(
            request,
            read_side.state_of_targets(),
            "targets",
            "targets",
            lambda texts: {"view": view_targets(read_side, texts), "misfits": read_side.notebook.written().misfits},
        )

    @route(f"{addresses.TARGETS}/{{name:str}}", http_method=READ, guards=guards, name="target")
    async def target(request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
        if all(one.name != name for one in read_side.targets):
            raise UnknownTarget(name)

        def view(texts: Texts) -> dict[str, Any]:
            chosen = next(one for one in read_side.standings() if one.target.name == name)
            is_made_here = any(one.name == name for one in read_side.notebook.written().targets)
            return {"view": view_target(chosen, texts), "is_made_here": is_made_here}

        return await page(request, read_side.state_of_targets(), "target", "targets", view)

    @route(addresses.MEASURES, http_method=READ, guards=guards, name="measures")
    async def measures(request: AnyRequest) -> Response[bytes]:
        query = known_query(request.query_params)
        return await page(
            request,
            f"{read_side.ledger.head()} {state_of_audit(read_side)}",
            "measures",
            "measures",
            lambda texts: {"view": view_measures(read_side, query, texts)},
        )

    @route(addresses.VERIFY, http_method=READ, guards=guards, name="verify")
    async def verify(request: AnyRequest) -> Response[bytes]:
        minute = read_side.clock.now_ms() // 60_000
        return await page(
            request,
            f"{read_side.ledger.head()}@{minute}",
            "verify",
            "measures",
            lambda texts: {"view": view_verify(read_side, texts)},
        )

    @route("/assets/{name:str}", http_method=READ, name="assets")
    async def assets(request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
        found = load_assets().get(name)
        if found is None:
            raise NotFoundException
        made, media_type = found
        return answer_with(request, made, IMMUTABLE, media_type)

    finding = finding_handler(read_side, desk)
    return [overview, site, full_list, table, trends, finding, targets, target, measures, verify, assets]


def _problems(read_side: ReadSide) -> Any:
    def handle(request: AnyRequest, error: Exception) -> Response[bytes]:
        if request.url.path.startswith(API) and isinstance(error, HTTPException):
            return on_http_error(request, error)
        if read_side.operators is not None and isinstance(error, ChoiceNeeded):
            return see(addresses.PASSWORD)
        is_reader = request.method in SAFE_METHODS and "text/html" in request.headers.get("accept", "")
        if read_side.operators is not None and isinstance(error, SignInNeeded) and is_reader:
            return see(addresses.sign_in_url(page_of_ours(_address_of(request))))
        response = problem_page(request, error, make_frame(read_side, "", operator_of(request)))
        if isinstance(error, HTTPException) and error.status_code == 401:
            response.set_header("WWW-Authenticate", CHALLENGE)
        return response

    return handle


def _address_of(request: AnyRequest) -> str:
    """Path and query, as they came."""
    path = request.scope.get("raw_path", b"").decode("latin-1") or request.url.path
    query = request.scope.get("query_string", b"").decode("latin-1")
    return path.partition("?")[0] + (f"?{query}" if query else "")
