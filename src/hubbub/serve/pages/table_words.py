"""A declared table's names and numbers in words: measures, columns, keys, metrics, and what each kind counts."""

from hubbub.core.tables import HOUR, OTHER, ROW, Table, Where
from hubbub.publish.intervals import Estimate
from hubbub.publish.table_kinds import Shape
from hubbub.serve.pages.figures import Figure, write_figure
from hubbub.serve.texts import Texts, _

WHOLE_FROM = 1_000  # numbers from here on are written without a place after the point
METRICS = {
    "units": _("units"),
    "count": _("rows"),
    "sum": _("sum"),
    "mean": _("mean"),
    "share": _("share"),
    "rate": _("of those who began"),
    "p50": _("half are under"),
    "p90": _("9 of 10 under"),
    "p95": _("19 of 20 under"),
}
SAYS = {
    "units": _("Counted is each {unit} once a day."),
    "count": _("Counted are rows."),
    "sum": _("The sum of {of}; what one {unit} adds on a day is cut at {most}."),
    "mean": _("The mean of {of} over each {unit}’s own mean of the day; values count from {least} to {most}."),
    "quantiles": _(
        "Of each {unit} one row a day counts, drawn by chance; within a bin values are taken as evenly spread."
    ),
    "histogram": _("Of each {unit} one row a day counts, drawn by chance, in the bin that its {of} is in."),
    "share": _("The share of each {unit} with a row where {which}."),
    "funnel": _("Each {unit} counts a day with the deepest step that it reached, in this order."),
}


def title_of(table: Table, name: str) -> str:
    """What readers call a measure."""
    return table.measures[name].title or name.replace("_", " ").capitalize()


def dimension_label(name: str, texts: Texts) -> str:
    """What readers call a column."""
    if name == HOUR:
        return texts.say(_("Hour"))
    words = {"bin": _("Value"), "step": _("Step")}
    return texts.translate(words[name]) if name in words else name.replace("_", " ").capitalize()


def key_text(table: Table, shape: Shape, dimension: str, key: str, texts: Texts) -> str:
    """What readers see for a key."""
    if dimension == "bin":
        return key.replace("..", " – ")
    if dimension == "step":
        steps = table.measures[shape.name].steps
        return where_text(steps[int(key) - 1]) if int(key) <= len(steps) else key
    if key == OTHER and dimension != HOUR and table.columns[dimension].values:
        return texts.say(_("Other"))
    return key or texts.say(_("Not given"))


def where_text(where: Where) -> str:
    """A condition in words: `channel: web, counter`."""
    return "; ".join(f"{column}: {', '.join(values)}" for column, values in where.items())


def metric_label(table: Table, metric: str, texts: Texts) -> str:
    """What readers call a metric; units by their own name."""
    if metric == "units" and table.unit == ROW:
        metric = "count"
    return texts.translate(METRICS[metric])


def number_unit(metric: str, shape: Shape, value: Estimate | None) -> str:
    """The unit in which figures write a metric: numbers with places after the point while they are small."""
    unit = shape.metrics[metric]
    if unit != "number":
        return unit
    return "count" if value is not None and abs(value.value) >= WHOLE_FROM else "ratio"


def figure_of(metric: str, shape: Shape, value: Estimate | None, texts: Texts) -> Figure:
    """A metric's figure."""
    return write_figure(value, number_unit(metric, shape, value), texts)


def says(table: Table, shape: Shape, texts: Texts) -> tuple[str, ...]:
    """What the measure counts, in sentences."""
    measure = table.measures[shape.name]
    unit = texts.say(_("row")) if table.unit == ROW else table.unit
    column = table.columns.get(measure.of)
    least, most = (column.least, column.most or 0.0) if column else (0.0, 0.0)
    if measure.kind == "sum":
        most = max(abs(least), abs(most))
    found = [
        texts.say(
            SAYS[measure.kind],
            unit=unit,
            of=measure.of,
            least=f"{least:g}",
            most=f"{most:g}",
            which=where_text(measure.which),
        )
    ]
    if measure.where:
        found.append(texts.say(_("Only rows where {where}."), where=where_text(measure.where)))
    opened = next((name for name in shape.by if name != HOUR and table.columns[name].open), "")
    if opened:
        found.append(
            texts.say(
                _("Of {column}, listed is what is known beforehand, and what enough rows had that day."), column=opened
            )
        )
    return tuple(found)
