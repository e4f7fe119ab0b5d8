"""The plan under a budget, in plain words, for the public "What we measure" page."""

from hubbub.core.plan_text import MeasureText, PlanText
from hubbub.core.tables import ROW, Table
from hubbub.release.budget import PICO, Priced
from hubbub.release.plan import Keys, MeasurePlan

UNIT = (
    "One device on one site on one local day. Whatever that device does there that day, the released numbers would "
    "have come out almost as likely without it."
)
UNIT_OF_TABLE = {
    True: (
        "One row of the table. The released numbers would have come out almost as likely without it. Who stands in "
        "several rows is protected row by row, not as a whole."
    ),
    False: (
        "All rows of one “{unit}” on one local day: the released numbers would have come out almost as likely without "
        "them. Who stands under several of these on a day, or comes on several days, is protected for each alone."
    ),
}
KEYS_OF_TABLE = {
    Keys.NEW: "only those above a threshold",
    Keys.DAY: "every combination of what is listed, zeros too, with each {column} known beforehand or new that day",
}
KEYS = {
    Keys.SINGLE: "one number",
    Keys.HOURS: "every hour of the day",
    Keys.FIXED: "a fixed list; every entry is released, zeros too",
    Keys.PUBLIC: "pages known beforehand; every one is released, zeros too",
    Keys.PUBLIC_OR_NEW: "those known beforehand, zeros too, and new ones above a threshold",
    Keys.NEW: "only those above a threshold",
    Keys.DAY: "pages known beforehand, and the new ones released that day",
}


def describe(priced: Priced) -> PlanText:
    """Every measure with its bound, noise and cost, and the whole."""
    allowed, table = priced.allowance, priced.plan.table
    return PlanText(
        name=f"{priced.plan.name} {priced.plan.version}",
        unit=UNIT if table is None else UNIT_OF_TABLE[table.unit == ROW].format(unit=table.unit),
        rho=allowed.rho / PICO,
        epsilon=allowed.epsilon,
        delta=allowed.delta,
        trial=allowed.trial,
        measures=tuple(_measure(priced, measure) for measure in priced.plan.measures),
    )


def _measure(priced: Priced, measure: MeasurePlan) -> MeasureText:
    """Noise and threshold are told in whole units, also where a unit counts in parts."""
    share, parts = priced.shares[measure.measure], measure.kind.parts
    return MeasureText(
        measure=str(measure.measure),
        counted=measure.says,
        bound=f"{_who(priced.plan.table)} counts {measure.limit.format(measure.bound)}",
        keys=_keys(priced.plan.table, measure),
        sensitivity=measure.l2_squared // parts**2,
        weight=100 * measure.weight / priced.plan.weights,
        rho=share.rho / PICO,
        sigma=float(share.scale / parts),
        threshold=share.threshold if parts == 1 else share.threshold / parts,
        delta=share.delta,
    )


def _who(table: Table | None) -> str:
    if table is None:
        return "a device"
    return "a row" if table.unit == ROW else "a unit"


def _keys(table: Table | None, measure: MeasurePlan) -> str:
    if table is None or measure.keys not in KEYS_OF_TABLE:
        return KEYS[measure.keys]
    return KEYS_OF_TABLE[measure.keys].format(column=measure.dimension)
