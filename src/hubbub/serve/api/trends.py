"""`GET /api/v1/trends`: what the last scan found to be changing, and what analysts say of it."""

from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import MediaType, Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, QueryParameter
from msgspec import Struct

from hubbub.core.errors import QueryError
from hubbub.insight.findings import Finding, Kind
from hubbub.operate.remarks import Verdict
from hubbub.serve.api.caching import cache_headers, etag_of, is_held, not_modified
from hubbub.serve.api.errors import Problem
from hubbub.serve.pages.finding import find_finding, verdict_on
from hubbub.serve.pages.trend_words import subject_words, tell_finding
from hubbub.serve.reading import ReadSide
from hubbub.serve.texts import texts_in


class NoteBody(Struct, frozen=True):
    """A note of an analyst on the finding."""

    day: date
    text: str


class FindingBody(Struct, frozen=True):
    """One finding.

    name         the same in every scan
    site         "" for all sites together
    filters      which part: dimension → value; none for the whole
    hour         one hour of each day; null: whole days
    since, until first and last day; `until` null: it lasts
    before, now  a day; of kind `mix` shares from 0 to 1
    change       now/before − 1 with its 95 % interval; null where `before` is too near zero
    difference   now − before with its standard error
    probability  that it is real
    members      findings that it stands for
    verdict      of analysts: `confirm`, `dismiss` or ""; and why, if that was said
    notes        what analysts wrote on it
    """

    name: str
    kind: Kind
    site: str
    metric: str
    filters: dict[str, str]
    hour: int | None
    found: date
    since: date
    until: date | None
    before: float
    now: float
    difference: float
    stderr: float
    change: float | None
    low: float | None
    high: float | None
    p_value: float
    probability: float
    subject: str
    sentence: str
    members: tuple["FindingBody", ...] = ()
    verdict: Verdict = Verdict.NONE
    why: str = ""
    notes: tuple[NoteBody, ...] = ()


class TrendsBody(Struct, frozen=True):
    """All findings, the newest first; `series` is how many were looked through, `last` the last day, by site."""

    series: int
    last: dict[str, date]
    findings: tuple[FindingBody, ...]


def trend_handlers(context: ReadSide) -> list[HTTPRouteHandler]:
    """The handlers of the findings."""

    def headers_for(request: Request[Any, Any, Any]) -> dict[str, str]:
        state = f"{context.findings.state()} {context.notebook.written().state}"
        return cache_headers(context.settings.access, etag_of("trends", state, str(request.url)))

    @get(
        "/trends",
        summary="What is changing",
        description="Changes that noise, season and holidays do not explain, at most one in ten of them by chance.",
        media_type=MediaType.JSON,
        responses={
            200: ResponseSpec(TrendsBody, description="The findings"),
            400: ResponseSpec(Problem, description="An unknown site or kind"),
        },
        sync_to_thread=True,
    )
    def read_trends(
        request: Request[Any, Any, Any],
        site: Annotated[str, QueryParameter(description="One site or table; all by default")] = "",
        kind: Annotated[str, QueryParameter(description="One kind, such as `spike`")] = "",
        since: Annotated[date | None, QueryParameter(description="Found on this day or later")] = None,
        dismissed: Annotated[bool, QueryParameter(description="Also those that analysts have dismissed")] = False,
    ) -> Response[bytes]:
        names = [source.name for source in context.settings.sources]
        if site and site not in names:
            raise QueryError("site", repr(site), ", ".join(names))
        if kind and kind not in list(Kind):
            raise QueryError("kind", repr(kind), ", ".join(Kind))
        headers = headers_for(request)
        if is_held(headers["ETag"], request.headers):
            return not_modified(headers)
        findings = context.findings.read() if dismissed else context.standing_findings()
        chosen = tuple(
            _body(one, context)
            for one in findings.found
            if one.touches(site) and (not kind or one.kind == kind) and (since is None or one.found >= since)
        )
        body = TrendsBody(findings.series, findings.last, chosen)
        return Response(msgspec.json.encode(body), media_type=MediaType.JSON, headers=headers)

    @get(
        "/trends/{name:str}",
        summary="One change",
        description="A finding of the last scan, also a dismissed one, with what analysts say of it.",
        media_type=MediaType.JSON,
        responses={
            200: ResponseSpec(FindingBody, description="The finding"),
            404: ResponseSpec(Problem, description="The last scan has no such finding, or no longer"),
        },
        sync_to_thread=True,
    )
    def read_finding(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        found, headers = find_finding(context, name)[0], headers_for(request)
        if is_held(headers["ETag"], request.headers):
            return not_modified(headers)
        return Response(msgspec.json.encode(_body(found, context)), media_type=MediaType.JSON, headers=headers)

    return [read_trends, read_finding]


def _body(finding: Finding, context: ReadSide) -> FindingBody:
    texts, series = texts_in("en"), finding.series
    said = [one for one in context.notebook.written().remarks if one.finding == finding.name]
    judged = verdict_on(context, finding.name)
    return FindingBody(
        finding.name,
        finding.kind,
        series.source,
        series.metric,
        dict(series.where),
        series.hour,
        finding.found,
        finding.since,
        finding.until,
        finding.before,
        finding.now,
        finding.difference,
        finding.stderr,
        finding.change,
        finding.low,
        finding.high,
        finding.p_value,
        finding.probability,
        subject_words(series, context.settings, texts),
        tell_finding(finding, context.settings, texts),
        tuple(_body(one, context) for one in finding.members),
        judged.verdict if judged else Verdict.NONE,
        judged.text if judged else "",
        tuple(NoteBody(one.day, one.text) for one in said if one.verdict is Verdict.NONE),
    )
