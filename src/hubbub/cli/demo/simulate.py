"""Simulates the city's visits, a day and a portal at a time, as whole columns.

The seed is the simulator's alone: it makes the demo's history the same each time. Units and tags are drawn from the
operating system, like those of real rows, and no noise of a release has anything to do with it.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hubbub.cli.demo.city import PORTALS, ZONE, Portal
from hubbub.cli.demo.columns import Coded, Columns, Marks, Numbers, table_of
from hubbub.cli.demo.crowd import Source
from hubbub.cli.demo.story import Story
from hubbub.cli.demo.views import REPORTED, Deeds, Views, draw_deeds, draw_views
from hubbub.cli.demo.visits import (
    ALL_COUNTRIES,
    ALL_LANGUAGES,
    ALL_PROFILES,
    Units,
    Visits,
    draw_visits,
    wall_hours,
)
from hubbub.cli.demo.wishes import returning_of
from hubbub.core.days import HOUR_MS, bounds, day_of, days_between, slot_of
from hubbub.core.rows import Kind
from hubbub.core.vocabulary import RETURNING

SEED = 20_260_401


class SimulatedDay(NamedTuple):
    """The rows of one source and local day."""

    source: str
    day: date
    rows: pa.Table


class SimulatedHour(NamedTuple):
    """The rows of one source and hour slot of today."""

    source: str
    day: date
    hour: int
    rows: pa.Table


def simulate_history(story: Story, today: date, days: int, seed: int = SEED) -> Iterator[SimulatedDay]:
    """The `days` days before `today`, portal by portal, oldest day first."""
    for portal in PORTALS:
        for day in days_between(today - timedelta(days=days), today - timedelta(days=1)):
            yield SimulatedDay(portal.name, day, simulate_day(portal, day, story, seed))


def simulate_today(story: Story, now_ms: int, seed: int = SEED) -> Iterator[SimulatedHour]:
    """What has happened today before `now_ms`, hour by hour and in each hour portal by portal; no hour is empty."""
    today = day_of(now_ms, ZONE)
    tables = [(portal.name, simulate_day(portal, today, story, seed)) for portal in PORTALS]
    for hour in range(slot_of(now_ms, today, ZONE) + 1):
        for source, rows in tables:
            past = rows.filter((pc.field("hour") == hour) & (pc.field("ms") < now_ms))
            if past.num_rows:
                yield SimulatedHour(source, today, hour, past)


def simulate_day(portal: Portal, day: date, story: Story, seed: int = SEED) -> pa.Table:
    """All rows of one portal and local day. The same arguments give the same rows but for units and tags."""
    rng = np.random.default_rng([seed, PORTALS.index(portal), day.toordinal()])
    units, visits = draw_visits(portal, day, story, rng)
    views = draw_views(portal, day, story, visits, rng)
    deeds = draw_deeds(portal, visits, views, rng)
    columns, ms = _columns(portal, units, visits, views, deeds, rng)
    hour = (ms - bounds(day, ZONE).start_ms) // HOUR_MS
    return table_of({**columns, "ms": ms, "hour": hour}, _kept(hour, portal, day, story))


def _columns(
    portal: Portal, units: Units, visits: Visits, views: Views, deeds: Deeds, rng: np.random.Generator
) -> tuple[Columns, Numbers]:
    """Page views, then the engagement of those that report it, then deeds; and the time of each, ms."""
    seen, done = len(views.visit), len(deeds.visit)
    report = np.flatnonzero(rng.random(seen) < REPORTED)
    engaged = (views.dwell[report] * rng.uniform(0.45, 1, len(report))).astype(np.int64)
    scroll = np.clip(rng.beta(2.2, 1.6, len(report)) * 105, 8, 100).astype(np.int64)

    visit = np.concatenate([views.visit, views.visit[report], deeds.visit])
    unit = visits.unit[visit]
    ms = np.concatenate([views.ms, views.ms[report] + views.dwell[report], deeds.ms])
    # a browser names its referrer with the first view of a visit only
    came = np.full(len(visit), len(visits.sources))
    came[np.flatnonzero(views.is_first)] = visits.source
    sources = (*visits.sources, Source(0, "", "Direct"))
    gone = len(portal.pages) + deeds.name - (len(deeds.names) - len(portal.missing))
    deed_page = np.where(deeds.kind == Kind.MISSING, gone, deeds.page)
    told = np.full(len(visit), len(RETURNING))
    told[:seen] = returning_of(portal, len(units.key), rng)[unit[:seen]]
    before, silent = np.zeros(seen + len(report), np.int64), np.zeros(done, np.int64)
    columns: Columns = {
        "unit": units.key[unit],
        "kind": np.concatenate(
            [np.full(seen, Kind.PAGEVIEW.value), np.full(len(report), Kind.ENGAGEMENT.value), deeds.kind]
        ),
        "page": Coded(np.concatenate([views.page, views.page[report], deed_page]), (*portal.pages, *portal.missing)),
        "name": Coded(
            np.concatenate([len(deeds.names) + views.term, np.zeros(len(report), np.int64), deeds.name]),
            (*deeds.names, *views.terms),
        ),
        "detail": Coded(np.concatenate([before, deeds.detail]), deeds.details),
        "referrer": Coded(came, tuple(source.referrer for source in sources)),
        "channel": Coded(came, tuple(source.channel for source in sources)),
        "campaign": Coded(came, tuple(source.campaign for source in sources)),
        "country": Coded(units.country[unit], ALL_COUNTRIES),
        "device": Coded(units.profile[unit], tuple(profile.device for profile in ALL_PROFILES)),
        "browser": Coded(units.profile[unit], tuple(profile.browser for profile in ALL_PROFILES)),
        "os": Coded(units.profile[unit], tuple(profile.os for profile in ALL_PROFILES)),
        "language": Coded(units.language[unit], ALL_LANGUAGES),
        "engaged_ms": np.concatenate([np.zeros(seen, np.int64), engaged, silent]),
        "scroll": np.concatenate([np.zeros(seen, np.int64), scroll, silent]),
        "amount": np.concatenate([before, deeds.amount]),
        "returning": Coded(told, (*RETURNING, "")),
    }
    return columns, ms


def _kept(hour: Numbers, portal: Portal, day: date, story: Story) -> Marks:
    """All but what falls into the next day (a visit is cut at midnight) and what an outage lost."""
    walls = np.array(wall_hours(day))
    keep: Marks = hour < len(walls)
    if portal.name == story.outage.portal and day == story.outage.day:
        start, end = story.outage.hours
        wall = walls[np.minimum(hour, len(walls) - 1)]
        keep &= (wall < start) | (wall >= end)
    return keep
