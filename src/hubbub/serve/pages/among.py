"""Under a filter on one attribute: other attributes of these visitors, where tables by several are released."""

from hubbub.core.combinations import LISTS
from hubbub.core.errors import QueryError
from hubbub.core.settings import Site
from hubbub.serve.pages.filters import FilterLine
from hubbub.serve.pages.periods import Period
from hubbub.serve.pages.toplists import TOP_LISTS, ListView, ask_list
from hubbub.serve.reading import ReadSide
from hubbub.serve.texts import Texts


def ask_among(
    read_side: ReadSide, site: Site, chosen: FilterLine, period: Period, texts: Texts
) -> tuple[ListView, ...]:
    """A list an attribute that the filter leaves open; none where no table of these days tells it."""
    asked = {one.dimension for one in chosen.filters}
    if not asked <= LISTS.keys():
        return ()
    found = []
    for spec in TOP_LISTS:
        if spec.dimension in site.combinations.attributes and spec.dimension not in asked:
            try:
                found.append(
                    ask_list(
                        read_side.ask, spec, (site.name,), period.first, period.last, texts, filters=chosen.filters
                    )
                )
            except QueryError:  # these days' tables do not tell it
                continue
    return tuple(found)
