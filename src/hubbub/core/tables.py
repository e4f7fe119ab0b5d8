"""Declared tables: sources that are no web site, as `hubbub.yaml` describes them. Read once, checked, then frozen."""

from typing import Literal

from msgspec import Struct

OTHER = "other"
ROW = "row"
HOUR = "hour"
MOST_DIMENSIONS = 4
Kind = Literal["units", "count", "sum", "mean", "quantiles", "histogram", "share", "funnel"]
Where = dict[str, tuple[str, ...]]


class Column(Struct, frozen=True, forbid_unknown_fields=True):
    """A column that measures may name: exactly one of `values`, `open` and `most` says what it holds.

    values    its values, public beforehand; whatever else a row has there counts as `other`
    open      `text` or `path`: values that no list names. Those known beforehand need no threshold, new ones do
    known     of an open column: values known beforehand
    least, most   a number, cut to this range
    decimals  how many of its decimals count
    bins      of a number: where bins begin and the last one ends, for histograms and quantiles; () makes twenty
    header    what files call it; "" when they call it by its name
    """

    values: tuple[str, ...] = ()
    open: Literal["", "text", "path"] = ""
    known: tuple[str, ...] = ()
    least: float = 0.0
    most: float | None = None
    decimals: int = 0
    bins: tuple[float, ...] = ()
    header: str = ""

    @property
    def scale(self) -> int:
        """What a value is multiplied by to be an integer."""
        return int(10**self.decimals)

    @property
    def edges(self) -> tuple[float, ...]:
        """Where bins begin, and where the last one ends."""
        if self.bins or self.most is None:
            return self.bins
        width = (self.most - self.least) / EQUAL_BINS
        return tuple(round(self.least + width * place, 6) for place in range(EQUAL_BINS + 1))


EQUAL_BINS = 20


class TableMeasure(Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a table's plan.

    kind    units      how many units
            count      how many rows
            sum        of the number `of`, each unit's sum cut to the column's range
            mean       of the number `of`: over units, of each unit's own mean
            quantiles, histogram   of the number `of`: one row of each unit, drawn by chance
            share      units with a row that meets `which`, among all
            funnel     units by the deepest of `steps` that they reached in order
    by      up to four columns with values or open ones, and `hour`; at most one of them open
    where   rows that count: column → values
    weight  its share of the day's budget, relative to the table's other measures
    bound   how much a unit counts in all cells together: the sum of its squares; 0 takes what fits
    """

    kind: Kind
    by: tuple[str, ...] = ()
    of: str = ""
    where: Where = {}
    which: Where = {}
    steps: tuple[Where, ...] = ()
    weight: int = 10
    bound: int = 0
    title: str = ""


class Table(Struct, frozen=True, forbid_unknown_fields=True):
    """A source whose rows come as files: CSV or Parquet.

    name      of the source
    time      the column that says when, in the table's own zone where it names none
    unit      the column that tells units (devices, cases) apart, hashed under the day's secret as it is read and never
              kept; `row`: every row is a unit of its own
    columns   what measures may name; no other column of a file is read
    measures  name → what is released
    timezone  IANA zone of its local day; "" takes the city's
    """

    name: str
    time: str
    unit: str
    columns: dict[str, Column]
    measures: dict[str, TableMeasure]
    timezone: str = ""
    title: str = ""
