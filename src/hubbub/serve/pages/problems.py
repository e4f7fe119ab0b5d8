"""Pages for what went wrong: they say what was found, what is possible, and where to go on."""

import logging

from litestar import Response
from litestar.exceptions import ClientException, HTTPException, NotFoundException

from hubbub.core.errors import HubbubError, QueryError
from hubbub.serve.names import ROLES
from hubbub.serve.pages.frame import Frame
from hubbub.serve.pages.rendering import render
from hubbub.serve.pages.replies import HTML, SAFE_HEADERS, AnyRequest
from hubbub.serve.signed_in import ForeignForm, RoleNeeded
from hubbub.serve.texts import Texts, _, choose_language, languages, texts_in

logger = logging.getLogger(__name__)
FIELDS = {
    "period": _("The period in the address"),
    "date": _("The day in the address"),
    "from": _("The first day"),
    "to": _("The last day"),
    "metric": _("The number to draw"),
    "by": _("The filter"),
    "is": _("The filter’s value"),
    "page": _("The page of the list"),
}


class UnknownSite(NotFoundException):
    """No site of this name is measured here."""


class UnknownTable(NotFoundException):
    """No table of this name is declared here."""


class UnknownTarget(NotFoundException):
    """No target of this name is set here."""


class UnknownFinding(NotFoundException):
    """The last scan has no finding of this name, or no longer."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no finding {name[:40]!r} in the last scan; GET /api/v1/trends lists them")


class NotTaken(ClientException):
    """What a form asks for cannot be done: why, and what to do."""

    def __init__(self, why: HubbubError) -> None:
        super().__init__(str(why))


class UnknownList(NotFoundException):
    """No list of this name is released."""


def problem_page(request: AnyRequest, error: Exception, frame: Frame) -> Response[bytes]:
    """A friendly page for an error that a reader may have caused, or that is ours."""
    texts = texts_in(choose_language(request.headers.get("accept-language", ""), languages()))
    status, title, story = _tell(error, texts)
    if status >= 500:
        logger.error("page %s failed", request.url.path, exc_info=error)
    is_finding = isinstance(error, UnknownFinding)
    body = render("problem", texts, frame=frame, title=title, story=story, status=status, is_finding=is_finding)
    return Response(
        body.encode(),
        status_code=status,
        media_type=HTML,
        headers=SAFE_HEADERS | {"cache-control": "no-store"},
    )


def _tell(error: Exception, texts: Texts) -> tuple[int, str, tuple[str, ...]]:
    if isinstance(error, QueryError):
        field = texts.translate(FIELDS.get(error.field, error.field))
        return (
            400,
            texts.say(_("This address asks for something that does not exist")),
            (
                texts.say(_("{field}: found {found}."), field=field, found=error.found),
                texts.say(_("Possible is: {allowed}."), allowed=error.allowed),
            ),
        )
    if isinstance(error, UnknownSite):
        return 404, texts.say(_("This site is not measured here")), (
            texts.say(_("The address may be mistyped, or the site is no longer in the settings.")),
            texts.say(_("The overview lists every site that is measured.")),
        )  # fmt: skip
    if isinstance(error, UnknownTable):
        return 404, texts.say(_("There is no such table here")), (
            texts.say(_("The address may be mistyped, or the table is no longer in the settings.")),
            texts.say(_("The overview lists every table.")),
        )  # fmt: skip
    if isinstance(error, UnknownTarget):
        return 404, texts.say(_("There is no such target")), (
            texts.say(_("The address may be mistyped, or the target is no longer in the settings.")),
            texts.say(_("The page of targets lists every one.")),
        )  # fmt: skip
    if isinstance(error, UnknownFinding):
        return 404, texts.say(_("There is no such finding any more")), (
            texts.say(_("With later numbers it may be noise, be part of another one, or be too old to be listed.")),
            texts.say(_("The page “What is changing” lists every finding of the last scan.")),
        )  # fmt: skip
    if isinstance(error, NotTaken):
        return 400, texts.say(_("This was not taken")), (
            error.detail,
            texts.say(_("Nothing was changed. Go back, and send it once more.")),
        )  # fmt: skip
    if isinstance(error, UnknownList):
        return 404, texts.say(_("There is no such list")), (
            texts.say(_("Each list that is released has its link on the site’s page.")),
        )  # fmt: skip
    if isinstance(error, HTTPException) and error.status_code == 404:
        return 404, texts.say(_("There is no such page")), (
            texts.say(_("The address may be mistyped. The overview leads to everything there is.")),
        )  # fmt: skip
    if isinstance(error, RoleNeeded):
        role = texts.translate(ROLES[error.role])
        return 403, texts.say(_("Your account may not do this")), (
            texts.say(_("It needs the role {role}. An admin can give it."), role=role),
        )  # fmt: skip
    if isinstance(error, ForeignForm):
        return 403, texts.say(_("This form was not made here for you, or is too old")), (
            texts.say(_("Nothing was changed. Go back, load the page again, and send it once more.")),
        )  # fmt: skip
    if isinstance(error, HTTPException) and error.status_code == 401:
        return 401, texts.say(_("Only for those who are signed in")), (
            texts.say(_("Sign in, or send an API key.")),
        )  # fmt: skip
    if isinstance(error, HTTPException) and error.status_code < 500:
        return error.status_code, texts.say(_("This cannot be asked for")), (
            texts.say(_("Pages are read with GET; the overview leads to everything there is.")),
        )  # fmt: skip
    return 500, texts.say(_("Something failed on our side")), (
        texts.say(_("Nothing was lost. Try again in a minute; if it stays, tell whoever runs this site.")),
    )  # fmt: skip
