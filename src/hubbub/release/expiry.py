"""Keys that hardly anyone uses any more leave the public list, so that their noise is not paid with attention."""

import math
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta

from hubbub.core.keys import Dimension, Measure
from hubbub.release.ledger import Ledger
from hubbub.release.plan import Keys, Plan
from hubbub.release.public_keys import PublicKeys

DAYS = 30
SIGMAS = 2.0
WATCHED: dict[str, str] = {
    Measure.PAGE_VISITORS: Dimension.PAGE,
    Measure.REFERRERS: Dimension.REFERRER,
    Measure.CAMPAIGNS: Dimension.CAMPAIGN,
    Measure.EVENTS: Dimension.EVENT,
    Measure.SEARCH_TERMS: Dimension.TERM,
}


def watched(plan: Plan) -> dict[str, str]:
    """The measures by which keys are seen to fade, and the dimension of each: of a table the first that counts by an
    open column alone.
    """
    if plan.table is None:
        return WATCHED
    found: dict[str, str] = {}
    for measure in plan.measures:
        if measure.tells in ("units", "count") and len(measure.dimensions) == 1 and measure.keys is Keys.DAY:
            found.setdefault(measure.dimensions[0], measure.measure)
    return {measure: dimension for dimension, measure in found.items()}


def expire_faded(
    ledger: Ledger, public: PublicKeys, source: str, day: date, measures: Mapping[str, str] = WATCHED
) -> int:
    """Expire released keys whose mean over the 30 days before `day` is under twice its standard deviation.

    Reads released cells only, so it is free. A key needs 30 days of cells, and must pass the threshold again to
    return. Returns how many expired.
    """
    sums: dict[tuple[str, str], int] = defaultdict(int)
    variances: dict[tuple[str, str], float] = defaultdict(float)
    days: dict[tuple[str, str], int] = defaultdict(int)
    for each in ledger.released(source, day - timedelta(DAYS), day - timedelta(1), measures):
        for key, value, is_new in zip(each.keys, each.values, each.is_new, strict=True):
            if not is_new:
                place = (measures[each.measure], key[0])
                sums[place] += value
                variances[place] += each.variance
                days[place] += 1
    faded: dict[str, list[str]] = defaultdict(list)
    for place, total in sums.items():
        if days[place] >= DAYS and total < SIGMAS * math.sqrt(variances[place]):
            faded[place[0]].append(place[1])
    return sum(public.expire(source, dimension, keys) for dimension, keys in faded.items())
