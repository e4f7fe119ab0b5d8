"""Public holidays of the city, on which a place is used as on no other day of the week.

The library takes half a second to load, so that it is loaded where a region is set only.
"""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from importlib import import_module
from typing import Any


def check_region(region: str) -> str | None:
    """What is wrong with a region such as AT, DE-BY or AU-VIC, in words; None: it is known (or "")."""
    if not region:
        return None
    country, _, part = region.partition("-")
    known = _library().list_supported_countries(include_aliases=False)
    if country not in known:
        return "a country's two letters, such as AT, or with its part, such as DE-BY"
    if part and part not in known[country]:
        return f"{country} alone, or with one of {', '.join(known[country])}"
    return None


@lru_cache(maxsize=64)
def holidays_of(region: str, year: int) -> Mapping[date, str]:
    """The public holidays of a year and their names; none where no region is set."""
    if not region:
        return {}
    country, _, part = region.partition("-")
    return dict(_library().country_holidays(country, subdiv=part or None, years=year, language="en_US"))


def _library() -> Any:
    return import_module("holidays")
