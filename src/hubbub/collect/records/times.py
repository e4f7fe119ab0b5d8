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


def instants(texts: pa.ChunkedArray, zone: str) -> Ints:
    """Milliseconds since 1970 UTC of each text; `NO_TIME` where it is no time."""
    stripped = pc.utf8_trim_whitespace(texts)
    if isinstance(stripped, pa.ChunkedArray):
        stripped = stripped.combine_chunks()
    if pc.all(pc.match_substring_regex(stripped, _LOCAL)).as_py() and len(stripped):
        try:
            return _fast(stripped, zone)
        except pa.ArrowInvalid:  # a day that no month has, somewhere
            pass
    distinct = stripped.dictionary_encode()
    found = np.array([_instant(text, zone) for text in distinct.dictionary.to_pylist()], np.int64)
    return found[np.asarray(distinct.indices)] if len(stripped) else np.array([], np.int64)


def _fast(texts: pa.Array, zone: str) -> Ints:
    local = texts.cast(pa.timestamp("ms"))
    moment: Any = pc.assume_timezone(local, zone, ambiguous="earliest", nonexistent="latest")
    return np.asarray(moment.cast(pa.int64()))


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
