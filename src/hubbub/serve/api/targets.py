"""`GET /api/v1/targets` and `GET /api/v1/targets/{target}`."""

from collections.abc import Iterable
from datetime import date
from math import isfinite
from typing import Any

import msgspec
from litestar import MediaType, Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import ResponseSpec
from litestar.params import FromPath
from msgspec import Struct

from hubbub.insight.targets.results import Evaluation, Stand
from hubbub.insight.targets.state import Standing
from hubbub.publish.intervals import Z95
from hubbub.serve.api.caching import cache_headers, etag_of, is_held, not_modified
from hubbub.serve.api.errors import Problem, problem_response
from hubbub.serve.reading import ReadSide


class NumberBody(Struct, frozen=True):
    """A number, its standard error and its 95 % interval."""

    value: float
    stderr: float
    low95: float
    high95: float


class AimBody(Struct, frozen=True):
    """What is aimed for, in the target's unit; a baseline's noise is in the standard errors."""

    at_least: float | None
    at_most: float | None
    at_least_stderr: float
    at_most_stderr: float


class PaceBody(Struct, frozen=True):
    """A day of the last four weeks, what a day must come to from now on, and how many days are left."""

    now: float
    needed: float
    days_left: int
    unit: str


class StandBody(Struct, frozen=True):
    """A standing and its first day."""

    since: date
    standing: Standing


class PeriodBody(Struct, frozen=True):
    """A period that is over."""

    first: date
    last: date
    number: NumberBody
    aim: AimBody
    probability: float
    standing: Standing


class TargetBody(Struct, frozen=True):
    """A target as it stands.

    as_of         the last day whose released numbers were used; null where nothing is released
    standing      met, on_track, at_risk, missed or unknown, since the day `since`
    probability   that the true number meets the aim: at the end of the period, or now where it is over
    value         so far; `forecast` at the period's end
    first, last   the period it is judged by
    estimated_days  days of the period of which nothing was released, told by like days before
    why           why it is unknown
    """

    name: str
    title: str
    owner: str
    unit: str
    standing: Standing
    as_of: date | None
    since: date | None
    probability: float
    value: NumberBody | None
    forecast: NumberBody | None
    aim: AimBody | None
    first: date | None
    last: date | None
    due: date | None
    pace: PaceBody | None
    estimated_days: int
    history: tuple[StandBody, ...]
    periods: tuple[PeriodBody, ...]
    why: str


class TargetsBody(Struct, frozen=True):
    """All targets; `trial`: the numbers are not private."""

    targets: tuple[TargetBody, ...]
    trial: bool


def target_handlers(context: ReadSide) -> list[HTTPRouteHandler]:
    """The handlers of targets."""

    def headers_for(request: Request[Any, Any, Any], name: str) -> tuple[dict[str, str], bool]:
        etag = etag_of("targets", name, context.state_of_targets(), context.ledger.head())
        headers = {**cache_headers(context.settings.access, etag), "Vary": "Authorization"}
        return headers, is_held(etag, request.headers)

    @get(
        "/targets",
        summary="The targets, and how they stand",
        description="A probability that the true number meets the aim, given released numbers, their noise and what is "
        "to be expected; put into a word that does not change for noise alone.",
        media_type=MediaType.JSON,
        responses={200: ResponseSpec(TargetsBody, description="All targets")},
        sync_to_thread=True,
    )
    def list_targets(request: Request[Any, Any, Any]) -> Response[bytes]:
        headers, held = headers_for(request, "")
        if held:
            return not_modified(headers)
        body = targets_body(context)
        return Response(msgspec.json.encode(body), media_type=MediaType.JSON, headers=headers)

    @get(
        "/targets/{target:str}",
        summary="One target",
        media_type=MediaType.JSON,
        responses={
            200: ResponseSpec(TargetBody, description="The target"),
            404: ResponseSpec(Problem, description="No such target"),
        },
        sync_to_thread=True,
    )
    def read_target(request: Request[Any, Any, Any], target: FromPath[str]) -> Response[bytes]:
        headers, held = headers_for(request, target)
        if held:
            return not_modified(headers)
        found = next((one for one in context.standings() if one.target.name == target), None)
        if found is None:
            allowed = "a target that GET /api/v1/targets lists"
            return problem_response(Problem(f"no target {target!r} here", "target", target, allowed), 404)
        return Response(msgspec.json.encode(target_body(found)), media_type=MediaType.JSON, headers=headers)

    return [list_targets, read_target]


def targets_body(context: ReadSide) -> TargetsBody:
    """How all targets stand, for programs."""
    return TargetsBody(tuple(target_body(one) for one in context.standings()), context.ledger.is_trial())


def target_body(found: Evaluation) -> TargetBody:
    """One target."""
    target, state = found.target, found.state
    is_told = found.span is not None
    return TargetBody(
        target.name,
        target.title or target.name,
        target.owner,
        found.unit,
        state.standing,
        state.as_of if is_told else None,
        state.since if is_told else None,
        round(state.probability, 4),
        _number(state.value, state.stderr),
        _number(state.forecast, state.forecast_stderr),
        _aim(found),
        found.span.first if found.span else None,
        found.span.last if found.span else None,
        target.due,
        PaceBody(found.pace.now, found.pace.needed, found.pace.days_left, found.pace.unit) if found.pace else None,
        found.estimated,
        tuple(changes(found.standings)),
        tuple(
            PeriodBody(
                one.span.first,
                one.span.last,
                _sure(one.value, one.stderr),
                AimBody(one.bounds.low, one.bounds.high, one.bounds.low_stderr, one.bounds.high_stderr),
                round(one.probability, 4),
                one.standing,
            )
            for one in found.periods
        ),
        state.why,
    )


def changes(stands: Iterable[Stand]) -> Iterable[StandBody]:
    """The days on which the standing became another."""
    before: Standing | None = None
    for one in stands:
        if one.standing is not before:
            yield StandBody(one.day, one.standing)
        before = one.standing


def _number(value: float | None, stderr: float | None) -> NumberBody | None:
    return None if value is None or stderr is None or not isfinite(stderr) else _sure(value, stderr)


def _sure(value: float, stderr: float) -> NumberBody:
    return NumberBody(value, stderr, value - Z95 * stderr, value + Z95 * stderr)


def _aim(found: Evaluation) -> AimBody | None:
    bounds = found.bounds
    return AimBody(bounds.low, bounds.high, bounds.low_stderr, bounds.high_stderr) if bounds else None
