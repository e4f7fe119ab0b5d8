"""Spreads: what is released as a histogram, each bin as its share of the whole, with the middle in a sentence."""

from collections.abc import Iterable

from msgspec import Struct

from hubbub.core.vocabulary import ENGAGED_BINS, RETURNING, SCROLL_BINS
from hubbub.publish.catalogue import METRICS
from hubbub.publish.intervals import Estimate, Fraction, share
from hubbub.publish.query import Query
from hubbub.serve.names import key_label
from hubbub.serve.pages.figures import Figure, write_figure
from hubbub.serve.pages.periods import Period
from hubbub.serve.pages.toplists import lengths
from hubbub.serve.reading import ReadSide
from hubbub.serve.texts import Texts, _


class Spread(Struct, frozen=True):
    """What is spread: its measure and dimension, the bins in order, and the metric that sums it up.

    says      the sentence of that metric, with `{value}` and `{margin}`
    unsaid    in place of it, where the metric is not shown
    counted   what the shares are of
    remark    what to know of it
    """

    measure: str
    dimension: str
    bins: tuple[str, ...]
    title: str
    one: str
    metric: str
    says: str
    unsaid: str
    counted: str
    remark: str


SPREADS = (
    Spread(
        "engagement", "engaged", tuple(label for label, _from in ENGAGED_BINS), _("Time on a page"), _("Time"),
        "engaged_median", _("Half of the pages were looked at for longer than {value} {margin}."),
        _("Too few pages tell it in this period to find the middle."), _("of pages"),
        _("Counted is the time that a page is visible and in use, of one page of each visitor that tells it."),
    ),
    Spread(
        "scrolling", "scroll", tuple(label for label, _from in SCROLL_BINS), _("How far pages are read"), _("Depth"),
        "scroll_median", _("Half of the pages were read further down than {value} {margin}."),
        _("Too few pages tell it in this period to find the middle."), _("of pages"),
        _("Counted is the lowest point that was seen, of one page of each visitor that tells it."),
    ),
    Spread(
        "returning", "returning", RETURNING, _("Who comes back"), _("Here again"),
        "return_rate", _("{value} {margin} of those who agreed to tell it had been here on an earlier day."),
        _("Too few agreed to tell it in this period."), _("of those who agreed"),
        _(
            "Only among visitors who agreed to it: their own browser keeps the day of the last visit and tells one of "
            "these five, nothing else."
        ),
    ),
)  # fmt: skip


class SpreadRow(Struct, frozen=True):
    """One bin. `bar`, `low` and `high` are lengths in percent of the longest, for drawing."""

    label: str
    figure: Figure
    bar: float
    low: float
    high: float


class SpreadView(Struct, frozen=True):
    """A spread as it stands on a page; without rows where nothing was released."""

    spec: Spread
    sentence: str
    rows: tuple[SpreadRow, ...]


def ask_spreads(read_side: ReadSide, site: str, period: Period, texts: Texts) -> tuple[SpreadView, ...]:
    """The spreads that the site's plan has, or that have cells in the period."""
    found = (_spread(read_side, spec, site, period, texts) for spec in SPREADS)
    return tuple(one for one in found if one.rows or read_side.counts(site, one.spec.measure))


def _spread(read_side: ReadSide, spec: Spread, site: str, period: Period, texts: Texts) -> SpreadView:
    bins = read_side.ask(
        Query(sites=(site,), metrics=("visitors",), dimensions=(spec.dimension,), first=period.first, last=period.last)
    )
    counts = {row.dimensions[0]: row.values[0] for row in bins.rows if row.values[0] is not None}
    if not counts:
        return SpreadView(spec, texts.say(_("Nothing released in this period.")), ())
    shares = {label: _share(counts[label], counts.values()) for label in spec.bins if label in counts}
    longest = max((one.high95 for one in shares.values() if one.shown), default=100.0)
    rows = tuple(
        SpreadRow(
            key_label(spec.dimension, label, texts),
            write_figure(one, "percent", texts),
            *(lengths(one, longest) if one.shown else (0.0, 0.0, 0.0)),
        )
        for label, one in shares.items()
    )
    return SpreadView(spec, _sentence(read_side, spec, site, period, texts), rows)


def _share(part: Estimate, bins: Iterable[Estimate]) -> Estimate:
    """A bin's share of all bins, of which it is a part itself."""
    parts = tuple(bins)
    whole, variance = sum(one.value for one in parts), sum(one.stderr**2 for one in parts)
    return share(Fraction(part.value, part.stderr**2, whole, variance, part.stderr**2), "visitors")


def _sentence(read_side: ReadSide, spec: Spread, site: str, period: Period, texts: Texts) -> str:
    answer = read_side.ask(Query(sites=(site,), metrics=(spec.metric,), first=period.first, last=period.last))
    value = answer.rows[0].values[0] if answer.rows else None
    if value is None or not value.shown:
        return texts.translate(spec.unsaid)
    figure = write_figure(value, METRICS[spec.metric].unit, texts)
    return texts.say(spec.says, value=figure.text, margin=figure.margin)
