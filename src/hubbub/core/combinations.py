"""Combinations of attributes: which can be counted together, the tables a site counts, and how their cells are named.

A *table* is the numbers of visitors by some attributes of the first page view at once. Each visitor stands in exactly
one cell of each table.
"""

from collections.abc import Iterable
from itertools import combinations, product
from math import comb, prod

from msgspec import Struct

from hubbub.core import vocabulary

LISTS: dict[str, tuple[str, ...]] = {
    "channel": vocabulary.CHANNELS,
    "country": vocabulary.COUNTRIES,
    "device": vocabulary.DEVICES,
    "browser": vocabulary.BROWSERS,
    "os": vocabulary.SYSTEMS,
    "language": vocabulary.LANGUAGES,
}
"""Attribute → its fixed list; what is not on it counts under the list's last entry."""
REST = "rest"  # what the settings do not tell apart, together
FEWEST_ATTRIBUTES, MOST_ATTRIBUTES = 2, 6
MOST_DEPTH = 4
MOST_VALUES = 40  # of one attribute; of longer lists the settings say which
MOST_CELLS = 20_000
_WITH, _AND = "+", "|"

Key = tuple[str, str]


class Tables(Struct, frozen=True):
    """The tables of one release: all sets of `depth` attributes.

    lists  (attribute, the values that are told apart, in order), an attribute each
    """

    lists: tuple[tuple[str, tuple[str, ...]], ...]
    depth: int

    @property
    def names(self) -> tuple[tuple[str, ...], ...]:
        """The attributes of each table."""
        return tuple(combinations((name for name, _ in self.lists), self.depth))

    @property
    def cells(self) -> int:
        """How many cells all tables have together."""
        sizes = [len(values) for _, values in self.lists]
        return sum(prod(table) for table in combinations(sizes, self.depth))

    @property
    def count(self) -> int:
        """How many tables there are."""
        return comb(len(self.lists), self.depth)

    def keys(self) -> tuple[Key, ...]:
        """The keys of all cells, table by table, the last attribute running fastest."""
        values = dict(self.lists)
        return tuple(key_of(names, cell) for names in self.names for cell in product(*(values[name] for name in names)))


def key_of(names: Iterable[str], values: Iterable[str]) -> Key:
    """The key of a cell: its table's attributes, and a value of each."""
    return _WITH.join(names), _AND.join(values)


def names_in(text: str) -> tuple[str, ...]:
    """The attributes that the first part of a key names."""
    return tuple(text.split(_WITH))


def values_in(text: str) -> tuple[str, ...]:
    """The values that the second part of a key names, in the order of the attributes."""
    return tuple(text.split(_AND))


def told_apart(attribute: str, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """The values of an attribute that are told apart when the settings want these; all of its list when none."""
    return (*wanted, REST) if wanted else LISTS[attribute]


def tables_in(keys: Iterable[tuple[str, ...]]) -> Tables:
    """The tables whose cells have these keys, which are those of `Tables.keys`, in that order."""
    lists: dict[str, dict[str, None]] = {}
    depth = 0
    for names, values in keys:
        told = names_in(names)
        depth = len(told)
        for name, value in zip(told, values_in(values), strict=True):
            lists.setdefault(name, {}).setdefault(value)
    return Tables(tuple((name, tuple(values)) for name, values in lists.items()), depth)
