"""PipelineDP on its local backend (Beam and Spark backends run the same Python a row)."""

import importlib.metadata
from collections.abc import Iterable, Sequence
from typing import Any

import pipeline_dp as pdp  # type: ignore[import-not-found,unused-ignore]
import pyarrow.parquet as pq
from job import DELTA, EPSILON, Released, Settings, run

EXTRACTORS = pdp.DataExtractors(
    privacy_id_extractor=lambda row: row[0], partition_extractor=lambda row: row[1], value_extractor=lambda _: 0
)
Rows = Sequence[tuple[int, int]]


def read(path: str) -> Rows:
    """(unit, page) of each row."""
    table = pq.read_table(path, columns=["unit", "page"])
    return list(zip(table["unit"].to_numpy().tolist(), table["page"].to_numpy().tolist(), strict=True))


def aggregate(
    rows: Rows, epsilon: float, delta: float, keys: Iterable[int] | None, **bounds: Any
) -> list[tuple[int, Any]]:
    """One aggregation with its own budget; `keys` are taken as public when they are given."""
    accountant = pdp.NaiveBudgetAccountant(epsilon, delta)
    engine = pdp.DPEngine(accountant, pdp.LocalBackend())
    found = engine.aggregate(rows, pdp.AggregateParams(**bounds), EXTRACTORS, public_partitions=keys)
    accountant.compute_budgets()
    return list(found)


def direct(settings: Settings) -> tuple[Released, Released]:
    """Both counts in one aggregation; the noised devices decide which keys are kept, so keys cost nothing more."""
    found = aggregate(
        read(settings["rows"]),
        EPSILON,
        DELTA,
        None,
        metrics=[pdp.Metrics.PRIVACY_ID_COUNT, pdp.Metrics.COUNT],
        noise_kind=pdp.NoiseKind.GAUSSIAN,
        max_partitions_contributed=settings["pages"],
        max_contributions_per_partition=settings["rows_a_page"],
        partition_selection_strategy=pdp.PartitionSelectionStrategy.GAUSSIAN_THRESHOLDING,
        post_aggregation_thresholding=True,
    )
    return {page: values.count for page, values in found}, {page: values.privacy_id_count for page, values in found}


def keys_first(settings: Settings) -> tuple[Released, Released]:
    """Keys by their own selection, then each count at these keys."""
    rows = read(settings["rows"])
    accountant = pdp.NaiveBudgetAccountant(settings["key_share"] * EPSILON, DELTA)
    chosen = pdp.DPEngine(accountant, pdp.LocalBackend()).select_partitions(
        rows, pdp.SelectPartitionsParams(settings["key_pages"]), EXTRACTORS
    )
    accountant.compute_budgets()
    keys = list(chosen)
    views = aggregate(
        rows,
        settings["view_share"] * EPSILON,
        0.0,
        keys,
        metrics=[pdp.Metrics.COUNT],
        noise_kind=pdp.NoiseKind.LAPLACE,
        max_partitions_contributed=settings["view_pages"],
        max_contributions_per_partition=settings["view_rows"],
    )
    devices = aggregate(
        rows,
        (1 - settings["key_share"] - settings["view_share"]) * EPSILON,
        0.0,
        keys,
        metrics=[pdp.Metrics.PRIVACY_ID_COUNT],
        noise_kind=pdp.NoiseKind.LAPLACE,
        max_partitions_contributed=settings["device_pages"],
        max_contributions_per_partition=1,
    )
    return {page: values.count for page, values in views}, {page: values.privacy_id_count for page, values in devices}


if __name__ == "__main__":
    run(importlib.metadata.version("pipeline-dp"), {"direct": direct, "keys_first": keys_first})
