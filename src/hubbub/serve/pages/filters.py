"""The filter line: a page about one key only, as its address says it."""

from collections.abc import Mapping

from msgspec import Struct

from hubbub.core.errors import QueryError
from hubbub.publish.query import Filter
from hubbub.serve.pages.toplists import TOP_LISTS, TopList

LONGEST_KEY = 512


class FilterLine(Struct, frozen=True):
    """One key of one list."""

    spec: TopList
    key: str

    @property
    def filters(self) -> tuple[Filter, ...]:
        """As a query takes it."""
        return (Filter(self.spec.dimension, (self.key,)),)

    def query(self) -> dict[str, str]:
        """Its address: the parameters that name it."""
        return {"by": self.spec.dimension, "is": self.key}


def read_filter(query: Mapping[str, str]) -> FilterLine | None:
    """The filter that an address asks for, None without one. Raises `QueryError`."""
    by, key = query.get("by", ""), query.get("is", "").strip()
    if not by and not key:
        return None
    spec = next((spec for spec in TOP_LISTS if spec.dimension == by), None)
    if spec is None:
        raise QueryError("by", f"“{by[:40]}”", ", ".join(spec.dimension for spec in TOP_LISTS))
    if "is" not in query:
        raise QueryError("is", "nothing", f"one entry of the list “{spec.title}”")
    if len(key) > LONGEST_KEY:
        raise QueryError("is", f"{len(key)} characters", f"at most {LONGEST_KEY}")
    return FilterLine(spec, key)
