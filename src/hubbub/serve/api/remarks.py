"""`POST /api/v1/trends/{name}/remarks`: programs confirm, dismiss and note findings, as analysts do in the pages."""

from typing import Any

import msgspec
from litestar import MediaType, Request, Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, RawBody
from msgspec import Struct

from hubbub.core.errors import HubbubError
from hubbub.operate.notebook import Notebook
from hubbub.serve.api.errors import Problem, problem_response
from hubbub.serve.pages.finding import find_finding
from hubbub.serve.pages.forms import signed_in
from hubbub.serve.pages.remark_forms import VERDICTS, new_note
from hubbub.serve.reading import ReadSide

LONGEST_BODY = 4_000


class RemarkBody(Struct, frozen=True, forbid_unknown_fields=True):
    """What is said of a finding.

    verdict  `confirm`, `dismiss` or `take_back`; "" for a note
    text     the note, or why; up to 400 characters on one line, for everyone to read
    """

    verdict: str = ""
    text: str = ""


def remark_handlers(context: ReadSide) -> list[HTTPRouteHandler]:
    """The handler of remarks; none where nothing can be written."""
    notebook = context.notebook
    if not isinstance(notebook, Notebook):
        return []

    @post(
        "/trends/{name:str}/remarks",
        summary="Confirm, dismiss or note a change",
        description='Takes {"verdict": "confirm", "text": "…"}; `dismiss`, `take_back`, or without a verdict a note. '
        "Needs an API key with the scope `write`; the log of changes says which.",
        media_type=MediaType.JSON,
        status_code=201,
        request_max_body_size=LONGEST_BODY,
        responses={
            201: ResponseSpec(RemarkBody, description="It is kept"),
            400: ResponseSpec(Problem, description="What cannot be kept, and why"),
            401: ResponseSpec(Problem, description="No key with the scope `write`"),
            404: ResponseSpec(Problem, description="The last scan has no such finding, or no longer"),
        },
        sync_to_thread=True,
    )
    def remark(request: Request[Any, Any, Any], name: FromPath[str], body: RawBody) -> Response[bytes]:
        finding, operator = find_finding(context, name)[0], signed_in(request)
        try:
            said = msgspec.json.decode(body, type=RemarkBody)
        except msgspec.MsgspecError as error:
            return problem_response(Problem(str(error)), 400)
        if said.verdict and said.verdict not in VERDICTS:
            allowed = ", ".join(VERDICTS)
            return problem_response(Problem(f"verdict: allowed is {allowed}", "verdict", said.verdict, allowed), 400)
        try:
            if said.verdict:
                notebook.judge(operator, finding, VERDICTS[said.verdict], said.text)
            else:
                notebook.add_note(operator, new_note(finding.name, finding.series.source, finding.since, said.text))
        except HubbubError as error:
            return problem_response(Problem(str(error)), 400)
        headers = {"Cache-Control": "no-store"}
        return Response(msgspec.json.encode(said), status_code=201, media_type=MediaType.JSON, headers=headers)

    return [remark]
