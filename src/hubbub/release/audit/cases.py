"""What is audited: to audit one more mechanism is to add one `Case` to `CASES`.

Bounds are the plan's own; budgets are larger than a city's, so that the runs at hand tell half the noise from the right
noise and a threshold's rate can be seen. Nothing in a mechanism depends on how large its budget is but the scale and
the threshold, which come from the same functions.
"""

from msgspec import Struct

from hubbub.core.keys import Measure
from hubbub.core.settings import Amount, Combinations, Settings, Site
from hubbub.core.tables import Column, Table, TableMeasure
from hubbub.core.zcdp import epsilon_of
from hubbub.release.audit import broken
from hubbub.release.audit.broken import Broken, Inputs
from hubbub.release.audit.day import day_with_its_rows, day_without_bounds
from hubbub.release.audit.inputs import alone, at_the_threshold, in_each_table, of_each, paid, pair
from hubbub.release.budget import PICO, Allowance, Priced, share
from hubbub.release.plan import MeasurePlan, Plan
from hubbub.release.portal import PORTAL
from hubbub.release.site_plan import plan_of
from hubbub.release.table_plan import new_of, plan_of_table
from hubbub.release.weights import weight_of_new

RHO = PICO // 2
DELTA = 0.01  # of reading rho as (epsilon, delta)
DELTA_OF_THRESHOLDS = 0.01
RHO_OF_THRESHOLDS = PICO // 8  # finer steps from one threshold to the next
MANY = 8  # new keys of one unit, where all that it has count
TABLE = plan_of_table(
    Table(
        "requests",
        "at",
        "device",
        {"page": Column(open="path"), "area": Column(values=("north", "south"))},
        {"views": TableMeasure("count", by=("page",), bound=4), "areas": TableMeasure("count", by=("area",), bound=3)},
    )
)


class Case(Struct, frozen=True):
    """One mechanism on one pair of neighbouring inputs.

    name     for programs
    says     what is released, in words
    priced   the measures with their shares of the audit's budget
    inputs   the pair of each measure
    broken   copies that must be caught
    """

    name: str
    says: str
    priced: Priced
    inputs: Inputs
    broken: tuple[Broken, ...]

    @property
    def delta(self) -> float:
        """The δ at which ε is declared: that of the conversion and that of all thresholds."""
        return self.priced.allowance.delta_conversion + sum(each.delta for each in self.priced.shares.values())

    @property
    def epsilon(self) -> float:
        """The ε that is declared at this δ."""
        return self.priced.allowance.epsilon


class ThresholdCase(Struct, frozen=True):
    """The threshold of new keys: how often does a unit that alone has some new keys show one of them?"""

    name: str
    says: str
    priced: Priced
    inputs: Inputs
    broken: tuple[Broken, ...]

    @property
    def delta(self) -> float:
        """How often, at most, it may."""
        return self.priced.shares[self.priced.plan.measures[0].measure].delta


def priced(*measures: MeasurePlan, rho: int = RHO, delta: float = DELTA_OF_THRESHOLDS) -> Priced:
    """The measures under the audit's budget, by the functions that price a city's plan."""
    plan = Plan("audit", 1, measures)
    thresholds = delta if plan.thresholded else 0.0
    allowed = Allowance(rho, DELTA, thresholds, epsilon_of(rho / PICO, DELTA), DELTA + thresholds, False)
    return Priced(plan, allowed, {each.measure: share(plan, each, allowed) for each in measures})


def _amounts() -> MeasurePlan:
    site = Site("", amounts={"Fee": Amount(200), "Fine": Amount(50)})
    return plan_of(site, Settings((site,)))[Measure.AMOUNTS]


def _combinations() -> MeasurePlan:
    asked = Combinations(("device", "country", "language"), {"country": ("AT",), "language": ("de",)}, depth=2)
    site = Site("", combinations=asked)
    return plan_of(site, Settings((site,)))[Measure.COMBINATIONS]


def _by_rows(keys: int) -> Broken:
    return Broken("a device that has four rows of a key counts four times", inputs=alone(keys, 4))


EMPTY = (broken.EMPTY_WITHOUT_NOISE, broken.EMPTY_LEFT_OUT)
WRONG_SCALE = (broken.HALF_SCALE, broken.NO_SENSITIVITY)

CASES: tuple[Case, ...] = (
    Case(
        "count", "One number: visitors of a day",
        priced(PORTAL[Measure.VISITORS]),
        pair({}, {"": 1}, ""),
        (broken.HALF_SCALE, broken.CUT_NOISE, broken.NO_NEGATIVE_NOISE, *EMPTY),
    ),
    Case(
        "views", "One number to which a device adds up to 10: page views of a day",
        priced(PORTAL[Measure.PAGEVIEWS]),
        pair({"": 30}, {"": 40}, ""),
        (*WRONG_SCALE, broken.CUT_NOISE, broken.NO_NEGATIVE_NOISE),
    ),
    Case(
        "public_keys", "Known keys, a device in up to 5 of them: visitors of pages",
        priced(PORTAL[Measure.PAGE_VISITORS]),
        pair(
            {"/": 9, "/a": 2, "/b": 1}, {"/": 10, "/a": 3, "/b": 2, "/c": 1, "/d": 1},
            "/", "/a", "/b", "/c", "/d", "/e",
        ),
        (*WRONG_SCALE, broken.ONE_NOISE, *EMPTY),
    ),
    Case(
        "squares", "Known keys, the squares of what a device adds at most 16: views of pages",
        priced(PORTAL[Measure.PAGE_PAGEVIEWS]),
        pair({"/": 9, "/a": 2}, {"/": 12, "/a": 4, "/b": 1, "/c": 1, "/d": 1}, "/", "/a", "/b", "/c", "/d"),
        (*WRONG_SCALE, broken.ONE_NOISE, *EMPTY),
    ),
    Case(
        "amounts", "Sums of amounts, a device in up to 2 of them with up to 1,000 parts each",
        priced(_amounts()),
        paid,
        (*WRONG_SCALE, broken.CUT_NOISE, *EMPTY),
    ),
    Case(
        "combinations", "Tables by several attributes at once, a device in one cell of each of 3",
        priced(_combinations()),
        in_each_table,
        (*WRONG_SCALE, broken.ONE_NOISE, *EMPTY),
    ),
    Case(
        "hours", "Hours of the running day one after the other, a device in its first 3: visitors",
        priced(PORTAL[Measure.VISITORS_HOUR]),
        pair({"7": 3, "8": 5}, {"7": 4, "8": 6, "9": 1}, "7", "8", "9", "10"),
        (*WRONG_SCALE, *EMPTY),
    ),
    Case(
        "hours_squares", "Hours of the running day, the squares of what a device adds at most 36: page views",
        priced(PORTAL[Measure.PAGEVIEWS_HOUR]),
        pair({"7": 3, "8": 5}, {"7": 7, "8": 9, "9": 2}, "7", "8", "9", "10"),
        (*WRONG_SCALE, *EMPTY),
    ),
    Case(
        "new_alone", "New keys that one device alone has, up to 2 of them: pages not known beforehand",
        priced(PORTAL[Measure.NEW_PAGES]),
        alone(2, 1),
        (broken.NO_THRESHOLD,),
    ),
    Case(
        "new_shared", "New keys that other devices have, too, about as many as the threshold",
        priced(PORTAL[Measure.NEW_PAGES]),
        at_the_threshold(2, 1),
        (broken.HALF_SCALE, broken.THRESHOLD_WITHOUT_NOISE, broken.NEW_WITHOUT_NOISE),
    ),
    Case(
        "public_or_new", "A known key, a new one that others have, and a new one of its own: events",
        priced(PORTAL[Measure.EVENTS]),
        of_each,
        (
            broken.HALF_SCALE, *EMPTY, broken.NO_THRESHOLD, broken.THRESHOLD_WITHOUT_NOISE,
            broken.NEW_WITHOUT_NOISE,
        ),
    ),
    Case(
        "weighted", "Weighted counts, scaled down until their squares sum to at most 3: a declared table",
        priced(TABLE["areas"]),
        pair({"north": 2_000}, {"north": 3_000, "south": 1_000, "other": 1_000}, "north", "south", "other"),
        (
            *WRONG_SCALE, *EMPTY,
            Broken("what a device counts is not scaled down", inputs=pair(
                {"north": 2_000}, {"north": 6_000, "south": 4_000, "other": 1_000}, "north", "south", "other",
            )),
        ),
    ),
    Case(
        "weighted_day", "Weighted counts by keys that were released as new that day, the squares at most 4",
        priced(TABLE["views"]),
        pair({"/": 3_000}, {"/": 4_000, "/a": 1_000, "/x": 1_000, "/y": 1_000}, "/", "/a", "/x", "/y"),
        (*WRONG_SCALE, *EMPTY),
    ),
    Case(
        "weighted_shared", "Weighted new keys that others have, too, a device in four with half a count each",
        priced(TABLE[new_of("page")]),
        at_the_threshold(4, weight_of_new(4)),
        (
            broken.HALF_SCALE, broken.THRESHOLD_WITHOUT_NOISE, broken.NEW_WITHOUT_NOISE,
            Broken("a device counts fully in each of its new keys", inputs=at_the_threshold(4, weight_of_new(1))),
        ),
    ),
    Case(
        "day", "Four measures of a day from its rows: counted, bounded and drawn as at a close",
        priced(*(PORTAL[each] for each in (
            Measure.VISITORS, Measure.PAGEVIEWS, Measure.PAGE_VISITORS, Measure.NEW_PAGES,
        ))),
        day_with_its_rows,
        (
            broken.HALF_SCALE, *EMPTY, broken.NO_THRESHOLD,
            Broken("the whole budget spent on each measure", broken.spent_on_each(RHO)),
            Broken("rows counted without the bounds", inputs=day_without_bounds),
        ),
    ),
)  # fmt: skip

THRESHOLDS: tuple[ThresholdCase, ...] = (
    ThresholdCase(
        "threshold_1", "The threshold where a device has one new key: sources",
        priced(PORTAL[Measure.REFERRERS], rho=RHO_OF_THRESHOLDS, delta=1e-3),
        alone(1, 1),
        (broken.NO_THRESHOLD, broken.AT_THRESHOLD, _by_rows(1)),
    ),
    ThresholdCase(
        "threshold_2", "The threshold where a device has two new keys: pages",
        priced(PORTAL[Measure.NEW_PAGES], rho=RHO_OF_THRESHOLDS, delta=1e-2),
        alone(2, 1),
        (broken.NO_THRESHOLD, broken.AT_THRESHOLD, _by_rows(2)),
    ),
    ThresholdCase(
        "threshold_3", "The threshold where a device has three new keys: events",
        priced(PORTAL[Measure.EVENTS], rho=RHO_OF_THRESHOLDS, delta=5e-3),
        alone(3, 1),
        (broken.NO_THRESHOLD, broken.AT_THRESHOLD, broken.ONE_KEY, _by_rows(3)),
    ),
    ThresholdCase(
        "threshold_weighted", "The threshold of weighted counts, a device alone in eight new keys: a declared table",
        priced(TABLE[new_of("page")], rho=RHO_OF_THRESHOLDS, delta=1e-2),
        alone(MANY, weight_of_new(MANY)),
        (broken.NO_THRESHOLD, broken.ONE_KEY),
    ),
)  # fmt: skip

EVERY: tuple[Case | ThresholdCase, ...] = (*CASES, *THRESHOLDS)
