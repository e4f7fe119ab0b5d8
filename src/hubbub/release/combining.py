"""The statements that count combinations of attributes. They are made of the names of attributes, which are fixed."""

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from hubbub.core.combinations import Key, Tables, key_of


def places(tables: Tables) -> Iterator[tuple[str, pa.Table]]:
    """A table an attribute, by name: which place each value has that is told apart."""
    for name, values in tables.lists:
        columns = {name: pa.array(values, pa.string()), f"{name}_place": pa.array(range(len(values)), pa.int16())}
        yield f"told_{name}", pa.table(columns)


def gathering(tables: Tables) -> str:
    """Units by the places of all attributes; what is not told apart has none."""
    names = [name for name, _ in tables.lists]
    told = ", ".join(f"{name}_place" for name in names)
    joins = " ".join(f"LEFT JOIN told_{name} USING ({name})" for name in names)
    return f"CREATE TEMP TABLE combined AS SELECT d, {told}, count(*) AS n FROM first_views {joins} GROUP BY d, {told}"  # noqa: S608


def grouping(names: Sequence[str]) -> str:
    """The cells of one table: one unit, which has one first view, adds 1 to one of them."""
    told = ", ".join(f"{name}_place" for name in names)
    return f"SELECT d, {told}, sum(n)::BIGINT AS n FROM combined GROUP BY d, {told}"  # noqa: S608


def key_at(tables: Mapping[str, Sequence[str]], names: Sequence[str], found: Sequence[int | None]) -> Key:
    """The key of a cell by its places; what has none counts under the last value."""
    return key_of(
        names, (tables[name][-1 if place is None else place] for name, place in zip(names, found, strict=True))
    )
