"""MSTL as its users fit it: season 7, one day ahead with a 95 % interval, one process. Processor seconds a series."""

import json
import sys
from importlib.metadata import version
from time import perf_counter, process_time

import numpy as np
import pandas as pd  # type: ignore[import-untyped,unused-ignore]
from statsforecast import StatsForecast  # type: ignore[import-not-found,unused-ignore]
from statsforecast.models import MSTL  # type: ignore[import-not-found,unused-ignore]


def main() -> None:
    """Once to compile, once to measure."""
    values = np.nan_to_num(np.load(sys.argv[1])["values"])
    series, days = values.shape
    dates = np.tile(pd.date_range("2024-01-01", periods=days), series)
    table = pd.DataFrame({"unique_id": np.repeat(np.arange(series), days), "ds": dates, "y": values.ravel()})
    for rows in (table[: 2 * days], table):
        start, used = perf_counter(), process_time()
        StatsForecast(models=[MSTL(season_length=7)], freq="D", n_jobs=1).forecast(df=rows, h=1, level=[95])
        took, cpu = perf_counter() - start, process_time() - used
    print(json.dumps({"version": version("statsforecast"), "seconds": took / series, "cpu_seconds": cpu / series}))


if __name__ == "__main__":
    main()
