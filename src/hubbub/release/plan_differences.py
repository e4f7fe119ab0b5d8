"""In what one plan differs from another, for readers."""

from collections.abc import Iterator

from hubbub.core.plan_text import PlanDifference
from hubbub.release.budget import PICO
from hubbub.release.plan_texts import Told, ToldMeasure

MOVED = 0.25  # a share that only others' weights move, by less than this part of it, is not told
NAMED = 5  # keys that come or go are told by name up to so many


def differences(before: Told, after: Told) -> tuple[PlanDifference, ...]:
    """What the plan `after` changes, the whole first. Texts that differ in nothing that counts were written anew."""
    found = tuple([*_of_budget(before, after), *_of_measures(before, after), *_of_asked(before, after)])
    return found or (PlanDifference("program"),) if before != after else found


def _of_budget(before: Told, after: Told) -> Iterator[PlanDifference]:
    if before.budget != after.budget:
        told = [f"ρ = {each.rho / PICO:.3g}, ε = {each.epsilon:.3g}, δ = {each.delta:.0e}" for each in
                (before.budget, after.budget)]  # fmt: skip
        yield PlanDifference("budget", "", *told)


def _of_measures(before: Told, after: Told) -> Iterator[PlanDifference]:
    old = {each.measure: each for each in before.plan.measures}
    new = {each.measure: each for each in after.plan.measures}
    for name, measure in new.items():
        if name not in old:
            yield PlanDifference("added", measure.says or name, "", measure.bounded)
    for name, measure in old.items():
        if name not in new:
            yield PlanDifference("removed", measure.says or name, measure.bounded)
    whole = [sum(each.weight for each in told.plan.measures) for told in (before, after)]
    for name, measure in new.items():
        if name in old:
            yield from _of_measure(old[name], measure, whole)


def _of_measure(old: ToldMeasure, new: ToldMeasure, whole: list[int]) -> Iterator[PlanDifference]:
    subject = new.says or new.measure
    before, after = (each.weight / all_ for each, all_ in zip((old, new), whole, strict=True))
    if old.weight != new.weight or not 1 - MOVED < after / before < 1 + MOVED:
        yield PlanDifference("weight", subject, f"{100 * before:.3g} %", f"{100 * after:.3g} %")
    if (old.kind, old.keys) != (new.kind, new.keys):
        yield PlanDifference("counting", subject, measure=new.measure)
    elif old.bounded != new.bounded:
        yield PlanDifference("bound", subject, old.bounded, new.bounded, new.measure)
    if old.fixed != new.fixed:
        gone, come = set(old.fixed) - set(new.fixed), set(new.fixed) - set(old.fixed)
        yield PlanDifference("keys", subject, _named(gone), _named(come))


def _named(keys: set[tuple[str, ...]]) -> str:
    names = sorted(dict.fromkeys(" · ".join(key) for key in keys))
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" … (+{more})" if more > 0 else "")


def _of_asked(before: Told, after: Told) -> Iterator[PlanDifference]:
    """Names that stand for something else now; such as came or went are told by the keys of their measures."""
    for kind, names in after.plan.asked.items():
        earlier = before.plan.asked.get(kind, {})
        for name, meaning in names.items():
            if name in earlier and earlier[name] != meaning:
                yield PlanDifference("meaning", name)
