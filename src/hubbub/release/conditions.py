"""What the settings ask for, matched once against each distinct page and event, as tables that statements join.

A condition has a number: goals and steps of funnels are numbered through, in the order of the plan.
"""

from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa

from hubbub.core.patterns import matcher
from hubbub.core.rows import DETAIL_SEPARATOR, Kind
from hubbub.core.settings import Amount, Condition
from hubbub.release.plan import Asked
from hubbub.release.site_plan import most_key

KINDS = {
    "outlink": Kind.OUTLINK,
    "download": Kind.DOWNLOAD,
    "form": Kind.FORM,
    "search": Kind.SEARCH,
    "404": Kind.MISSING,
}


def page_topics(topics: Mapping[str, Iterable[str]], pages: Sequence[tuple[str, ...]]) -> pa.Table:
    """`page`, `topic`: a line a topic that a page has."""
    found = [(page, name) for name, patterns in topics.items() for page in pages_of(pages, patterns)]
    return pa.table(
        {
            "page": pa.array([page for page, _ in found], pa.string()),
            "topic": pa.array([name for _, name in found], pa.string()),
        }
    )


def conditions_of(asked: Asked) -> list[Condition]:
    """All conditions; a condition's number is its place."""
    return [*asked.goals.values(), *(step for steps in asked.funnels.values() for step in steps)]


def goals(asked: Asked) -> pa.Table:
    """`c` (the condition's number), `goal`."""
    names = list(asked.goals)
    return pa.table({"c": pa.array(range(len(names)), pa.int16()), "goal": pa.array(names, pa.string())})


def steps(asked: Asked) -> pa.Table:
    """`c`, `funnel`, `step` (from 1)."""
    listed = [(name, step) for name, each in asked.funnels.items() for step in range(1, len(each) + 1)]
    first = len(asked.goals)
    return pa.table(
        {
            "c": pa.array(range(first, first + len(listed)), pa.int16()),
            "funnel": pa.array([name for name, _ in listed], pa.string()),
            "step": pa.array([step for _, step in listed], pa.int16()),
        }
    )


def page_marks(conditions: Sequence[Condition], pages: Sequence[tuple[str, ...]]) -> pa.Table:
    """`page`, `c`: the conditions that a view of the page meets."""
    found = [
        (page, number)
        for number, condition in enumerate(conditions)
        if condition.page
        for page in pages_of(pages, (condition.page,))
    ]
    return pa.table(
        {
            "page": pa.array([page for page, _ in found], pa.string()),
            "c": pa.array([number for _, number in found], pa.int16()),
        }
    )


def event_marks(conditions: Sequence[Condition], happened: Iterable[tuple[str, ...]]) -> pa.Table:
    """`name`, `detail`, `c`: the conditions that declared events of this name and detail meet."""
    found = [
        (name, detail, number)
        for name, detail in happened
        for number, condition in enumerate(conditions)
        if not condition.page and condition.event == name and _has_property(detail, condition)
    ]
    return pa.table(
        {
            "name": pa.array([name for name, _, _ in found], pa.string()),
            "detail": pa.array([detail for _, detail, _ in found], pa.string()),
            "c": pa.array([number for _, _, number in found], pa.int16()),
        }
    )


def kind_marks(conditions: Sequence[Condition]) -> pa.Table:
    """`kind`, `c`: the conditions that any row of a kind meets."""
    found = [
        (KINDS[condition.event].value, number)
        for number, condition in enumerate(conditions)
        if not condition.page and condition.event in KINDS
    ]
    return pa.table(
        {
            "kind": pa.array([kind for kind, _ in found], pa.int8()),
            "c": pa.array([number for _, number in found], pa.int16()),
        }
    )


def amount_events(amounts: dict[str, Amount]) -> pa.Table:
    """`event`, `most` (as in its key), `cap` (hundredths)."""
    return pa.table(
        {
            "event": pa.array(list(amounts), pa.string()),
            "most": pa.array([most_key(each) for each in amounts.values()], pa.string()),
            "cap": pa.array([each.most * 100 for each in amounts.values()], pa.int64()),
        }
    )


def pages_of(pages: Iterable[tuple[str, ...]], patterns: Iterable[str]) -> list[str]:
    """The pages that a pattern means, as `core.patterns.matches` does."""
    wanted = [matcher(pattern).fullmatch for pattern in patterns]
    return [page for (page,) in pages if any(fits(page.partition("?")[0]) for fits in wanted)]


def _has_property(detail: str, condition: Condition) -> bool:
    if not condition.property:
        return True
    parts = detail.split(DETAIL_SEPARATOR)
    if condition.value:
        return f"{condition.property}={condition.value}" in parts
    return any(part.startswith(f"{condition.property}=") for part in parts)
