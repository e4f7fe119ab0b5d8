"""Forms by which analysts make, change and remove targets; what may stand in hubbub.yaml may stand in them."""

from collections.abc import Callable, Mapping, Sequence

from anyio import to_thread
from litestar import Response, post, route
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from msgspec import Struct

from hubbub.core.errors import HubbubError
from hubbub.core.targets import Target
from hubbub.insight.targets.series import MEDIANS
from hubbub.operate.notebook import Notebook
from hubbub.operate.roles import Role
from hubbub.publish.catalogue import METRICS
from hubbub.serve.pages import addresses
from hubbub.serve.pages.addresses import target_form_url, target_url
from hubbub.serve.pages.forms import read_fields, signed_in
from hubbub.serve.pages.frame import make_frame
from hubbub.serve.pages.problems import NotTaken, UnknownTarget
from hubbub.serve.pages.rendering import render
from hubbub.serve.pages.replies import READ, AnyRequest, answer_fresh, make, see, texts_for
from hubbub.serve.pages.target_fields import BASELINES, FIELDS, PERIODS, READY, fields_of, read_target
from hubbub.serve.reading import ReadSide
from hubbub.serve.signed_in import needs
from hubbub.serve.texts import _

EDIT = f"{addresses.TARGETS}/{{name:str}}/edit"
PERIOD_WORDS = {
    "day": _("every day"),
    "week": _("every week"),
    "month": _("every month"),
    "quarter": _("every quarter"),
    "year": _("every year"),
    "once": _("once, from a first to a last day"),
}
READY_WORDS = {
    "": _("none: a metric"),
    "digital_take_up": _("Digital take-up"),
    "completion_rate": _("Completion rate"),
    "satisfaction": _("Satisfaction"),
    "cost_per_transaction": _("Cost per transaction"),
}
BASELINE_WORDS = {
    "": _("nothing: the aim is a number"),
    "last_year": _("the same days a year before"),
    "previous": _("the period before"),
    "window": _("released days, from … to"),
    "number": _("a number"),
}


class TargetForm(Struct, frozen=True):
    """Everything the template needs. `place` is where the form goes; `name` that of a target which exists."""

    place: str
    name: str
    fields: Mapping[str, str]
    chosen: tuple[str, ...]
    sources: tuple[tuple[str, str], ...]
    metrics: tuple[str, ...]
    periods: tuple[tuple[str, str], ...]
    ready: tuple[tuple[str, str], ...]
    baselines: tuple[tuple[str, str], ...]
    refusal: str = ""


def target_form_handlers(read_side: ReadSide, notebook: Notebook) -> list[ControllerRouterHandler]:
    """The routes of these forms."""

    def page(
        request: AnyRequest, name: str, fields: Mapping[str, str], chosen: Sequence[str], refusal: str = ""
    ) -> Response[bytes]:
        texts, settings = texts_for(request), read_side.settings
        measures = {measure for table in settings.tables for measure in table.measures}
        form = TargetForm(
            target_form_url(name) if name else addresses.NEW_TARGET,
            name,
            fields,
            tuple(chosen),
            tuple((source.name, source.title or source.name) for source in settings.sources),
            (*(metric for metric in METRICS if metric not in MEDIANS), *sorted(measures - set(METRICS))),
            tuple((key, texts.translate(PERIOD_WORDS[key])) for key in PERIODS),
            tuple((key, texts.translate(READY_WORDS[key])) for key in READY),
            tuple((key, texts.translate(BASELINE_WORDS[key])) for key in BASELINES),
            refusal,
        )
        frame = make_frame(read_side, "targets", signed_in(request))
        return answer_fresh(
            request, make(render("target_form", texts, frame=frame, view=form)), 400 if refusal else 200
        )

    async def take(request: AnyRequest, name: str, keep: Callable[[Target], None]) -> Response[bytes]:
        fields, chosen = await _sent(request)
        if name:
            fields["name"] = name

        def work() -> Response[bytes]:
            try:
                target = read_target(fields, chosen)
                keep(target)
            except HubbubError as error:
                return page(request, name, fields, chosen, str(error).removeprefix("target."))
            return see(target_url(target.name))

        return await to_thread.run_sync(work)

    @route(addresses.NEW_TARGET, http_method=READ, guards=[needs(Role.ANALYST)], name="new_target")
    async def new(request: AnyRequest) -> Response[bytes]:
        return await to_thread.run_sync(page, request, "", fields_of(None), ())

    @post(addresses.NEW_TARGET, guards=[needs(Role.ANALYST)], name="make_target", status_code=200)
    async def make_one(request: AnyRequest) -> Response[bytes]:
        operator = signed_in(request)
        return await take(request, "", lambda target: notebook.add_target(operator, target))

    @route(EDIT, http_method=READ, guards=[needs(Role.ANALYST)], name="edit_target")
    async def edit(request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
        target = _known(notebook, name)
        return await to_thread.run_sync(page, request, name, fields_of(target), target.sources)

    @post(EDIT, guards=[needs(Role.ANALYST)], name="change_target", status_code=200)
    async def change(request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
        (act,) = await read_fields(request, "act")
        operator = signed_in(request)
        _known(notebook, name)
        if act != "remove":
            return await take(request, name, lambda target: notebook.change_target(operator, target))
        try:
            await to_thread.run_sync(notebook.remove_target, operator, name)
        except HubbubError as error:
            raise NotTaken(error) from None
        return see(addresses.TARGETS)

    return [new, make_one, edit, change]


def _known(notebook: Notebook, name: str) -> Target:
    """A target that was made in the pages, whether or not it fits the settings. Raises UnknownTarget."""
    target = notebook.written().target(name)
    if target is None:
        raise UnknownTarget(name)
    return target


async def _sent(request: AnyRequest) -> tuple[dict[str, str], tuple[str, ...]]:
    """The fields of the form, and the sources that are ticked in it."""
    fields = dict(zip(FIELDS, await read_fields(request, *FIELDS), strict=True))
    ticked = (await request.form()).getall("source", [])
    return fields, tuple(name for name in ticked if isinstance(name, str))
