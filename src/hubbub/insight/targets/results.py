"""What the evaluation of a target gives."""

from datetime import date

from msgspec import Struct

from hubbub.core.targets import Target
from hubbub.insight.targets.periods import Span
from hubbub.insight.targets.state import Standing, TargetState


class Bounds(Struct, frozen=True):
    """The aim in the target's unit: the least and the most (None: no such bound), with a baseline's error in them."""

    low: float | None
    high: float | None
    low_stderr: float = 0.0
    high_stderr: float = 0.0


class Stand(Struct, frozen=True):
    """How a target stood when `day` was the last released day."""

    day: date
    standing: Standing
    probability: float


class Closed(Struct, frozen=True):
    """A period that is over: its number with the error of its noise, the aim, and whether it was met."""

    span: Span
    value: float
    stderr: float
    bounds: Bounds
    probability: float
    standing: Standing


class Point(Struct, frozen=True):
    """The number up to a day, with its 95 % interval; foretold where the day is not released."""

    day: date
    value: float
    low: float
    high: float
    is_forecast: bool


class Pace(Struct, frozen=True):
    """A day of the last four weeks, and what a day must come to from now on; of a rate, its mean over these days."""

    now: float
    needed: float
    days_left: int
    unit: str


class Evaluation(Struct, frozen=True):
    """A target, how it stands, and what that rests on.

    unit       of `publish.catalogue.Metric`, "number" of a table's own numbers, "cost" for each transaction
    span       the period that it is judged by
    standings  day by day, oldest first
    periods    those that are over, newest first
    estimated  days of the period of which nothing was released, told by like days before
    """

    target: Target
    state: TargetState
    unit: str = ""
    span: Span | None = None
    bounds: Bounds | None = None
    pace: Pace | None = None
    course: tuple[Point, ...] = ()
    standings: tuple[Stand, ...] = ()
    periods: tuple[Closed, ...] = ()
    estimated: int = 0
