"""The one long table that marts are made of, from released cells to bytes."""

from collections.abc import Mapping, Sequence
from io import BytesIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from hubbub.core.keys import Dimension, Measure
from hubbub.release.types import Gap, Released

MART_SCHEMA = pa.schema(
    [
        ("source", pa.string()),
        ("day", pa.date32()),
        ("hour", pa.int8()),  # slot of the local day; null: the whole day
        ("measure", pa.string()),
        ("key1", pa.string()),  # "" when the measure has no such dimension
        ("key2", pa.string()),
        ("value", pa.int64()),  # null: a gap, or a release in which no key passed its threshold
        ("variance", pa.float64()),
        ("is_new", pa.bool_()),
        ("threshold", pa.int64()),  # what a new key had to exceed; 0 where it did not have to
        ("gap", pa.string()),  # a `release.types.Gap`
        ("trial", pa.bool_()),
    ]
)
KEYS_OF: Mapping[str, tuple[Dimension, ...]] = {
    Measure.VISITORS: (),
    Measure.VISITORS_HOUR: (),
    Measure.PAGEVIEWS: (),
    Measure.PAGEVIEWS_HOUR: (),
    Measure.PAGE_VISITORS: (Dimension.PAGE,),
    Measure.PAGE_PAGEVIEWS: (Dimension.PAGE,),
    Measure.NEW_PAGES: (Dimension.PAGE,),
    Measure.VISITS: (Dimension.VISIT, Dimension.DURATION),
    Measure.ENTRY_PAGES: (Dimension.PAGE,),
    Measure.EXIT_PAGES: (Dimension.PAGE,),
    Measure.CHANNELS: (Dimension.CHANNEL,),
    Measure.REFERRERS: (Dimension.REFERRER,),
    Measure.CAMPAIGNS: (Dimension.CAMPAIGN,),
    Measure.COUNTRIES: (Dimension.COUNTRY,),
    Measure.DEVICES: (Dimension.DEVICE,),
    Measure.BROWSERS: (Dimension.BROWSER,),
    Measure.SYSTEMS: (Dimension.OS,),
    Measure.LANGUAGES: (Dimension.LANGUAGE,),
    Measure.EVENTS: (Dimension.EVENT,),
    Measure.CONTRIBUTIONS: (Dimension.VIEWS,),
    Measure.ENGAGEMENT: (Dimension.ENGAGED,),
    Measure.SCROLLING: (Dimension.SCROLL,),
    Measure.SET_ASIDE: (),
    Measure.TOPICS: (Dimension.TOPIC,),
    Measure.GOALS: (Dimension.GOAL,),
    Measure.FUNNELS: (Dimension.FUNNEL, Dimension.STEP),
    Measure.SEARCH_TERMS: (Dimension.TERM,),
    Measure.AMOUNTS: (Dimension.EVENT, Dimension.MOST),
    Measure.RETURNING: (Dimension.RETURNING,),
    Measure.COMBINATIONS: (Dimension.TOGETHER, Dimension.COMBINATION),
}
ORDER = [(name, "ascending") for name in ("measure", "key1", "key2", "day", "hour", "source")]
ROWS_A_GROUP = 65_536


def mart_table(released: Sequence[Released]) -> pa.Table:
    """The cells of these releases that may be seen, sorted.

    A release without a visible cell leaves one row without a value, so that the day is known to be released.
    """
    for one in released:
        if one.dimensions != KEYS_OF[one.measure]:
            raise ValueError(f"{one.measure}: keys of {one.dimensions}, marts know {KEYS_OF[one.measure]}")
    columns: dict[str, list[object]] = {name: [] for name in MART_SCHEMA.names}
    for one in released:
        seen = [i for i in range(len(one.keys)) if not one.hidden[i]]
        rows = max(1, len(seen))
        columns["source"] += [one.source] * rows
        columns["day"] += [one.day] * rows
        columns["hour"] += [one.slot] * rows
        columns["measure"] += [str(one.measure)] * rows
        columns["variance"] += [one.variance] * rows
        columns["gap"] += [one.gap.value] * rows
        columns["trial"] += [one.trial] * rows
        if one.gap is not Gap.NONE or not seen:
            columns["key1"].append("")
            columns["key2"].append("")
            columns["value"].append(None)
            columns["is_new"].append(False)
            columns["threshold"].append(0)
            continue
        columns["key1"] += [one.keys[i][0] if one.keys[i] else "" for i in seen]
        columns["key2"] += [one.keys[i][1] if len(one.keys[i]) > 1 else "" for i in seen]
        columns["value"] += [one.values[i] for i in seen]
        columns["is_new"] += [one.is_new[i] for i in seen]
        columns["threshold"] += [one.threshold if one.is_new[i] else 0 for i in seen]
    return pa.table(columns, MART_SCHEMA)


def parquet_bytes(table: pa.Table) -> bytes:
    """The table as Parquet: sorted, each measure in row groups of its own, so that a question reads only its
    measures. Equal cells give equal bytes.
    """
    ordered = table.combine_chunks().sort_by(ORDER)
    buffer = BytesIO()
    with pq.ParquetWriter(
        buffer,
        MART_SCHEMA,
        compression="zstd",
        compression_level=3,
        use_dictionary=["source", "measure", "key1", "key2", "gap"],
        write_statistics=["measure", "day"],
        store_schema=False,
    ) as writer:
        start = 0
        for run in pc.run_end_encode(ordered["measure"].combine_chunks()).run_ends.to_pylist():
            writer.write_table(ordered.slice(start, run - start), row_group_size=ROWS_A_GROUP)
            start = run
    return buffer.getvalue()
