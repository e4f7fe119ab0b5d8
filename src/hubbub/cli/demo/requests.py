"""The demo's table of a department: what citizens ask of the city's service desk, a day at a time, as whole columns.

As with visits, the seed is the simulator's alone; units and tags are drawn from the operating system.
"""

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from hubbub.cli.demo.city import DISTRICTS, OFFICE_HOURS, ZONE
from hubbub.cli.demo.columns import Numbers, random_words
from hubbub.collect.records.importer import MARK
from hubbub.core.days import HOUR_MS, bounds, days_between
from hubbub.core.tables import Column, Table, TableMeasure

NAME = "service-requests"
REQUESTS = 2_400  # on an ordinary day
AGAIN = 0.12  # share of requests with a second row on their day
WEEKDAYS = (1.3, 1.15, 1.1, 1.05, 0.95, 0.25, 0.15)
PROMISED_H = 72.0
MOST_H = 240.0
SERVICES = {  # weight, and hours that half of them take
    "bulky waste": (1.6, 30.0), "street lighting": (0.9, 46.0), "potholes": (1.1, 64.0), "parking permit": (1.5, 5.0),
    "graffiti": (0.5, 38.0), "playgrounds": (0.4, 52.0), "dog tax": (0.7, 3.0), "noise": (0.8, 20.0),
}  # fmt: skip
CHANNELS = {"web": 0.52, "phone": 0.3, "counter": 0.18}
SLOWER = {"hafen": 1.5, "westberg": 1.25}  # districts where requests take longer
SEED = 20_260_502

TABLE = Table(
    name=NAME,
    title="Service requests",
    time="opened_at",
    unit="request_no",
    columns={
        "service": Column(values=tuple(SERVICES)),
        "district": Column(values=DISTRICTS),
        "channel": Column(values=tuple(CHANNELS)),
        "closed": Column(values=("in time", "late")),
        "hours": Column(header="hours_to_close", most=MOST_H, decimals=1, bins=(0, 2, 8, 24, 72, 120, MOST_H)),
    },
    measures={
        "requests": TableMeasure("units", title="Requests"),
        "by_service": TableMeasure("count", by=("service",), title="What is asked for"),
        "by_district": TableMeasure("count", by=("district",), title="Where"),
        "in_time": TableMeasure("share", which={"closed": ("in time",)}, by=("district",), title="Closed in time"),
        "took": TableMeasure("mean", of="hours", by=("service",), title="Hours until closed"),
        "typical": TableMeasure("quantiles", of="hours", title="Hours that requests take"),
        "by_hour": TableMeasure("count", by=("hour",), title="When requests come"),
        "handed_on": TableMeasure(
            "funnel", steps=({"channel": ("web",)}, {"channel": ("phone", "counter")}), title="From the web to a person"
        ),
    },
)


def simulate_requests(today: date, days: int, seed: int = SEED) -> Iterator[tuple[date, pa.Table]]:
    """The rows of the `days` days before `today`, as an import of files would have made them."""
    for day in days_between(today - timedelta(days=days), today - timedelta(days=1)):
        yield day, simulate_requests_of(day, seed)


def simulate_requests_of(day: date, seed: int = SEED) -> pa.Table:
    """All rows of one local day. The same arguments give the same rows but for units and tags."""
    rng = np.random.default_rng([seed, day.toordinal()])
    count = int(rng.poisson(REQUESTS * WEEKDAYS[day.weekday()]))
    request = np.concatenate([np.arange(count), rng.choice(count, int(count * AGAIN), replace=False)])
    start, end = bounds(day, ZONE)
    hours = np.array(OFFICE_HOURS, np.float64)
    ms = start + ((rng.choice(24, count, p=hours / hours.sum()) + rng.random(count)) * HOUR_MS).astype(np.int64)
    at = np.minimum(np.concatenate([ms, ms[request[count:]] + HOUR_MS]), end - 1)
    weights = np.array([weight for weight, _ in SERVICES.values()])
    service = rng.choice(len(SERVICES), count, p=weights / weights.sum())
    district = rng.choice(len(DISTRICTS), count, p=_falling(len(DISTRICTS)))
    slower = np.array([SLOWER.get(name, 1.0) for name in DISTRICTS])[district]
    halves = np.array([half for _, half in SERVICES.values()])[service]
    took = np.minimum(halves * slower * rng.lognormal(0, 0.8, count), MOST_H)
    channel = rng.choice(len(CHANNELS), len(request), p=list(CHANNELS.values()))
    closed = np.where(took <= PROMISED_H, 0, 1)
    units = random_words(count)
    columns = {
        "unit": pa.array(units[request]),
        "tag": pa.array(random_words(len(request)) & ~1),
        "ms": pa.array(at),
        "hour": pa.array(((at - start) // HOUR_MS).astype(np.int8)),
        "service": _texts(service[request], tuple(SERVICES)),
        "district": _texts(district[request], DISTRICTS),
        "channel": _texts(channel, tuple(CHANNELS)),
        "closed": _texts(closed[request], ("in time", "late")),
        "hours": pa.array(np.rint(took[request] * TABLE.columns["hours"].scale).astype(np.int64)),
    }
    return pa.table(columns).replace_schema_metadata(MARK)


def _falling(count: int) -> list[float]:
    weights = [0.8**place for place in range(count)]
    return [weight / sum(weights) for weight in weights]


def _texts(places: Numbers, names: tuple[str, ...]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(places.astype(np.int32)), pa.array(list(names), pa.string()))
