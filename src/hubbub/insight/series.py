"""Names of series: one number a day, as the query interface or a declared table's measure gives it."""

from msgspec import Struct


class SeriesName(Struct, frozen=True, order=True):
    """What is counted, of which source, and of which part of it.

    source  a site or a declared table
    metric  of `publish.catalogue.METRICS`, or a measure of the table
    where   (dimension, value) pairs, sorted; none for the whole
    hour    one hour of each local day, 0 to 23; None: whole days
    """

    source: str
    metric: str
    where: tuple[tuple[str, str], ...] = ()
    hour: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether it is all of its source, all day."""
        return not self.where and self.hour is None
