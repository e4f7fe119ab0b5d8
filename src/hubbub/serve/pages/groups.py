"""What stands under the course of a site: top lists, funnels and spreads under their headings."""

from msgspec import Struct

from hubbub.core.keys import Dimension, Measure
from hubbub.core.settings import Site
from hubbub.publish.query import Query
from hubbub.serve.pages.figures import write_figure
from hubbub.serve.pages.funnels import FunnelView, ask_funnels
from hubbub.serve.pages.periods import Period
from hubbub.serve.pages.remarks import remarks_on
from hubbub.serve.pages.spreads import SpreadView, ask_spreads
from hubbub.serve.pages.toplists import GROUPS, TOP_LISTS, ListView, Place, ask_list
from hubbub.serve.reading import ReadSide
from hubbub.serve.texts import Texts, _


class RemarkedList(Struct, frozen=True):
    """A list and the sentences under it."""

    list: ListView
    remarks: tuple[str, ...]


class Group(Struct, frozen=True):
    """What stands under one heading: either lists, or funnels, or spreads."""

    title: str
    lists: tuple[RemarkedList, ...] = ()
    funnels: tuple[FunnelView, ...] = ()
    spreads: tuple[SpreadView, ...] = ()

    @property
    def size(self) -> int:
        """How many stand in it."""
        return len(self.lists) + len(self.funnels) + len(self.spreads)


def ask_groups(read_side: ReadSide, site: Site, period: Period, texts: Texts) -> tuple[Group, ...]:
    """All groups that have something to show: what the site's plan counts, and what was released of it."""
    found: list[Group] = []
    for place, title in GROUPS:
        found.append(Group(texts.translate(title), lists=_lists(read_side, site, place, period, texts)))
        if place == "action":
            funnels = ask_funnels(read_side, site, period, texts)
            found.append(Group(texts.say(_("Step by step")), funnels=funnels))
            spreads = ask_spreads(read_side, site.name, period, texts)
            found.append(Group(_spreads_title(spreads, texts), spreads=spreads))
    return tuple(group for group in found if group.size)


def _spreads_title(spreads: tuple[SpreadView, ...], texts: Texts) -> str:
    if any(one.spec.dimension == Dimension.RETURNING for one in spreads):
        return texts.say(_("How pages are read, and who comes back"))
    return texts.say(_("How pages are read"))


def _lists(read_side: ReadSide, site: Site, place: Place, period: Period, texts: Texts) -> tuple[RemarkedList, ...]:
    found = []
    for spec in TOP_LISTS:
        if spec.group == place:
            rows = ask_list(read_side.ask, spec, (site.name,), period.first, period.last, texts)
            if rows.total or not spec.measure or read_side.counts(site.name, spec.measure):
                found.append(RemarkedList(rows, remarks_on(read_side, spec, site, texts)))
    return tuple(found)


def tell_set_aside(read_side: ReadSide, site: str, period: Period, texts: Texts) -> str:
    """How many devices behaved like programs; "" where that was not counted."""
    query = Query(sites=(site,), metrics=(Measure.SET_ASIDE.value,), first=period.first, last=period.last)
    rows = read_side.ask(query).rows
    value = rows[0].values[0] if rows else None
    if value is None:
        return ""
    figure = write_figure(value, "count", texts)
    if value.low95 <= 0:
        return texts.say(
            _(
                "Devices that behaved like programs were set aside; how many is lost in the noise of this period "
                "({count} {margin})."
            ),
            count=figure.text,
            margin=figure.margin,
        )
    return texts.say(
        _(
            "{count} {margin} devices were set aside as programs: no person views or searches at their rate. They "
            "count nowhere else on this page."
        ),
        count=figure.text,
        margin=figure.margin,
    )
