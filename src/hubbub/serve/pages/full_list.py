"""The full list of one dimension: every row there is, the grey ones too."""

from collections.abc import Mapping

from msgspec import Struct

from hubbub.core.errors import QueryError
from hubbub.core.settings import Site
from hubbub.publish.catalogue import METRICS
from hubbub.serve.pages.addresses import list_url, site_url
from hubbub.serve.pages.periods import Period, anchor_day, choose_period, read_period
from hubbub.serve.pages.picker import Link, Picker, make_picker
from hubbub.serve.pages.remarks import remarks_on
from hubbub.serve.pages.toplists import TOP_LISTS, ListView, TopList, ask_list
from hubbub.serve.reading import ReadSide
from hubbub.serve.texts import Texts, _

ROWS_A_PAGE = 100
LAST_PAGE = 100


class FullListView(Struct, frozen=True):
    """Everything the template needs. `number` is the page of the list, from 1."""

    site: Site
    title: str
    spec: TopList
    definition: str
    period: Period
    picker: Picker
    site_href: str
    lists: tuple[Link, ...]
    rows: ListView
    remarks: tuple[str, ...]
    number: int
    start: int
    earlier: str
    later: str
    sentence: str


def view_full_list(
    read_side: ReadSide, site: Site, spec: TopList, query: Mapping[str, str], texts: Texts
) -> FullListView:
    """Ask for a page of the list. Raises `QueryError` for an address that makes no sense."""
    today = read_side.calendar().today(site.name)
    released = read_side.marts.span(site.name)
    anchor = anchor_day(today, released.closed if released else None)
    period = read_period(query, anchor, today)
    if period.is_today:
        period = choose_period("day", anchor, today)
    number = _read_number(query.get("page", "1"))
    start = (number - 1) * ROWS_A_PAGE
    rows = ask_list(
        read_side.ask, spec, (site.name,), period.first, period.last, texts, limit=ROWS_A_PAGE, offset=start
    )
    return FullListView(
        site,
        site.title or site.name,
        spec,
        texts.translate(METRICS[spec.metric].definition),
        period,
        make_picker(
            period,
            lambda other: list_url(site.name, spec.dimension, other),
            list_url(site.name, spec.dimension),
            texts,
            hours=False,
        ),
        site_url(site.name, period),
        tuple(
            Link(texts.translate(other.title), list_url(site.name, other.dimension, period), other == spec)
            for other in TOP_LISTS
            if other == spec or not other.measure or read_side.counts(site.name, other.measure)
        ),
        rows,
        remarks_on(read_side, spec, site, texts),
        number,
        start,
        list_url(site.name, spec.dimension, period, number - 1) if number > 1 else "",
        list_url(site.name, spec.dimension, period, number + 1) if rows.total > start + ROWS_A_PAGE else "",
        _sentence(rows, texts),
    )


def _sentence(rows: ListView, texts: Texts) -> str:
    if not rows.total:
        return texts.say(_("Nothing is released for this list in this period."))
    if not rows.grey_total:
        return texts.many(
            "The one entry carries in this period.", "All {count} entries carry in this period.", rows.total
        )
    return texts.say(
        _("{carries} of {total} entries carry in this period; {grey} are too noisy to rank and stand in grey."),
        carries=texts.count(rows.total - rows.grey_total),
        total=texts.count(rows.total),
        grey=texts.count(rows.grey_total),
    )


def _read_number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= LAST_PAGE:
        raise QueryError("page", f"“{text[:20]}”", f"1 to {LAST_PAGE}")
    return int(text)
