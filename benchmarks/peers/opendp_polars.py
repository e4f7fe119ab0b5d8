"""OpenDP's Polars layer. Noise is Gaussian under δ-approximate zCDP, the better of its two for these queries.

`truncate_num_groups(keep="sample")` raises with this version: random pages come from `truncate_per_group`, first to one
row a (unit, page), then to k rows a unit. Views keep the first pages by number instead, which is all that is left; k is
one more than the pages kept.
"""

import importlib.metadata
import math
from typing import Any

import opendp.prelude as dp  # type: ignore[import-not-found,import-untyped,unused-ignore]
import polars as pl  # type: ignore[import-not-found,unused-ignore]
from job import DELTA, EPSILON, Released, Settings, run

PAGE = pl.col("page")


def rho() -> float:
    """The largest ρ with (ε, δ/2): OpenDP's own conversion."""
    space = dp.atom_domain(T=float, nan=False), dp.absolute_distance(T=float)
    curve: Any = dp.c.make_zCDP_to_approxDP(dp.m.make_gaussian(*space, 1.0))
    low, high = 1e-4, 0.5
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if curve.map(math.sqrt(2 * middle)).epsilon(DELTA / 2) <= EPSILON else (low, middle)
    return low


def context(settings: Settings, weights: list[float]) -> Any:
    """A compositor over the file: half of δ converts, half pays for thresholds."""
    return dp.Context.compositor(
        data=pl.scan_parquet(settings["rows"]).select("unit", "page"),
        privacy_unit=dp.unit_of(contributions=1, identifier=pl.col("unit")),
        privacy_loss=dp.loss_of(rho=rho(), delta=DELTA / 2),
        split_by_weights=weights,
    )


def devices_of(query: Any, pages: int) -> Any:
    """Distinct devices: one row a (unit, page), so many random pages a unit."""
    return query.truncate_per_group(1, by=[PAGE]).truncate_per_group(pages)


def views_of(query: Any, settings: Settings) -> Any:
    """Views: the first pages of each unit, so many random rows of each."""
    pages, rows = settings["view_pages"], settings["view_rows"]
    return query.truncate_num_groups(pages, by=[PAGE], keep="first").truncate_per_group(rows, by=[PAGE])


def count(query: Any, keys: Any = None) -> Any:
    """Noised rows a page, at the keys or over a threshold."""
    query = query.group_by("page").agg(dp.len(signed=True))  # type: ignore[attr-defined,unused-ignore]
    return (query if keys is None else query.with_keys(keys)).release().collect()


def as_released(frame: Any) -> Released:
    """Page → value."""
    return dict(zip(frame["page"].to_list(), frame["len"].to_list(), strict=True))


def direct(settings: Settings) -> tuple[Released, Released]:
    """Two thresholded queries."""
    share = settings["device_share"]
    asked = context(settings, [share, 1 - share])
    devices = count(devices_of(asked.query(), settings["device_pages"]))
    return as_released(count(views_of(asked.query(), settings))), as_released(devices)


def keys_first(settings: Settings) -> tuple[Released, Released]:
    """A thresholded query for the keys, then two at these keys."""
    key, device = settings["key_share"], settings["device_share"]
    asked = context(settings, [key, device, 1 - key - device])
    keys = count(devices_of(asked.query(), settings["key_pages"])).select("page")
    devices = count(devices_of(asked.query(), settings["device_pages"]), keys)
    return as_released(count(views_of(asked.query(), settings), keys)), as_released(devices)


if __name__ == "__main__":
    dp.enable_features("contrib")
    run(importlib.metadata.version("opendp"), {"direct": direct, "keys_first": keys_first})
