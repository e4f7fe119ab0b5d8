"""Times as tables write them: ISO 8601 with an offset or in the table's zone, dates alone, or seconds since 1970."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]
NO_TIME = -1
_LOCAL = r"^\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d{1,6})?)?)?$"
_NUMBER = r"^\d{9,10}(\.\d+)?$|^\d{12,13}$"


def instants(column: pa.Array, zone: str) -> Ints:
    """Milliseconds since 1970 UTC of each value, texts in a dictionary or instants; `NO_TIME` or less where it is none,
    or before 1970 (which is what stands where nobody knows). What names no zone is in `zone`.
    """
    if pa.types.is_timestamp(column.type):
        return np.asarray(_zoned(column, zone).fill_null(NO_TIME), np.int64)
    texts = column.dictionary
    found: Ints
    if len(texts) and pc.all(pc.match_substring_regex(texts, _LOCAL)).as_py():
        try:
            found = np.asarray(_zoned(texts.cast(pa.timestamp("ms")), zone), np.int64)
            return np.asarray(found[np.asarray(column.indices)])
        except pa.ArrowInvalid:  # a day that no month has, somewhere
            pass
    found = np.array([_instant(text, zone) for text in texts.to_pylist()], np.int64)
    return np.asarray(found[np.asarray(column.indices)])


def _zoned(moments: pa.Array, zone: str) -> pa.Array:
    if moments.type.tz is None:
        moments = pc.assume_timezone(moments, zone, ambiguous="earliest", nonexistent="latest")
    return moments.cast(pa.timestamp("ms", "UTC"), safe=False).cast(pa.int64())


def _instant(text: str, zone: str) -> int:
    if pc.match_substring_regex(pa.scalar(text), _NUMBER).as_py():
        number = float(text)
        return int(number if number >= 1e11 else number * 1000)
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
        return max(NO_TIME, int(moment.astimezone(UTC).timestamp() * 1000))
    except (ValueError, OverflowError):
        return NO_TIME


def local_days(ms: Ints, zone: str) -> tuple[Ints, Ints]:
    """The local day of each instant, in days since 1970, and its hour slot, 0..24."""
    hours, places = np.unique(ms // 900_000, return_inverse=True)  # zones differ by quarters of an hour
    moments = pa.array(hours * 900_000, pa.timestamp("ms", "UTC")).cast(pa.timestamp("ms", zone))
    days = np.asarray(pc.local_timestamp(moments).cast(pa.date32(), safe=False).cast(pa.int32()), np.int64)
    starts = _starts(days, zone)
    return days[places], ((ms - starts[places]) // 3_600_000)


def _starts(days: Ints, zone: str) -> Ints:
    """When each local day starts."""
    distinct, places = np.unique(days, return_inverse=True)
    midnights = pa.array(distinct.astype("datetime64[D]").astype("datetime64[ms]"))
    starts: Any = pc.assume_timezone(midnights, zone, ambiguous="earliest", nonexistent="latest")
    return np.asarray(starts.cast(pa.int64()))[places]
