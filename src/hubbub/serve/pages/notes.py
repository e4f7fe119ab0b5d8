"""Notes of analysts as they stand on a chart: a number over a day, and the text under the chart."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from msgspec import Struct

from hubbub.operate.remarks import Remark, Verdict
from hubbub.serve.charts.course.query import Course
from hubbub.serve.charts.course.view import Marks
from hubbub.serve.pages.addresses import finding_url
from hubbub.serve.reading import ReadSide
from hubbub.serve.texts import Texts


class NoteLine(Struct, frozen=True):
    """A note under a chart.

    label    its number on the chart
    number   by which it is removed
    who      for the signed-in only
    finding  the page of the finding that it is on; "" for none, and for one that no scan has any more
    """

    label: int
    number: int
    day: date
    when: str
    text: str
    who: str
    finding: str


def notes_on(read_side: ReadSide, source: str, first: date, last: date, texts: Texts) -> tuple[NoteLine, ...]:
    """Notes on days of a source, or of the whole city, in the order of their days."""
    found = (
        remark
        for remark in read_side.notebook.written().remarks
        if remark.verdict is Verdict.NONE and remark.source in (source, "") and first <= remark.day <= last
    )
    known = {one.name for one in read_side.findings.read().all()}
    return tuple(_line(label, remark, known, texts) for label, remark in enumerate(found, 1))


def marks_of(course: Course, notes: Iterable[NoteLine], moments: Sequence[date] = ()) -> Marks:
    """What is marked on a course: the numbers of notes, and days on which something began or ended."""
    numbers: dict[int, list[int]] = {}
    for note in notes:
        if (place := course.place_of(note.day)) is not None:
            numbers.setdefault(place, []).append(note.label)
    places = [place for day in moments if (place := course.place_of(day)) is not None]
    return Marks(tuple(places), {place: _listed(labels) for place, labels in numbers.items()})


def _listed(labels: Sequence[int]) -> str:
    return f"{labels[0]}–{labels[-1]}" if len(labels) > 2 else ",".join(map(str, labels))


def _line(label: int, remark: Remark, known: Collection[str], texts: Texts) -> NoteLine:
    finding = finding_url(remark.finding) if remark.finding in known else ""
    return NoteLine(label, remark.number, remark.day, texts.weekday(remark.day), remark.text, remark.who, finding)
