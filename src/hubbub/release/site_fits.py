"""Bounds that fit a site: of its page views and of its pages, from what was released of earlier days. Never from rows.

Theorem: composition and post-processing of zCDP (Bun and Steinke, *Concentrated Differential Privacy*, 2016, Lemma
2.3). A day's bounds are a function of the settings and of released cells of other days, whose units are others (the
unit is a device on one site and *one local day*), so a unit of the day does not move them. Given them, each statement
is what it is under any bound of the settings: its sensitivity is `MeasurePlan.l2_squared` of the bound in force, the
noise is made for that, and both stand in the ledger. The cost stays: ρ and δ are by weight; no measure is added.

- *When.* A day looks at days that ended a whole day before it began, whose closes are over by then: 8 to 2 days back.
  What it finds is the same in its first hour and at its close. The first debit of a day fixes it for good: from then on
  the bounds are read from the plan that paid. So hours, a close after a crash, and another machine have the same ones.
- *From what.* The median of the released histograms of contributions, and the cells of each measure since its bound
  last changed: `truncation` tells what each bound would cut off, `tuning.Losses` weighs that against the noise.
- *How far.* Never below the plan's own bound: that few devices go far cannot be told from noise, so that none is seen
  does not say that there is none. Noise doubles or halves at most at a change, no bound leaves the limits of the
  settings, and a change has to gain a twentieth and a point of a hundred: it moves a headline, so it has to be worth
  it. After it `FEWEST` more days have to be released.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby

import msgspec
import numpy as np
from msgspec.structs import replace

from hubbub.core.keys import Measure
from hubbub.core.settings import TRIAL_EPSILON, Site, Tuning
from hubbub.release.budget import Priced, priced
from hubbub.release.door import Door
from hubbub.release.plan import Bound, MeasurePlan, Plan
from hubbub.release.plan_texts import Told
from hubbub.release.tuning import Losses
from hubbub.release.types import Released
from hubbub.release.volumes import Volumes, usual_contributions, usual_volume

FITTED = (Measure.PAGEVIEWS, Measure.PAGE_VISITORS, Measure.PAGE_PAGEVIEWS)
BESIDE = (Measure.ENTRY_PAGES, Measure.EXIT_PAGES)  # they tell which share of page views falls on public pages
DAYS, AHEAD, FEWEST = 7, 2, 3
LEAST_GAIN, LEAST_POINTS = 0.05, 0.01  # a change gains this part of the loss, and so much of it
STEPS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64, 80, 100)
"""What is chosen from: of squares, the roots. The last one is the most that settings may ask for."""

Bounds = dict[str, int]


def fitted_site(door: Door, source: str, day: date) -> Door:
    """The door with the site's plan as it holds for `day`."""
    site = door.settings.site(source)
    standing = door.priced(source)
    if site is None or not open_bounds(site) or standing.allowance.trial:
        return door
    plan = standing.plan.tuned(Tuning(bounds=_bounds(door, site, day)))
    if plan == standing.plan:
        return door
    return replace(door, known={**door.known, source: priced(plan, door.settings.budget)})


def open_bounds(site: Site) -> tuple[Measure, ...]:
    """The measures whose bounds the site's settings leave to what is released."""
    return tuple(each for each in FITTED if site.plan.fit and each not in site.plan.bounds)


def begun(door: Door, source: str, days: Sequence[date]) -> dict[date, Bounds]:
    """Of each day on which something was debited already, the bounds of the plan that paid last: they hold for it."""
    plans: dict[date, tuple[int, str]] = {}
    for found in door.ledger.standing(source, days).values():
        if found.debit:
            plans[found.debit.day] = max(plans.get(found.debit.day, (0, "")), (found.debit.seq, found.debit.plan))
    texts = {name: _told(door, name) for name in {name for _, name in plans.values()}}
    return {day: texts[name] for day, (_, name) in plans.items()}


def alike(door: Door, source: str, days: Sequence[date]) -> list[list[date]]:
    """Days in runs that began with the same bounds, as the ledger has them: what a day began with holds for it."""
    if not days:
        return []
    if door.settings.site(source) is None:
        return [list(days)]
    return [list(run) for _, run in groupby(days, begun(door, source, days).get)]


def _told(door: Door, name: str) -> Bounds:
    """The fitted bounds that the text of a plan says; none of a trial, which widens them."""
    text = door.ledger.plan_text(name)
    told = msgspec.json.decode(text, type=Told) if text else None
    if told is None or told.budget.epsilon > TRIAL_EPSILON:
        return {}
    return {each.measure: each.bound for each in told.plan.measures if each.measure in FITTED}


def _bounds(door: Door, site: Site, day: date) -> Bounds:
    """Those that the day began with; else those in force before it, or better ones where enough is released to tell."""
    names = open_bounds(site)
    known = begun(door, site.name, [day - timedelta(back) for back in range(DAYS + AHEAD)])
    current = {name: bound for name, bound in known[max(known)].items() if name in names} if known else {}
    if not known or day in known:
        return current
    own = door.priced(site.name).plan
    current = {name: max(bound, own[name].bound) for name, bound in current.items()}
    standing = priced(own.tuned(Tuning(bounds=current)), door.settings.budget)
    found = _released(door, site.name, standing.plan, day)
    histograms = found.pop(str(Measure.CONTRIBUTIONS), [])
    if len(histograms) < FEWEST:
        return current
    volumes = Volumes(
        histograms[0].day,
        histograms[-1].day,
        {name: usual_volume(days) for name, days in found.items()},
        usual_contributions(histograms),
    )
    losses = Losses(standing, volumes)
    measures = [standing.plan[name] for name in names if len(found.get(name, ())) >= FEWEST]
    return current | {each.measure: _best(losses, standing, each, own[each.measure].bound) for each in measures}


def _released(door: Door, source: str, plan: Plan, day: date) -> dict[str, list[Released]]:
    """What was released of the days that count, of each measure under the bound that it has in `plan`. Hidden keys are
    looked at, too, so that nothing an editor does meanwhile changes it.
    """
    first, last = day - timedelta(DAYS + AHEAD - 1), day - timedelta(AHEAD)
    found: dict[str, list[Released]] = {}
    for one in door.ledger.released(source, first, last, (*FITTED, *BESIDE, Measure.CONTRIBUTIONS)):
        if one.values and not one.trial and one.bound == plan[one.measure].bound:
            found.setdefault(one.measure, []).append(one)
    return found


def _best(losses: Losses, standing: Priced, measure: MeasurePlan, least: int) -> int:
    """The bound with the least loss at the measure's own share of ρ, of those near it from `least` on; the smaller of
    equal ones.
    """
    share = np.array([measure.weight / standing.plan.weights])
    found: dict[int, float] = {}
    for bound in _near(measure, least):
        loss = losses.of(measure, share, bound)
        if loss is not None:
            found[bound] = float(loss[0])
    if measure.bound not in found or not losses.tells(measure):
        return measure.bound
    best = min(found, key=lambda bound: (found[bound], bound))
    gain = found[measure.bound] - found[best]
    return best if gain > max(LEAST_POINTS, LEAST_GAIN * found[measure.bound]) else measure.bound


def _near(measure: MeasurePlan, least: int) -> list[int]:
    """The bound as it is, and those from the plan's own on under which noise is at most twice as much, or half."""
    now, found = measure.l2_squared, {measure.bound}
    for step in STEPS:
        bound = step * step if measure.kind is Bound.SQUARES else step
        norm = measure.kind.l2_squared(bound)
        if least <= bound <= measure.most_bound and norm <= 4 * now and now <= 4 * norm:
            found.add(bound)
    return sorted(found)
