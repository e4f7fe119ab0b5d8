"""Checks of targets: that what they count is released, and that the aim can be judged."""

import re
from collections.abc import Sequence
from math import isfinite

from hubbub.cli.config_values import check_count, check_label, refuse_value
from hubbub.collect.refused_values import region_of
from hubbub.core.errors import ConfigError, QueryError
from hubbub.core.settings import Settings, Site
from hubbub.core.tables import Table
from hubbub.core.targets import Counted, Target, Window
from hubbub.insight.targets.series import check_counted, is_rate

NAME = re.compile(r"[a-z][a-z0-9-]{0,47}")
MOST_TARGETS = 100
LEAST_CONFIDENCE, MOST_CONFIDENCE = 0.6, 0.99
NEEDS = {
    "digital_take_up": ("metric", "of"),
    "completion_rate": ("funnel",),
    "satisfaction": ("metric",),
    "cost_per_transaction": ("metric", "cost"),
}
BELONGS = {"funnel": "completion_rate", "cost": "cost_per_transaction"}


def check_targets(settings: Settings) -> None:
    """Raises ConfigError or Refused for a target that makes no sense or asks for what no one releases."""
    check_count("targets", len(settings.targets), MOST_TARGETS, "targets")
    names = set[str]()
    for index, target in enumerate(settings.targets):
        path = f"targets[{index}]"
        if target.name in names:
            raise ConfigError(f"{path}.name", repr(target.name), "a name that no other target has")
        names.add(target.name)
        check_target(path, target, settings)


def check_target(path: str, target: Target, settings: Settings) -> None:
    """The target at this place of the file, or of a form. Raises ConfigError or Refused."""
    region = region_of(settings.timezone)
    if not NAME.fullmatch(target.name) or target.name == "new":  # which is the address of the form
        allowed = "a name of small letters, digits and dashes: more-permits-online"
        raise ConfigError(f"{path}.name", repr(target.name), allowed)
    for setting in ("title", "owner"):
        if text := getattr(target, setting):
            check_label(f"{path}.{setting}", text, region)
    _check_ready(path, target)
    _check_counted(path, target.counted, settings)
    if target.of is not None:
        _check_counted(f"{path}.of", target.of, settings)
        for place, counted in ((path, target.counted), (f"{path}.of", target.of)):
            if is_rate(counted, settings):
                raise ConfigError(f"{place}.metric", repr(counted.metric), "a count: a rate of rates says nothing")
    if target.ready == "satisfaction" and not (_table_of(target.counted, settings) and is_rate(target, settings)):
        allowed = "a table's measure of the kind `mean` or `share`: no web statistic tells how satisfied people are"
        raise ConfigError(f"{path}.metric", repr(target.metric), allowed)
    if target.ready == "cost_per_transaction" and is_rate(target, settings):
        raise ConfigError(f"{path}.metric", repr(target.metric), "a count of transactions")
    _check_days(path, target)
    _check_aim(path, target)
    if not LEAST_CONFIDENCE <= target.confidence <= MOST_CONFIDENCE:
        raise ConfigError(f"{path}.confidence", str(target.confidence), f"{LEAST_CONFIDENCE} to {MOST_CONFIDENCE}")


def _check_ready(path: str, target: Target) -> None:
    needs = NEEDS.get(target.ready, ("metric",))
    for setting in needs:
        if not getattr(target, setting):
            what = {
                "of": "what counts all transactions, such as {sources: [service-desk], metric: requests}",
                "cost": "what a whole period costs, such as 12000",
                "funnel": "the name of a funnel of the site",
                "metric": "a metric of the query interface, or a measure of the table",
            }[setting]
            raise ConfigError(f"{path}.{setting}", "nothing", what)
    for setting, kind in BELONGS.items():
        if getattr(target, setting) and target.ready != kind:
            raise ConfigError(f"{path}.{setting}", "a value", f"nothing, but with `ready: {kind}`")
    if target.ready == "completion_rate":
        for setting in ("metric", "filter", "of"):
            if getattr(target, setting):
                raise ConfigError(f"{path}.{setting}", "a value", "nothing: the funnel says what is counted")
    if not (isfinite(target.cost) and target.cost >= 0):
        raise ConfigError(f"{path}.cost", str(target.cost), "a number above 0")


def _table_of(counted: Counted, settings: Settings) -> Table | None:
    return settings.table(counted.sources[0]) if len(counted.sources) == 1 else None


def _check_counted(path: str, counted: Counted, settings: Settings) -> None:
    known = [source.name for source in settings.sources]
    for index, name in enumerate(counted.sources):
        if name not in known:
            raise ConfigError(f"{path}.sources[{index}]", repr(name), ", ".join(known))
        if settings.table(name) and len(counted.sources) > 1:
            raise ConfigError(f"{path}.sources", ", ".join(counted.sources), "one table alone, or sites")
    if len(set(counted.sources)) < len(counted.sources):
        raise ConfigError(f"{path}.sources", ", ".join(counted.sources), "each once")
    if not counted.sources and not settings.sites:
        raise ConfigError(f"{path}.sources", "none", ", ".join(known))
    try:
        check_counted(counted, settings)
    except QueryError as error:
        raise ConfigError(f"{path}.{_SETTINGS.get(error.field, error.field)}", error.found, error.allowed) from None
    dimension, _, value = counted.filter.partition("==")
    if value:
        refuse_value(f"{path}.filter", value, region_of(settings.timezone))
    if _table_of(counted, settings) is None:
        _check_declared(f"{path}.filter", dimension.strip(), value.strip(), _sites_of(counted, settings))


_SETTINGS = {"metrics": "metric", "measure": "metric", "filters": "filter", "dimensions": "filter", "by": "filter"}


def _sites_of(counted: Counted, settings: Settings) -> Sequence[Site]:
    return [site for site in settings.sites if not counted.sources or site.name in counted.sources]


def _check_declared(path: str, dimension: str, value: str, sites: Sequence[Site]) -> None:
    """A goal or a funnel that no site has would wait for ever."""
    if dimension not in ("goal", "funnel"):
        return
    names = {name for site in sites for name in (site.goals if dimension == "goal" else site.funnels)}
    if value not in names:
        where = ", ".join(site.name for site in sites)
        raise ConfigError(
            path, f"{dimension} {value!r}", f"a {dimension} of {where}: {', '.join(sorted(names)) or 'none is set'}"
        )


def _check_days(path: str, target: Target) -> None:
    if target.period == "once":
        if target.first is None or target.due is None:
            raise ConfigError(f"{path}.period", "'once' without `first` and `due`", "both of them, as YYYY-MM-DD")
        if target.due < target.first:
            raise ConfigError(f"{path}.due", str(target.due), "a day not before `first`")
    elif target.first is not None:
        raise ConfigError(f"{path}.first", str(target.first), "nothing, but with `period: once`")


def _check_aim(path: str, target: Target) -> None:
    said = [name for name in ("at_least", "at_most", "between") if getattr(target, name) is not None]
    if not said or ("between" in said and len(said) > 1):
        found = " and ".join(said) or "nothing"
        raise ConfigError(f"{path}.at_least", found, "one of `at_least: 500`, `at_most: 500` and `between: [400, 500]`")
    for name in said:
        try:
            target.aim  # noqa: B018
        except ValueError:
            allowed = "a number, or a change such as '+10 %'"
            raise ConfigError(f"{path}.{name}", repr(getattr(target, name)), allowed) from None
    aim = target.aim
    if not all(one is None or isfinite(one) for one in (aim.low, aim.high)):
        raise ConfigError(f"{path}.{said[0]}", "no number", "a finite number")
    if aim.low is not None and aim.high is not None and aim.low >= aim.high:
        raise ConfigError(f"{path}.{said[0]}", f"{aim.low:g} to {aim.high:g}", "a least below the most")
    if aim.is_change != (target.baseline is not None):
        if aim.is_change:
            allowed = "`last_year`, `previous`, {first: DAY, last: DAY} or a number: what a change is against"
            raise ConfigError(f"{path}.baseline", "nothing", allowed)
        raise ConfigError(f"{path}.baseline", "a value", "nothing, but with a change such as `at_least: '+10 %'`")
    if aim.is_change and not all(one is None or isinstance(one, str) for one in (target.at_least, target.at_most)):
        raise ConfigError(f"{path}.at_most", "a number beside a change", "both as changes, or both as numbers")
    if target.baseline == "previous" and target.period == "once":
        raise ConfigError(f"{path}.baseline", "'previous' with `period: once`", "a window: {first: DAY, last: DAY}")
    if isinstance(target.baseline, Window) and target.baseline.last < target.baseline.first:
        raise ConfigError(f"{path}.baseline.last", str(target.baseline.last), "a day not before `first`")
    if target.ready == "cost_per_transaction" and aim.is_change and not isinstance(target.baseline, float | int):
        raise ConfigError(f"{path}.baseline", "released days", "a number: what a transaction cost before")
