"""The page of a finding, and what analysts send from it and from the pages of sites and tables: verdicts and notes."""

from collections.abc import Callable
from datetime import date

from anyio import to_thread
from litestar import Response, post, route
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from hubbub.core.errors import HubbubError, InputError
from hubbub.operate.notebook import Notebook
from hubbub.operate.remarks import Remark, Verdict
from hubbub.operate.roles import Role
from hubbub.serve.api.access import reader_guard
from hubbub.serve.pages import addresses
from hubbub.serve.pages.addresses import finding_url, page_of_ours
from hubbub.serve.pages.finding import find_finding, view_finding
from hubbub.serve.pages.forms import read_fields, signed_in
from hubbub.serve.pages.frame import make_frame
from hubbub.serve.pages.problems import NotTaken, UnknownSite
from hubbub.serve.pages.rendering import render
from hubbub.serve.pages.replies import READ, AnyRequest, Desk, see
from hubbub.serve.reading import ReadSide
from hubbub.serve.signed_in import needs, operator_of

FINDING = f"{addresses.TRENDS}/{{name:str}}"
VERDICTS = {"confirm": Verdict.CONFIRM, "dismiss": Verdict.DISMISS, "take_back": Verdict.NONE}


def finding_handler(read_side: ReadSide, desk: Desk) -> ControllerRouterHandler:
    """The route of a finding's page."""

    @route(FINDING, http_method=READ, guards=[reader_guard(read_side)], name="finding")
    async def finding(request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
        found, _parent = find_finding(read_side, name)
        names = tuple(source.name for source in read_side.settings.sources)
        sources = (found.series.source,) if found.series.source else names
        return await desk.reply(
            request,
            f"{read_side.findings.state()} {read_side.state_of(sources)}",
            lambda texts: render(
                "finding",
                texts,
                frame=make_frame(read_side, "trends", operator_of(request)),
                view=view_finding(read_side, name, texts),
            ),
        )

    return finding


def remark_handlers(read_side: ReadSide, notebook: Notebook) -> list[ControllerRouterHandler]:
    """The routes of what analysts send."""

    @post(FINDING, guards=[needs(Role.ANALYST)], name="remark", status_code=303)
    async def remark(request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
        act, text, number = await read_fields(request, "act", "text", "number")
        operator, found = signed_in(request), find_finding(read_side, name)[0]

        def work() -> None:
            if act in VERDICTS:
                notebook.judge(operator, found, VERDICTS[act], text)
            elif act == "note":
                notebook.add_note(operator, new_note(found.name, found.series.source, found.since, text))
            elif act == "remove":
                notebook.remove_note(operator, _number(number))
            else:
                raise _nothing()

        await _take(work)
        return see(finding_url(name))

    @post(f"{addresses.NOTES}/{{name:str}}", guards=[needs(Role.ANALYST)], name="notes", status_code=303)
    async def notes(request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
        act, day, text, number, back = await read_fields(request, "act", "day", "text", "number", "back")
        operator = signed_in(request)
        if all(source.name != name for source in read_side.settings.sources):
            raise UnknownSite(name)
        today = read_side.calendar().today(name)

        def work() -> None:
            if act == "note":
                notebook.add_note(operator, new_note("", name, _day(day, today), text))
            elif act == "remove":
                notebook.remove_note(operator, _number(number))
            else:
                raise _nothing()

        await _take(work)
        return see(page_of_ours(back) if back else addresses.OVERVIEW)

    return [remark, notes]


def new_note(finding: str, source: str, day: date, text: str) -> Remark:
    """A note that is not kept yet; who writes it, and when, is added where it is."""
    return Remark(0, finding, source, day, Verdict.NONE, text, "", 0)


async def _take(work: Callable[[], None]) -> None:
    """Do what was asked for. Raises NotTaken."""
    try:
        await to_thread.run_sync(work)
    except HubbubError as error:
        raise NotTaken(error) from None


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise _nothing()
    return int(text)


def _day(text: str, today: date) -> date:
    """The day of a note. Raises InputError."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise InputError("day", "this is no day", "Write it as YYYY-MM-DD.") from None
    if day.year < 2000 or day > today:
        raise InputError("day", f"{day} is not a day that has numbers", "Choose one up to today.")
    return day


def _nothing() -> InputError:
    return InputError("form", "it asks for nothing that is done here", "Load the page again.")
