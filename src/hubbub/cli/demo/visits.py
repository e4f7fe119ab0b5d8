"""Who comes on a simulated day, when, from where, and for how many pages."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from hubbub.cli.demo.city import ZONE, Portal
from hubbub.cli.demo.columns import Marks, Numbers, random_words
from hubbub.cli.demo.crowd import (
    COUNTRIES,
    FAR_COUNTRIES,
    LANGUAGES,
    PROFILES,
    SOCIAL_PROFILES,
    Source,
    sources_of,
)
from hubbub.cli.demo.story import Story
from hubbub.core.days import HOUR_MS, bounds

ALL_PROFILES = PROFILES + SOCIAL_PROFILES
ALL_LANGUAGES = tuple(LANGUAGES)
ALL_COUNTRIES = tuple(dict.fromkeys([*COUNTRIES, *FAR_COUNTRIES]))
COMES_AGAIN, COMES_A_THIRD_TIME = 0.15, 0.03
BOUNCES = 0.4
ENDS_AFTER_A_PAGE = 0.4
DAILY_SPREAD = 0.035
LONGEST_VISIT = 30
MACHINES, MACHINE_VIEWS = 0.008, 48  # share of visits by programs that pose as browsers, and the pages each takes


class Units(NamedTuple):
    """Devices of one day: their key, and places in `ALL_PROFILES`, `ALL_LANGUAGES`, `ALL_COUNTRIES`."""

    key: Numbers
    profile: Numbers
    language: Numbers
    country: Numbers


class Visits(NamedTuple):
    """One entry a visit: whose, when, from where (a place in `sources`), how many pages; `surge` is -1 for none."""

    unit: Numbers
    start_ms: Numbers
    source: Numbers
    views: Numbers
    surge: Numbers
    sources: tuple[Source, ...]


def pick(rng: np.random.Generator, weights: Sequence[float], count: int) -> Numbers:
    """`count` places in `weights`, each as likely as its weight."""
    steps = np.cumsum(np.asarray(weights, float))
    places: Numbers = np.searchsorted(steps, rng.random(count) * steps[-1], side="right")
    return places


@lru_cache(maxsize=512)
def wall_hours(day: date) -> tuple[int, ...]:
    """The hour on the wall clock at which each slot of the local day begins."""
    start, zone = bounds(day, ZONE).start_ms, ZoneInfo(ZONE)
    slots = range(bounds(day, ZONE).hours)
    return tuple(datetime.fromtimestamp((start + slot * HOUR_MS) / 1000, zone).hour for slot in slots)


def draw_visits(portal: Portal, day: date, story: Story, rng: np.random.Generator) -> tuple[Units, Visits]:
    """The devices of a day on a portal and their visits, those of surges included."""
    ordinary = portal.visitors * portal.weekdays[day.weekday()] * rng.lognormal(0, DAILY_SPREAD)
    surges = [surge for surge in story.surges if surge.portal == portal.name]
    sizes = [int(rng.poisson(ordinary)), *(int(rng.poisson(portal.visitors * s.share_on(day))) for s in surges)]
    crowds = np.repeat(np.arange(len(sizes)) - 1, sizes)
    units = _draw_units(rng, np.isin(crowds, [place for place, surge in enumerate(surges) if surge.far]))

    again = rng.random(len(crowds))
    again[crowds >= 0] = 1
    unit = np.repeat(np.arange(len(crowds)), 1 + (again < COMES_AGAIN) + (again < COMES_A_THIRD_TIME))
    surge = crowds[unit]
    sources = sources_of(portal)
    source = pick(rng, [source.weight for source in sources], len(unit))
    bounces = np.full(len(unit), BOUNCES)
    for place, found in enumerate(surges):
        here = surge == place
        source[here] = len(sources) + pick(rng, [source.weight for source in found.sources], int(here.sum()))
        bounces[here] = found.bounce
        sources = sources + found.sources
    more = 1 + np.minimum(rng.geometric(ENDS_AFTER_A_PAGE, len(unit)), LONGEST_VISIT)
    views = np.where(rng.random(len(unit)) < bounces, 1, more)
    views[(rng.random(len(unit)) < MACHINES) & (surge < 0)] = MACHINE_VIEWS
    slot = pick(rng, [portal.hours[hour] for hour in wall_hours(day)], len(unit))
    start = bounds(day, ZONE).start_ms + slot * HOUR_MS + rng.integers(0, HOUR_MS, len(unit))
    return units, Visits(unit, start, source, views, surge, sources)


def _draw_units(rng: np.random.Generator, far: Marks) -> Units:
    """Devices: those marked `far` come from further away and mostly by phone."""
    count, strangers = len(far), int(far.sum())
    profile = pick(rng, [profile.weight for profile in PROFILES], count)
    profile[far] = len(PROFILES) + pick(rng, [profile.weight for profile in SOCIAL_PROFILES], strangers)
    country = pick(rng, [COUNTRIES.get(code, 0) for code in ALL_COUNTRIES], count)
    country[far] = pick(rng, [FAR_COUNTRIES.get(code, 0) for code in ALL_COUNTRIES], strangers)
    language = pick(rng, list(LANGUAGES.values()), count)
    return Units(random_words(count), profile, language, country)
