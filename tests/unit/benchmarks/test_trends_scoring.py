"""The rules by which trend finders are compared, on cases small enough to be counted by hand."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "benchmarks"))

from trends_scoring import Detection, at_least, oracle, raised, score
from trends_world import DROP, MIX, RISE, SLOPE, SPIKE, Event, make_world

SPIKED = Event(0, SPIKE, 200, 201, 5.0, 1)
ROSE = Event(1, RISE, 200, 730, 5.0, 1)


def at(series: int, day: int, direction: int = 1, sure: float = 1.0) -> Detection:
    return Detection(series, day, day, direction, sure)


@pytest.mark.parametrize(
    ("event", "day", "direction", "found", "false"),
    [
        (SPIKED, 199, 1, 0, 1),
        (SPIKED, 200, 1, 1, 0),
        (SPIKED, 204, 1, 1, 0),
        (SPIKED, 205, 1, 0, 1),
        (SPIKED, 201, -1, 0, 1),
        (SPIKED, 202, -1, 0, 0),
        (SPIKED, 208, -1, 0, 0),
        (SPIKED, 209, -1, 0, 1),
        (ROSE, 242, 1, 1, 0),
        (ROSE, 243, 1, 0, 1),
        (ROSE, 220, -1, 0, 1),
        (Event(0, SLOPE, 200, 260, 5.0, -1), 270, -1, 1, 0),
        (Event(0, SLOPE, 200, 260, 5.0, -1), 302, -1, 0, 0),
        (Event(0, SLOPE, 200, 260, 5.0, -1), 303, -1, 0, 1),
        (Event(0, DROP, 200, 206, 5.0, -1), 209, -1, 1, 0),
        (Event(3, MIX, 200, 730, 5.0, 1, 0), 205, -1, 1, 0),
        (Event(3, MIX, 200, 730, 5.0, 1, 0), 205, 1, 0, 1),
    ],
)
def test_one_detection(event: Event, day: int, direction: int, found: int, false: int) -> None:
    scored = score([event], [at(0 if event is not ROSE else 1, day, direction)])
    assert (scored.found, scored.false) == (found, false)


def test_the_first_true_one_counts_and_the_later_ones_do_not() -> None:
    scored = score([SPIKED, ROSE], [at(1, 230), at(1, 210), at(1, 205), at(0, 500), at(2, 210)])
    assert (scored.found, scored.false, scored.events) == (1, 2, 2)
    assert scored.delays == (5,)
    assert scored.fdr == pytest.approx(2 / 3)
    assert scored.recall == 0.5
    assert (scored.by_kind[SPIKE], scored.by_kind[RISE], scored.by_kind[DROP]) == ((0, 1), (1, 1), (0, 0))
    assert scored.by_size["5 to 9 σ"] == (1, 2)


def test_nothing_raised_is_no_false_discovery() -> None:
    scored = score([SPIKED], [])
    assert (scored.fdr, scored.recall) == (0, 0)


def test_the_oracle_goes_as_low_as_the_promise_allows() -> None:
    detections = [at(0, 200, sure=3.0), at(1, 201, sure=2.0), at(2, 300, sure=1.0)]
    threshold, found = oracle([SPIKED, ROSE], lambda least: at_least(detections, least), [4.0, 3.0, 2.0, 1.0])
    assert (threshold, found.recall, found.false) == (2.0, 1.0, 0)


def test_a_run_is_raised_once() -> None:
    nan = float("nan")
    scores = np.array([[4.0, 5.0, nan, 4.0, 0.0, 4.0, -4.0, nan], [nan, nan, -9.0, 1.0, 1.0, 1.0, 1.0, 1.0]])
    assert [(each.series, each.day, each.direction) for each in raised(scores, 3.0)] == [
        (0, 0, 1),
        (0, 5, 1),
        (0, 6, -1),
        (1, 2, -1),
    ]


def test_the_world_is_the_same_again_and_its_events_are_in_its_means() -> None:
    world, again = make_world(3, 200, 500), make_world(3, 200, 500)
    assert np.array_equal(world.values, again.values, equal_nan=True)
    assert world.truth == again.truth
    spikes = [event for event in world.truth if event.kind == SPIKE]
    ratios = [world.means[event.series, event.since] / world.means[event.series, event.since - 7] for event in spikes]
    assert len(spikes) > 10
    assert np.median(ratios) > 1.05
    small = world.means < 1000
    noise = (world.values - world.means) / np.sqrt(world.variances + world.means)
    assert np.nanmean(noise[small]) == pytest.approx(0, abs=0.04)


def test_a_sample_keeps_siblings_and_truth() -> None:
    world = make_world(3, 400, 500)
    some = world.sample(100)
    assert some.values.shape == (100, 500)
    for number, other in enumerate(some.siblings.tolist()):
        assert other < 0 or some.siblings[other] == number
    assert len(some.truth) > 20
    assert all(event.series < 100 for event in some.truth)
