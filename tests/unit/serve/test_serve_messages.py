"""What messages say: findings and targets in a sentence, a report with pictures, nothing that a mail cannot show."""

import re
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from page_samples import TODAY, sample_read_side, sample_settings

sys.path.insert(0, str(Path(__file__).parents[1] / "insight"))

from alert_samples import finding, scan, target

from hubbub.core.alerts import OnFindings, Rule
from hubbub.core.settings import Settings
from hubbub.insight.alerting import Event, Told
from hubbub.insight.conditions import Sighting, thing_of
from hubbub.insight.findings import Finding, Findings
from hubbub.insight.targets.state import Standing
from hubbub.serve.messages.alert import write_alert
from hubbub.serve.messages.report import write_report
from hubbub.serve.messages.words import tell_target
from hubbub.serve.pages.periods import Period
from hubbub.serve.reading import ReadSide
from hubbub.serve.texts import texts_in

TEXTS = texts_in("en")
SITES = [site.name for site in sample_settings().sites]
FIRST, LAST = date(2026, 5, 11), date(2026, 5, 17)
WEEK = Period("7d", FIRST, LAST, LAST, TODAY, is_pinned=True)


@pytest.fixture(scope="module")
def read_side(tmp_path_factory: pytest.TempPathFactory) -> ReadSide:
    made = sample_read_side(tmp_path_factory.mktemp("marts"))
    return replace(made, settings=replace(made.settings, address="https://numbers.city.example"))


def settings() -> Settings:
    return replace(sample_settings(), address="https://numbers.city.example")


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def told(one: Finding, event: Event = Event.OPENED) -> Told:
    sighting = Sighting(thing_of(one), one.found, one.probability, one)
    return Told(event, Rule("drops", findings=OnFindings(), severity="critical"), sighting, one.found, ("office",))


def test_targets_in_a_sentence() -> None:
    assert plain(tell_target(target(Standing.AT_RISK, 0.0001), TEXTS)) == (
        "at risk since 13 November 2026; probability of meeting it under 0.1 %; "
        "now 412 ± 18; expected in the end 430 ± 43"
    )


def test_a_message_links_to_the_page_and_escapes_what_stands_in_it() -> None:
    message = write_alert([told(finding(source=SITES[0], where=(("page", "/<b>&"),)))], settings())
    assert "<b>&" not in message.html
    assert "/&lt;b&gt;&amp;" in message.html
    name = finding(source=SITES[0], where=(("page", "/<b>&"),)).name
    assert message.link == f"https://numbers.city.example/what-is-changing/{name}"
    assert message.link in message.text
    assert message.severity == "critical"
    assert "hubbub alerts silence --thing finding/" in message.text


def test_an_end_offers_no_silence() -> None:
    message = write_alert([told(finding(source=SITES[0]), Event.CLEARED)], settings())
    assert plain(message.title) == "Over: City services, −40 % ± 5 visitors"
    assert "silence" not in message.text + message.html


def test_many_at_once_are_counted_and_programs_get_them_all() -> None:
    several = [told(finding(source=SITES[0], found=FIRST + timedelta(days=n))) for n in range(35)]
    message = write_alert(several, settings())
    assert message.text.count("as good as certain)") == message.html.count("as good as certain)") == 30
    for text in (message.text, message.html):
        assert "and 5 more" in text
    assert len(message.items) == 35
    assert plain(message.title).endswith("and 34 more")


def test_without_an_address_there_is_no_link() -> None:
    message = write_alert([told(finding(source=SITES[0]))], sample_settings())
    assert message.link == ""
    assert "href" not in message.html


def test_a_trial_says_so() -> None:
    message = write_alert([told(finding(source=SITES[0]))], settings(), trial=True)
    for text in (message.text, message.html):
        assert "these numbers are not private" in text
        assert "noise protects" not in text


def test_the_report_of_a_site(read_side: ReadSide) -> None:
    seen = finding(source=SITES[0], found=FIRST)
    others = (finding(source=SITES[1], found=FIRST), finding(source=SITES[0], found=LAST + timedelta(days=1)))
    message = write_report(read_side, SITES[0], WEEK, scan(seen, *others), [target(Standing.MISSED, 0.02)])
    assert message.title == "City services, 11–17 May 2026"
    assert len(message.pictures) == 1
    assert message.pictures[0].png.startswith(b"\x89PNG")
    assert 'src="cid:chart0"' in message.html
    text = plain(message.text)
    assert re.search(r"^Visitors: [\d,]+ ± \d+ \(", text, re.MULTILINE)
    for part in ("against the week before", "Pages (visitors)", "Sources (visitors)", "Channels (visitors)"):
        assert part in text
    assert text.count("visitors since") == 1
    assert "Digital take-up: missed since" in text
    assert message.link == f"https://numbers.city.example/sites/{SITES[0]}?period=7d&date=2026-05-17"


def test_the_report_of_the_city_has_every_site(read_side: ReadSide) -> None:
    message = write_report(read_side, "", WEEK, Findings(), ())
    assert message.title == "Sampleton, 11–17 May 2026"
    assert [picture.name for picture in message.pictures] == ["chart0", "chart1", "chart2"]
    for title in ("City services", "Transport", "Culture &amp; leisure"):
        assert title in message.html


def test_a_week_without_numbers_is_told_as_one(read_side: ReadSide) -> None:
    before = Period("7d", date(2020, 1, 6), date(2020, 1, 12), LAST, TODAY, is_pinned=True)
    message = write_report(read_side, SITES[0], before, Findings(), ())
    assert message.pictures == ()
    assert "nothing is released" in message.text


def test_mail_programs_can_show_it(read_side: ReadSide) -> None:
    """Tables and inline styles alone: no style sheet, script, SVG, variable or picture from elsewhere."""
    html = write_report(read_side, SITES[0], WEEK, scan(finding(source=SITES[0], found=FIRST)), ()).html
    for unknown in ("<style", "<script", "<svg", "var(--", "<link", 'class="', "flex", "grid"):
        assert unknown not in html
    assert set(re.findall(r'src="([^"]+)"', html)) == {"cid:chart0"}
    assert len(html.encode()) < 100_000  # Gmail cuts what is longer
