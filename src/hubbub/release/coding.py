"""Rows made ready to be counted: strings as numbers, days as offsets, rows that were sent again left out."""

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from hubbub.core.rows import COLUMNS, SENT_ONCE
from hubbub.store.parts import ORDERED, Texts

CODED = ("page", "referrer", "channel", "campaign", "country", "device", "browser", "os", "language")


class CodedRows:
    """Rows with the columns of `core.rows.COLUMNS` and `day` (date32), as the statements of a close read them: all
    there are, or a part of them (`store.parts.Parts`) that has all rows of its units.

    table  `rid` (place of the row as read), `d` (days after `first`), `u` (unit), and the rows' columns; of those in
           `CODED` the numbers of their dictionary, so that the engine groups small integers
    texts  what the numbers of a coded column stand for
    """

    def __init__(self, rows: pa.Table, first: date) -> None:
        self.texts: dict[str, list[str]] = {}
        since = pa.scalar(first.toordinal() - date(1970, 1, 1).toordinal(), pa.int32())
        columns: dict[str, Any] = {
            "rid": pa.array(np.arange(rows.num_rows, dtype=np.int64)),
            "d": pc.subtract(rows["day"].cast(pa.int32()), since).cast(pa.int16()),
            "u": rows["unit"],
        }
        for name, _ in COLUMNS:
            if name != "unit":
                columns[name] = self._coded(name, rows[name]) if name in CODED else rows[name]
        self.table = pa.table(columns)

    def keep_once(self, *, by_hour: bool = False) -> None:
        """Leave out rows that were sent again: of those of one unit, day and tag, the first by `ms` counts.

        A filter by the unit's own rows. By hour, the first of each hour counts instead: while the day runs, nothing
        that comes later may take away a row that an earlier hour has counted.
        """
        tags = self.table["tag"].to_numpy()
        sent = np.flatnonzero(tags & SENT_ONCE)
        found, times = np.unique(tags[sent], return_counts=True)
        again = sent[np.isin(tags[sent], found[times > 1])]
        if not len(again):
            return
        names = ("rid", "ms", *(("hour",) if by_hour else ()), "u", "d", "tag")
        columns = {name: self.table[name].to_numpy()[again] for name in names}
        order = np.lexsort(list(columns.values()))
        same = np.ones(len(again) - 1, np.bool_)
        for name in names[2:]:
            ordered = columns[name][order]
            same &= ordered[1:] == ordered[:-1]
        self.leave_out(columns["rid"][order[1:][same]])

    def leave_out(self, rids: npt.NDArray[np.int64]) -> None:
        """Go on without these rows, by their `rid`."""
        stays = np.ones(self.table.num_rows, np.bool_)
        stays[np.searchsorted(self.table["rid"].to_numpy(), rids)] = False  # places move, their order does not
        self.table = self.table.filter(pa.array(stays))

    def coded(self, table: pa.Table) -> pa.Table:
        """A table whose coded columns are texts with their numbers instead, without those that no row has."""
        for place, name in enumerate(table.column_names):
            if name in CODED:
                numbers = pc.index_in(table[name], value_set=pa.array(self.texts[name], pa.string()))
                table = table.set_column(place, name, numbers).filter(pc.is_valid(numbers))
        return table

    def decoded(self, found: pa.Table, column: str) -> list[str]:
        """The texts of a column of an answer."""
        values: list[Any] = found[column].to_pylist()
        texts = self.texts.get(column)
        return values if texts is None else [texts[code] for code in values]

    def _coded(self, name: str, column: pa.ChunkedArray) -> pa.Array:
        """The column's numbers; the texts are kept for the way back."""
        self.texts[name], codes = code_texts(column)
        return codes


def code_texts(column: pa.ChunkedArray | pa.Array) -> tuple[list[str], pa.Array]:
    """The distinct texts of a column in order, and the place of each row's among them, int32.

    In the order of the texts: where a bound breaks ties by them, no other unit's rows may say which is first.
    """
    if column.type == ORDERED:
        whole = column.chunk(0)
    else:
        texts = Texts()
        chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
        whole = texts.ordered(texts.coded(pa.chunked_array(chunks, column.type)))
    return whole.dictionary.to_pylist(), whole.indices
