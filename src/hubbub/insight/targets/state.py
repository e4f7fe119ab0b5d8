"""What can be said of a target: a probability, put into one of a few words."""

from datetime import date
from enum import StrEnum

from msgspec import Struct


class Standing(StrEnum):
    """How a target stands."""

    MET = "met"
    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    MISSED = "missed"
    UNKNOWN = "unknown"  # nothing released yet that could tell


class TargetState(Struct, frozen=True):
    """A target as it stands on a day.

    as_of        the last day whose released numbers were used; `date.min` where there is none
    standing     held by hysteresis: it changes when `probability` has left the band, never by noise alone
    since        the day from which it stands so
    probability  that the true value meets the target: now, or at the end of the running period
    value        so far or at the moment, in the metric's unit, with its standard error; None: nothing released
    forecast     at the due date or the end of the running period, with its standard error; None where it is past
    why          why it is `UNKNOWN`, in plain words; "" when it is not
    """

    name: str
    as_of: date
    standing: Standing
    since: date
    probability: float
    value: float | None = None
    stderr: float | None = None
    forecast: float | None = None
    forecast_stderr: float | None = None
    why: str = ""
