"""The plan under a budget, in plain words, for the public "What we measure" page."""

from hubbub.core.plan_text import MeasureText, PlanText
from hubbub.core.tables import ROW
from hubbub.release.budget import PICO, Priced
from hubbub.release.plan import Keys, MeasurePlan

UNIT = (
    "One device on one site on one local day. Whatever that device does there that day, the released numbers would "
    "have come out almost as likely without it."
)
TABLE_UNIT = (
    "All rows of one unit of this table ({unit}) on one local day. Whatever they are, the released numbers would have "
    "come out almost as likely without them."
)
KEYS = {
    Keys.SINGLE: "one number",
    Keys.HOURS: "every hour of the day",
    Keys.FIXED: "a fixed list; every entry is released, zeros too",
    Keys.PUBLIC: "pages known beforehand; every one is released, zeros too",
    Keys.PUBLIC_OR_NEW: "those known beforehand, zeros too, and new ones above a threshold",
    Keys.NEW: "only those above a threshold",
    Keys.DAY: "pages known beforehand, and the new ones released that day",
}
TABLE_KEYS = {Keys.DAY: "values known beforehand, zeros too, and the new ones released that day"}


def describe(priced: Priced) -> PlanText:
    """Every measure with its bound, noise and cost, and the whole."""
    allowed, table = priced.allowance, priced.plan.table
    return PlanText(
        name=f"{priced.plan.name} {priced.plan.version}",
        unit=UNIT if table is None else TABLE_UNIT.format(unit="each row" if table.unit == ROW else table.unit),
        rho=allowed.rho / PICO,
        epsilon=allowed.epsilon,
        delta=allowed.delta,
        trial=allowed.trial,
        measures=tuple(_measure(priced, measure) for measure in priced.plan.measures),
    )


def _measure(priced: Priced, measure: MeasurePlan) -> MeasureText:
    share, parts = priced.shares[measure.measure], measure.kind.parts
    return MeasureText(
        measure=str(measure.measure),
        counted=measure.says,
        bound=f"a {'device' if priced.plan.table is None else 'unit'} counts {measure.limit.format(measure.bound)}",
        keys=KEYS[measure.keys] if priced.plan.table is None else TABLE_KEYS.get(measure.keys, KEYS[measure.keys]),
        sensitivity=measure.l2_squared,
        weight=100 * measure.weight / priced.plan.weights,
        rho=share.rho / PICO,
        sigma=float(share.scale) / parts,
        threshold=-(-share.threshold // parts),
        delta=share.delta,
    )
