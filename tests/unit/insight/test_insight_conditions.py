"""What rules see: the right findings and targets, followed by name once an alert is open."""

from datetime import timedelta

import pytest
from alert_samples import MONDAY, SITE, finding, scan, target
from msgspec.structs import replace

from hubbub.core.alerts import Clearing, OnFindings, OnTargets, Rule
from hubbub.insight.conditions import Sighting, ends, holds, see_findings, see_targets, thing_of
from hubbub.insight.findings import Finding, Findings, Kind
from hubbub.insight.targets.state import Standing

DAY = timedelta(days=1)
PAGE = finding(where=(("page", "/permits"),))
WHOLE = finding(members=(PAGE,))


def seen(wanted: OnFindings, *found: Finding) -> list[str]:
    rule = Rule("r", findings=wanted)
    return [each.thing for each in see_findings(rule, scan(*found), (), (), {SITE})]


def test_the_most_general_finding_that_fits_stands_for_those_under_it() -> None:
    assert seen(OnFindings(), WHOLE) == [thing_of(WHOLE)]
    assert seen(OnFindings(parts=True), WHOLE) == [thing_of(WHOLE)]
    assert seen(OnFindings(where={"page": ("/permits",)}), WHOLE) == [thing_of(PAGE)]
    assert seen(OnFindings(where={"page": ("/other",)}), WHOLE) == []
    assert seen(OnFindings(), PAGE) == []


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        (OnFindings(sites=(SITE,), kinds=("drop",), metrics=("visitors",), change=0.4, direction="down"), True),
        (OnFindings(sites=("other.example",)), False),
        (OnFindings(kinds=("spike", "rise")), False),
        (OnFindings(metrics=("visits",)), False),
        (OnFindings(change=0.41), False),
        (OnFindings(direction="up"), False),
    ],
)
def test_each_condition_is_asked(wanted: OnFindings, fits: bool) -> None:
    assert bool(seen(wanted, finding())) is fits


def test_a_change_that_no_percentage_says_is_large() -> None:
    assert seen(OnFindings(change=5.0), replace(finding(kind=Kind.EMERGING), change=None)) != []


def test_old_findings_open_nothing_and_what_waits_goes_on() -> None:
    rule, old = Rule("r", findings=OnFindings()), finding(found=MONDAY - 7 * DAY)
    assert see_findings(rule, scan(old), (), (), {SITE}) == []
    assert len(see_findings(rule, scan(old), (), {thing_of(old)}, {SITE})) == 1
    assert len(see_findings(rule, scan(replace(old, found=MONDAY - 6 * DAY)), (), (), {SITE})) == 1


def test_a_finding_that_is_over_opens_nothing_and_ends_what_is_open() -> None:
    rule, over = Rule("r", findings=OnFindings()), finding(until=MONDAY)
    assert see_findings(rule, scan(over, last=MONDAY + DAY), (), (), {SITE}) == []
    (open_,) = see_findings(rule, scan(over), (), (), {SITE})
    assert holds(rule, open_)
    (after,) = see_findings(rule, scan(over, last=MONDAY + DAY), (open_,), (), {SITE})
    assert after.sure is None
    assert ends(rule, after)


def test_an_open_alert_is_followed_by_its_name_alone() -> None:
    rule = Rule("r", findings=OnFindings(kinds=("drop",), change=0.4))
    (open_,) = see_findings(rule, scan(finding()), (), (), {SITE})
    changed = finding(kind=Kind.FALL, difference=-300.0)
    (after,) = see_findings(rule, scan(changed), (open_,), (), {SITE})
    assert after.finding == changed
    assert holds(rule, after)
    (under,) = see_findings(rule, scan(finding(where=(("page", "/x"),), members=(changed,))), (open_,), (), {SITE})
    assert under.finding == changed


def test_a_source_that_was_not_scanned_says_nothing_and_one_that_is_removed_ends() -> None:
    rule = Rule("r", findings=OnFindings())
    (open_,) = see_findings(rule, scan(finding()), (), (), {SITE})
    assert see_findings(rule, Findings(), (open_,), (), {SITE}) == []
    (gone,) = see_findings(rule, Findings(), (open_,), (), {"other.example"})
    assert (gone.sure, gone.is_gone) == (None, True)
    (lost,) = see_findings(rule, scan(last=MONDAY + DAY), (open_,), (), {SITE})
    assert (lost.sure, lost.is_gone, lost.day) == (None, False, MONDAY + DAY)


def test_findings_hold_and_end_at_probabilities_of_their_own() -> None:
    rule = Rule("r", findings=OnFindings(), probability=0.99, clear=Clearing(0.6))
    for sure, is_so, is_over in ((0.995, True, False), (0.9, False, False), (0.5, False, True)):
        one = Sighting("finding/x", MONDAY, sure, finding())
        assert (holds(rule, one), ends(rule, one)) == (is_so, is_over)
    assert not holds(Rule("r", findings=OnFindings()), Sighting("finding/x", MONDAY, 0.94, finding()))


def test_targets_go_by_their_standing() -> None:
    rule = Rule("r", targets=OnTargets())
    (risky,) = see_targets(rule, [target(Standing.AT_RISK, 0.3)], ())
    assert holds(rule, risky)
    (fine,) = see_targets(rule, [target(Standing.ON_TRACK, 0.9)], ())
    assert ends(rule, fine)
    assert see_targets(rule, [target(Standing.UNKNOWN, 0.5)], ()) == []
    assert see_targets(Rule("r", targets=OnTargets(names=("Else",))), [target(Standing.MISSED, 0.0)], ()) == []
    (gone,) = see_targets(rule, [], (risky,))
    assert gone.is_gone


def test_a_target_may_have_to_be_surer_than_its_standing() -> None:
    rule = Rule("r", targets=OnTargets(), probability=0.9, clear=Clearing(0.5))
    (unsure,) = see_targets(rule, [target(Standing.AT_RISK, 0.3)], ())
    assert (holds(rule, unsure), ends(rule, unsure)) == (False, False)
    (sure,) = see_targets(rule, [target(Standing.MISSED, 0.01)], ())
    assert holds(rule, sure)
    met = Rule("r", targets=OnTargets(standings=("met",)), probability=0.95)
    (good,) = see_targets(met, [target(Standing.MET, 0.97)], ())
    assert holds(met, good)


def test_what_worsens() -> None:
    small, large = (Sighting("finding/x", MONDAY, 1.0, finding(difference=size)) for size in (-599.0, -600.0))
    assert not small.is_worse_than(400.0)
    assert large.is_worse_than(400.0)
    missed = Sighting("target/x", MONDAY, 1.0, target=target(Standing.MISSED, 0.0))
    assert missed.is_worse_than(2.0)
    assert not missed.is_worse_than(3.0)
