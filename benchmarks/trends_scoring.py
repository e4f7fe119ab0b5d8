"""What a detection counts, against the events of `trends_world`: exact rules, the same for every detector.

*Windows.* An event is found by a detection on its series (of a mix shift: on its sibling in the other direction) that
was raised from its first day on to

    spike, drop                          3 days after its last day
    rise, fall, emerging, vanished, mix  42 days after its first day
    slope                                70 days after its first day

and that goes in its direction. The first such one counts for recall and for the delay (days after the first day); those
after it in the same window count neither way, of a drop those of the other direction from the day after its end to 7
days after it neither (the return to normal), and so for a spike. Of a slope, those in its direction after the window
and up to 42 days after its course has ended count neither way. Every other detection is false: in no window, or in one
and in the wrong direction. A detection's kind is not looked at. What is raised before day 120 counts neither way: every
detector has that long to learn.

*Figures.* Realised false discovery rate = false / (false + events found), 0 where nothing is raised; precision is 1
less it; recall is events found / events. `oracle` lowers a threshold as far as the realised rate stays at the promised
one: it is chosen with the truth at hand, which nobody has, and so favours whoever is measured by it. Detectors that
promise a rate by themselves are measured at their own threshold as well.

*Runs.* `raised` turns scores by day into detections: one on the first day of a run of days on which the score is past
the threshold in the same direction (days without a cell neither end nor begin a run). Whoever writes a message a run
does the baselines a favour by it: days that follow are not counted as false anew.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from trends_world import DROP, KINDS, MIX, QUIET_DAYS, SLOPE, SPIKE, Event, Floats

AFTER_ITS_END, AFTER_ITS_BEGIN, SLOPE_WAIT, RETURN = 3, 42, 70, 7
PROMISED = 0.1
SIZES = ((0.0, 2.0), (2.0, 3.0), (3.0, 5.0), (5.0, 9.0))


@dataclass(frozen=True)
class Detection:
    """What a detector raises.

    day        the day on which it was raised, from cells up to that day
    since      when it says that the change began
    direction  +1: more, −1: less
    score      the larger the surer: `oracle` thresholds it
    """

    series: int
    day: int
    since: int
    direction: int
    score: float = 1.0


@dataclass(frozen=True)
class Score:
    """A detector's figures: (found, events) by kind and by size; by event found `delays`, and `late`, its `since` less
    the event's first day.
    """

    events: int
    found: int
    false: int
    by_kind: dict[str, tuple[int, int]]
    by_size: dict[str, tuple[int, int]]
    delays: tuple[int, ...]
    late: tuple[int, ...]

    @property
    def fdr(self) -> float:
        """Realised false discovery rate."""
        return self.false / max(self.false + self.found, 1)

    @property
    def recall(self) -> float:
        """Share of the events that were found."""
        return self.found / max(self.events, 1)

    @property
    def delay(self) -> float | None:
        """Median of days from an event's first day to the first true detection; None: none was found."""
        return float(np.median(self.delays)) if self.delays else None

    def figures(self) -> dict[str, float | dict[str, float] | None]:
        """For tables and JSON."""
        kinds, sizes = (
            {name: round(found / max(events, 1), 3) for name, (found, events) in shares.items()}
            for shares in (self.by_kind, self.by_size)
        )
        return {
            "fdr": round(self.fdr, 3),
            "precision": round(1 - self.fdr, 3),
            "recall": round(self.recall, 3),
            "delay": self.delay,
            "found": self.found,
            "false": self.false,
            "events": self.events,
            "off_by": float(np.median(np.abs(self.late))) if self.late else None,
            "recall_by_kind": kinds,
            "recall_by_size": sizes,
        }


def last_day(event: Event) -> int:
    """The last day on which a detection still finds the event."""
    if event.kind in (SPIKE, DROP):
        return event.until + AFTER_ITS_END
    return event.since + (SLOPE_WAIT if event.kind == SLOPE else AFTER_ITS_BEGIN)


def score(truth: Sequence[Event], detections: Iterable[Detection]) -> Score:
    """Score detections by the rules above; their order does not matter."""
    there: dict[int, list[tuple[int, int]]] = {}  # (event, direction) by series
    for number, event in enumerate(truth):
        there.setdefault(event.series, []).append((number, event.direction))
        if event.kind == MIX and event.other >= 0:
            there.setdefault(event.other, []).append((number, -event.direction))
    first: dict[int, Detection] = {}
    false = 0
    for detection in sorted(detections, key=lambda each: (each.day, each.series)):
        if detection.day < QUIET_DAYS:
            continue
        verdict = _judge(detection, truth, there.get(detection.series, ()))
        if verdict is None:
            false += 1
        elif verdict >= 0:
            first.setdefault(verdict, detection)
    by_kind = {kind: _share([n for n, event in enumerate(truth) if event.kind == kind], first) for kind in KINDS}
    by_size = {
        f"{least:g} to {most:g} σ": _share([n for n, event in enumerate(truth) if least <= event.size < most], first)
        for least, most in SIZES
    }
    found = sorted(first.items())
    delays = tuple(detection.day - truth[number].since for number, detection in found)
    late = tuple(detection.since - truth[number].since for number, detection in found)
    return Score(len(truth), len(first), false, by_kind, by_size, delays, late)


def _share(events: Sequence[int], first: Collection[int]) -> tuple[int, int]:
    """How many of these events were found, and how many they are."""
    return sum(number in first for number in events), len(events)


def _judge(detection: Detection, truth: Sequence[Event], there: Iterable[tuple[int, int]]) -> int | None:
    """The event that it finds; −1: it counts neither way; None: it is false."""
    neither = False
    for number, direction in there:
        event = truth[number]
        same = detection.direction == direction
        if same and event.since <= detection.day <= last_day(event):
            return number
        if event.kind in (SPIKE, DROP):
            neither |= not same and event.until < detection.day <= event.until + RETURN
        elif event.kind == SLOPE:
            neither |= same and event.since <= detection.day <= event.until + AFTER_ITS_BEGIN
    return -1 if neither else None


def raised(scores: Floats, threshold: float) -> list[Detection]:
    """Detections from signed scores float[n, d], NaN where there is none: one on the first day of each run."""
    side = np.where(np.abs(scores) >= threshold, np.sign(scores), 0.0)
    seen = np.isfinite(scores)
    place = np.where(seen, np.arange(scores.shape[1]), -1)
    last = np.maximum.accumulate(place, axis=1)
    before = np.concatenate((np.full((len(scores), 1), -1), last[:, :-1]), axis=1)
    previous = np.where(before >= 0, np.take_along_axis(side, np.maximum(before, 0), axis=1), 0.0)
    begins = seen & (side != 0) & (side != previous)
    rows, days = np.nonzero(begins)
    return [
        Detection(row, day, day, int(side[row, day]), float(abs(scores[row, day])))
        for row, day in zip(rows.tolist(), days.tolist(), strict=True)
    ]


def oracle(
    truth: Sequence[Event],
    detections: Callable[[float], Iterable[Detection]],
    thresholds: Iterable[float],
    promised: float = PROMISED,
) -> tuple[float, Score]:
    """The threshold with the best recall whose realised rate is at most the promised one, and its score."""
    best: tuple[float, Score] = (float("inf"), score(truth, ()))
    for threshold in thresholds:
        found = score(truth, detections(threshold))
        if found.fdr <= promised and found.recall > best[1].recall:
            best = (threshold, found)
    return best


def at_least(detections: Sequence[Detection], threshold: float) -> list[Detection]:
    """Of given detections those that are sure enough: how `oracle` thresholds a detector that raises by itself."""
    return [each for each in detections if each.score >= threshold]
