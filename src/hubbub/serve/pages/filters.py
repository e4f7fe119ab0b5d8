"""The filter line: a page about one key only, or about two of different attributes, as its address says it."""

from collections.abc import Mapping

from msgspec import Struct

from hubbub.core.combinations import LISTS
from hubbub.core.errors import QueryError
from hubbub.publish.estimates import Kind
from hubbub.publish.query import Filter
from hubbub.serve.pages.toplists import TOP_LISTS, TopList

LONGEST_KEY = 512
FIRST, SECOND = ("by", "is"), ("and", "also")  # the parameters of an address


class FilterLine(Struct, frozen=True):
    """One key of one list, and perhaps one of a second list."""

    spec: TopList
    key: str
    second: "FilterLine | None" = None

    @property
    def filters(self) -> tuple[Filter, ...]:
        """As a query takes it."""
        mine = Filter(self.spec.dimension, (self.key,))
        return (mine, *self.second.filters) if self.second else (mine,)

    @property
    def estimate(self) -> Kind:
        """What answers it: the released numbers, or of two keys what is estimated of tables by both."""
        return "combined" if self.second else "raw"

    def query(self) -> dict[str, str]:
        """Its address: the parameters that name it."""
        second = dict(zip(SECOND, self.second.query().values(), strict=True)) if self.second else {}
        return dict(zip(FIRST, (self.spec.dimension, self.key), strict=True)) | second


def read_filter(query: Mapping[str, str]) -> FilterLine | None:
    """The filter that an address asks for, None without one. Raises `QueryError`."""
    first, second = (_read(query, *names) for names in (FIRST, SECOND))
    if first is None or second is None:
        return first
    for name, line in ((FIRST[0], first), (SECOND[0], second)):
        if line.spec.dimension not in LISTS or first.spec == second.spec:
            raise QueryError(name, f"“{line.spec.dimension}” with another", f"two different ones of {', '.join(LISTS)}")
    return FilterLine(first.spec, first.key, second)


def _read(query: Mapping[str, str], by_name: str, is_name: str) -> FilterLine | None:
    by, key = query.get(by_name, ""), query.get(is_name, "").strip()
    if not by and not key:
        return None
    spec = next((spec for spec in TOP_LISTS if spec.dimension == by), None)
    if spec is None:
        raise QueryError(by_name, f"“{by[:40]}”", ", ".join(spec.dimension for spec in TOP_LISTS))
    if is_name not in query:
        raise QueryError(is_name, "nothing", f"one entry of the list “{spec.title}”")
    if len(key) > LONGEST_KEY:
        raise QueryError(is_name, f"{len(key)} characters", f"at most {LONGEST_KEY}")
    return FilterLine(spec, key)
