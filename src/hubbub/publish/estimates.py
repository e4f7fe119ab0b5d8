"""The kinds of estimate that can be asked for, and of which questions each can be had."""

from typing import Literal, get_args

from hubbub.core.errors import QueryError
from hubbub.publish.tied import TIED_BY, TOTAL

Kind = Literal["raw", "consistent", "smoothed", "combined"]
KINDS: tuple[str, ...] = get_args(Kind)
ADDABLE = ("count", "amount")
VISITOR_DAYS = (
    "Visitors are visitor-days: each day's and site's visitors are counted apart and added, because nothing links a "
    "device across days or sites."
)
OF_A_TRIAL = "These numbers are not private: they were released on the budget of a trial."
LABELS: dict[str, str] = {
    "consistent": (
        "Consistent estimates, not the released numbers: visitors and their parts by channel, country, device, "
        "browser, system, language, number of views and length of the first visit are made to add up by least squares, "
        "each moved as far as its noise allows. What stands beside them to be displayed is at least zero and has the "
        "same sum."
    ),
    "smoothed": (
        "Smoothed estimates, not the released numbers: each day is estimated from its own released number and those "
        "of other days up to the last one asked for, with the noise of each as it is known. Tighter where numbers "
        "change slowly; a jump of less than about five standard errors of the noise is only followed over some days. "
        "For sums, comparisons and targets take the released numbers."
    ),
    "combined": (
        "Estimates of combinations, not the released numbers: of each day, tables by several attributes of a visitor's "
        "first page view are released, and these numbers are what least squares makes of all of them. Unbiased; the "
        "error is that of the noise alone, with nothing assumed about how attributes go together."
    ),
}


def check_estimate(
    kind: str, metrics: list[tuple[str, str]], key: str, times: tuple[str, ...], *, filtered: bool
) -> None:
    """Whether an estimate of this kind answers the question; raises `QueryError`.

    metrics  each metric and its unit
    key      the keyed dimension or filter, "" for none
    """
    if kind not in KINDS:
        raise QueryError("estimate", repr(kind), ", ".join(KINDS))
    if kind == "consistent":
        fits = [name for name, _ in metrics] == [TOTAL.value] and key in ("", *TIED_BY) and "hour" not in times
        if not fits or filtered:
            raise QueryError(
                "estimate",
                f"consistent {_said(metrics, key, times)}{' with a filter' if filtered else ''}",
                f"visitors, by nothing or one of {', '.join(TIED_BY)}, without a filter: other numbers are bounded in "
                "ways of their own and do not add up",
            )
    if kind == "smoothed":
        fits = len(metrics) == 1 and metrics[0][1] in ADDABLE and times == ("day",) and key != "step"
        if not fits:
            raise QueryError(
                "estimate",
                f"smoothed {_said(metrics, key, times)}",
                "one metric that is a count or a sum, by day, with or without another dimension",
            )


def _said(metrics: list[tuple[str, str]], key: str, times: tuple[str, ...]) -> str:
    by = ", ".join((*times, key) if key else times)
    return ", ".join(name for name, _ in metrics) + (f" by {by}" if by else "")
