"""The top lists: which there are, and their rows with bars, intervals, and what is too noisy to rank."""

from collections.abc import Callable
from datetime import date
from typing import Literal

from msgspec import Struct

from hubbub.publish.catalogue import METRICS
from hubbub.publish.intervals import Estimate
from hubbub.publish.query import Answer, AnswerRow, Filter, Query
from hubbub.serve.names import key_label
from hubbub.serve.pages.figures import Figure, write_figure
from hubbub.serve.texts import Texts, _

Ask = Callable[[Query], Answer]
Place = Literal["content", "subject", "origin", "place", "technology", "action"]
ROWS_ON_SITE_PAGE = 8
GREY_ON_SITE_PAGE = 12
LONGER_PERIODS = (("7d", 7, _("7 days")), ("30d", 30, _("30 days")), ("12mo", 365, _("12 months")))
SHARE_SHOWN = 1 / 3


class TopList(Struct, frozen=True):
    """A list's name, what it counts, and where on the page it stands.

    measure  of the plan: without it, and without a released cell, the list is left out; "" is in every plan
    rate     a metric that stands under each number; "" for none
    """

    dimension: str
    title: str
    one: str
    group: Place
    metric: str
    counted: str
    measure: str = ""
    rate: str = ""

    @property
    def metrics(self) -> tuple[str, ...]:
        """What is asked for it."""
        return (self.metric, self.rate) if self.rate else (self.metric,)


TOP_LISTS: tuple[TopList, ...] = (
    TopList("page", _("Pages"), _("Page"), "content", "visitors", _("visitors")),
    TopList("entry_page", _("Entry pages"), _("Entry page"), "content", "visitors", _("visitors")),
    TopList("exit_page", _("Exit pages"), _("Exit page"), "content", "visitors", _("visitors")),
    TopList("topic", _("Topics"), _("Topic"), "subject", "visitors", _("visitors"), "topics"),
    TopList("term", _("Searches"), _("Searched for"), "subject", "visitors", _("devices"), "search_terms"),
    TopList("referrer", _("Sources"), _("Source"), "origin", "visitors", _("visitors")),
    TopList("channel", _("Channels"), _("Channel"), "origin", "visitors", _("visitors")),
    TopList("campaign", _("Campaigns"), _("Campaign"), "origin", "visitors", _("visitors")),
    TopList("country", _("Countries"), _("Country"), "place", "visitors", _("visitors")),
    TopList("language", _("Languages"), _("Language"), "place", "visitors", _("visitors")),
    TopList("device", _("Devices"), _("Device"), "technology", "visitors", _("visitors")),
    TopList("browser", _("Browsers"), _("Browser"), "technology", "visitors", _("visitors")),
    TopList("os", _("Systems"), _("System"), "technology", "visitors", _("visitors")),
    TopList("goal", _("Goals"), _("Goal"), "action", "visitors", _("devices"), "goals", "conversion_rate"),
    TopList("event", _("Events"), _("Event"), "action", "events", _("visitors who did it")),
    TopList("amount_event", _("Amounts"), _("Event"), "action", "amount", _("sum"), "amounts"),
)
GROUPS: tuple[tuple[Place, str], ...] = (
    ("content", _("What is read")),
    ("subject", _("What people look for")),
    ("origin", _("Where visits come from")),
    ("action", _("What is done")),
    ("place", _("Countries and languages")),
    ("technology", _("Devices and browsers")),
)


class Row(Struct, frozen=True):
    """One key. `bar`, `low` and `high` are lengths in percent of the longest, for drawing.

    note  what to know of its sum: a new key, or one that was not released on every day; "" otherwise
    rate  the second number, None where the list has none
    """

    key: str
    label: str
    figure: Figure
    note: str = ""
    bar: float = 0.0
    low: float = 0.0
    high: float = 0.0
    rate: Figure | None = None


class ListView(Struct, frozen=True):
    """A list as it stands on a page.

    shown     rows that carry something, largest first
    grey      rows too noisy to rank, of which `grey_total` exist
    total     all rows
    advice    what to do when nothing carries: (period, its name, its length in days), or None
    """

    spec: TopList
    shown: tuple[Row, ...]
    grey: tuple[Row, ...]
    total: int
    grey_total: int
    advice: tuple[str, str] | None = None

    @property
    def rest(self) -> int:
        """Rows that carry something but stand on the full list only."""
        return self.total - self.grey_total - len(self.shown)


def find_list(dimension: str) -> TopList | None:
    """The list of a dimension; `source` is another name of `referrer`."""
    name = "referrer" if dimension == "source" else dimension
    return next((spec for spec in TOP_LISTS if spec.dimension == name), None)


def ask_list(
    ask: Ask,
    spec: TopList,
    sites: tuple[str, ...],
    first: date,
    last: date,
    texts: Texts,
    *,
    limit: int = 0,
    offset: int = 0,
    filters: tuple[Filter, ...] = (),
) -> ListView:
    """The rows of a list over a period: the top few, or with a limit that many from the offset on. With filters on
    other attributes, what is estimated of them together.
    """
    asked = limit or ROWS_ON_SITE_PAGE + GREY_ON_SITE_PAGE
    answer = ask(
        Query(
            sites=sites,
            metrics=spec.metrics,
            dimensions=(spec.dimension,),
            first=first,
            last=last,
            limit=asked,
            offset=offset,
            filters=filters,
            estimate="combined" if filters else "raw",
        )
    )
    most = max((row.days for row in answer.rows), default=0)
    shown = [row for row in answer.rows if _carries(row)]
    grey = [row for row in answer.rows if not _carries(row)]
    if not limit:
        shown = shown[:ROWS_ON_SITE_PAGE]
    longest = max((row.values[0].high95 for row in shown if row.values[0]), default=1.0)
    return ListView(
        spec,
        tuple(_row(spec, row, longest, most, texts) for row in shown),
        tuple(_row(spec, row, None, most, texts) for row in grey),
        answer.total,
        answer.grey,
        None if shown or offset else advise([row.values[0] for row in grey], (last - first).days + 1),
    )


def advise(grey: list[Estimate | None], days: int) -> tuple[str, str] | None:
    """The shortest longer period in which the largest of these would carry, if its days stay as they are.

    A sum over m days grows with m and its noise with √m, so it needs m ≥ days · (3 · half width / value)².
    """
    best = max((value for value in grey if value is not None), key=lambda one: one.value, default=None)
    if best is None or best.value <= 0:
        return None
    half = (best.high95 - best.low95) / 2
    needed = days * (half / (best.value * SHARE_SHOWN)) ** 2
    return next(((choice, name) for choice, length, name in LONGER_PERIODS if length > days and length >= needed), None)


def _carries(row: AnswerRow) -> bool:
    return row.values[0] is not None and row.values[0].shown


def _row(spec: TopList, row: AnswerRow, longest: float | None, most_days: int, texts: Texts) -> Row:
    key, value = row.dimensions[0], row.values[0]
    label = key_label(spec.dimension, key, texts)
    figure = write_figure(value, METRICS[spec.metric].unit, texts)
    rate = write_figure(row.values[1], METRICS[spec.rate].unit, texts) if spec.rate else None
    notes = [texts.say(_("new"))] if row.is_new else []
    if row.days < most_days:
        notes.append(texts.say(_("{there} of {days} days"), there=row.days, days=most_days))
    note = ", ".join(notes)
    if longest is None or value is None:
        return Row(key, label, figure, note, rate=rate)
    return Row(key, label, figure, note, *lengths(value, longest), rate)


def lengths(value: Estimate, longest: float) -> tuple[float, float, float]:
    """A value and the ends of its interval in percent of the longest bar, for drawing."""
    bar, low, high = (round(max(0.0, part * 100 / longest), 2) for part in (value.value, value.low95, value.high95))
    return bar, low, high
