"""Targets: what a city aims for, as `hubbub.yaml` says it. Read once, checked, then frozen."""

import re
from datetime import date
from typing import Literal

from msgspec import Struct

Period = Literal["day", "week", "month", "quarter", "year", "once"]
Ready = Literal["", "digital_take_up", "completion_rate", "satisfaction", "cost_per_transaction"]
CONFIDENCE = 0.8
_CHANGE = re.compile(r"\s*([+\-−]?)\s*(\d+(?:\.\d+)?)\s*%\s*")


class Window(Struct, frozen=True, forbid_unknown_fields=True):
    """Days from `first` to `last`, both included."""

    first: date
    last: date


class Counted(Struct, frozen=True, forbid_unknown_fields=True):
    """A number that has a value a day.

    sources  sites, which are added up, or one declared table; () for all sites of the city
    metric   of the query interface; of a table, one of its measures
    filter   `dimension==value`; "" for the whole
    """

    metric: str
    sources: tuple[str, ...] = ()
    filter: str = ""


class Target(Struct, frozen=True, forbid_unknown_fields=True):
    """What is aimed for, over which period, until when.

    name        short, unique: its address
    ready       one of GOV.UK's four measures of a service, which says the metric by itself:
                digital_take_up       `metric` of `sources`, divided by `of`: all transactions, of a table
                completion_rate       `funnel` of one site: those who came to its end, of those who began
                satisfaction          a `metric` of a table that is a mean or a share
                cost_per_transaction  `cost` of a whole period divided by `metric` of `sources`
    period      over which it is counted, again and again; `once`: from `first` to `due`
    due         the day at which it is judged: by the period that holds it. None: each period is judged
    at_least, at_most, between   the aim, in the metric's unit; `at_least` and `at_most` may be a change such as `+10 %`
    baseline    what a change is against: the same days a year earlier, the period before, a window, or a number
    owner       the role or department that answers for it, no person
    confidence  probability from which on it stands as met or on track
    """

    name: str
    title: str = ""
    ready: Ready = ""
    sources: tuple[str, ...] = ()
    metric: str = ""
    filter: str = ""
    funnel: str = ""
    of: Counted | None = None
    cost: float = 0.0
    period: Period = "month"
    first: date | None = None
    due: date | None = None
    at_least: float | str | None = None
    at_most: float | str | None = None
    between: tuple[float, float] | None = None
    baseline: Literal["last_year", "previous"] | Window | float | None = None
    owner: str = ""
    confidence: float = CONFIDENCE

    @property
    def counted(self) -> Counted:
        """What is counted, with what `ready` stands for written out."""
        if self.ready == "completion_rate":
            return Counted("conversion_rate", self.sources, f"funnel=={self.funnel}")
        return Counted(self.metric, self.sources, self.filter)

    @property
    def aim(self) -> "Aim":
        """What is aimed for. Raises `ValueError` for a change that is none."""
        if self.between is not None:
            return Aim(*self.between)
        low, high = (None if one is None else _number(one) for one in (self.at_least, self.at_most))
        return Aim(low, high, is_change=any(isinstance(one, str) for one in (self.at_least, self.at_most)))


class Aim(Struct, frozen=True):
    """The least and the most, None where there is no such bound; of a change as factors of the baseline."""

    low: float | None
    high: float | None
    is_change: bool = False


def _number(bound: float | str) -> float:
    if isinstance(bound, float | int):
        return float(bound)
    found = _CHANGE.fullmatch(bound)
    if found is None:
        raise ValueError(bound)
    sign = -1 if found[1] in ("-", "−") else 1
    return 1 + sign * float(found[2]) / 100
