"""Targets in hubbub.yaml: what is read, and how a wrong one is answered, with its place and a remedy."""

from datetime import date

import pytest

from hubbub.cli.config import parse_settings
from hubbub.core.errors import ConfigError, Refused
from hubbub.core.targets import Aim, Counted, Target, Window

HOME = """
sites:
  - name: portal.example
    goals: {Form sent: {page: /done}}
    funnels: {Permit: [{page: /a}, {page: /b}]}
  - name: other.example
tables:
  - {name: desk, time: at, unit: row, columns: {kind: {values: [a, b]}, mark: {most: 5}},
     measures: {all: {kind: count, by: [kind]}, pleased: {kind: mean, of: mark}, most: {kind: quantiles, of: mark}}}
targets:
"""


def target_of(text: str) -> Target:
    (target,) = parse_settings(f"{HOME}  - {{name: t, {text}}}").targets
    return target


def test_the_least_that_works_is_of_all_sites_by_the_month() -> None:
    target = target_of("metric: visitors, at_least: 500")
    assert (target.period, target.sources, target.confidence) == ("month", (), 0.8)
    assert target.aim == Aim(500, None)
    assert target.counted == Counted("visitors")


def test_changes_are_read_with_their_sign() -> None:
    assert target_of("metric: visitors, at_least: +10 %, baseline: last_year").aim == Aim(1.1, None, is_change=True)
    assert target_of("metric: visitors, at_most: -2.5%, baseline: 800").aim == Aim(None, 0.975, is_change=True)
    days = "{first: 2026-01-01, last: 2026-01-31}"
    target = target_of(f"metric: visitors, at_least: '+1 %', baseline: {days}, due: 2027-12-31")
    assert target.baseline == Window(date(2026, 1, 1), date(2026, 1, 31))
    assert target.due == date(2027, 12, 31)
    assert target_of("metric: bounce_rate, between: [30, 40]").aim == Aim(30, 40)


def test_ready_ones_say_the_metric_by_themselves() -> None:
    done = target_of("ready: completion_rate, sources: [portal.example], funnel: Permit, at_least: 60")
    assert done.counted == Counted("conversion_rate", ("portal.example",), "funnel==Permit")
    target_of("ready: satisfaction, sources: [desk], metric: pleased, at_least: 4")
    target_of("ready: cost_per_transaction, sources: [desk], metric: all, cost: 9000, at_most: 3.5")
    target_of(
        "ready: digital_take_up, sources: [portal.example], metric: visitors, filter: goal==Form sent, "
        "of: {sources: [desk], metric: all}, at_least: 40"
    )


@pytest.mark.parametrize(
    ("text", "place", "found"),
    [
        ("metric: visitors", "at_least", "nothing"),
        ("metric: visitors, at_least: 5, between: [1, 2]", "at_least", "at_least and between"),
        ("metric: visitors, at_least: 5, at_most: 4", "at_least", "5 to 4"),
        ("metric: visitors, at_least: lots", "at_least", "'lots'"),
        ("metric: visitors, at_least: '+5 %'", "baseline", "nothing"),
        ("metric: visitors, at_least: 5, baseline: previous", "baseline", "a value"),
        ("metric: visitors, at_least: .nan", "at_least", "no number"),
        ("metric: people, at_least: 5", "metric", "'people'"),
        ("metric: engaged_median, at_least: 5", "metric", "'engaged_median'"),
        ("metric: visitors, filter: colour==red, at_least: 5", "filter", "'colour'"),
        ("metric: visitors, filter: country, at_least: 5", "filter", "'country'"),
        ("metric: visitors, filter: goal==Nothing, at_least: 5", "filter", "goal 'Nothing'"),
        ("metric: visitors, sources: [nowhere.example], at_least: 5", "sources[0]", "'nowhere.example'"),
        ("metric: all, sources: [desk, portal.example], at_least: 5", "sources", "desk, portal.example"),
        ("metric: most, sources: [desk], at_least: 5", "metric", "most, of the kind quantiles"),
        ("metric: all, sources: [desk], filter: kind==c, at_least: 5", "filter", "kind 'c'"),
        ("metric: visitors, period: once, at_least: 5", "period", "'once' without"),
        ("metric: visitors, first: 2026-01-01, at_least: 5", "first", "2026-01-01"),
        ("metric: visitors, at_least: 5, confidence: .3", "confidence", "0.3"),
        ("metric: visitors, at_least: 5, owner: clerk@city.example", "owner", "an e-mail address"),
        ("metric: visitors, at_least: 5, cost: 7", "cost", "a value"),
        ("at_least: 5", "metric", "nothing"),
        ("ready: completion_rate, sources: [portal.example], at_least: 5", "funnel", "nothing"),
        ("ready: completion_rate, sources: [other.example], funnel: Permit, at_least: 5", "filter", "funnel 'Permit'"),
        ("ready: satisfaction, metric: visitors, at_least: 5", "metric", "'visitors'"),
        ("ready: satisfaction, sources: [desk], metric: all, at_least: 5", "metric", "'all'"),
        ("ready: digital_take_up, metric: visitors, at_least: 5", "of", "nothing"),
        ("ready: digital_take_up, metric: bounce_rate, of: {metric: visits}, at_least: 5", "metric", "'bounce_rate'"),
        ("ready: cost_per_transaction, sources: [desk], metric: all, at_most: 5", "cost", "nothing"),
    ],
)  # fmt: skip
def test_a_wrong_target_is_refused_with_its_place(text: str, place: str, found: str) -> None:
    with pytest.raises((ConfigError, Refused)) as caught:
        target_of(text)
    assert str(caught.value).startswith(f"targets[0].{place}: "), caught.value
    assert found in str(caught.value)


def test_names_are_used_once() -> None:
    two = "  - {name: t, metric: visitors, at_least: 5}\n  - {name: t, metric: visits, at_least: 5}"
    with pytest.raises(ConfigError, match=r"targets\[1\].name"):
        parse_settings(HOME + two)
