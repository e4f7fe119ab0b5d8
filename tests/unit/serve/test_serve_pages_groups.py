"""What stands on a page only where it is asked: topics, goals, funnels, searches, amounts, returning, reading."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from litestar.testing import TestClient
from page_samples import sample_read_side, sample_settings

from hubbub.release import portal, site_plan
from hubbub.serve.dashboard import dashboard_app
from hubbub.serve.pages.asked import topics_of
from hubbub.serve.pages.measures import RATES
from hubbub.serve.reading import ReadSide

SITE, OTHER = "/sites/services.example", "/sites/culture.example"
NUMBER = r"[\d,.]+"
FIGURE = rf'<span class="value">({NUMBER})</span> <span class="margin">±\u00a0({NUMBER})</span>'
PERCENT = rf'<span class="value">({NUMBER})\u00a0%</span> <span class="margin">±\u00a0({NUMBER})</span>'
ASKED = ("Topics", "Searches", "Goals", "Amounts")
Client = TestClient[Any]


@pytest.fixture(scope="module")
def read_side(tmp_path_factory: pytest.TempPathFactory) -> ReadSide:
    return sample_read_side(tmp_path_factory.mktemp("marts"), days=70)


@pytest.fixture(scope="module")
def client(read_side: ReadSide) -> Iterator[Client]:
    with TestClient(dashboard_app(read_side)) as client:
        yield client


def asked(client: Client, **params: str) -> dict[str, Any]:
    """The rows of the API by their dimension, of the same week as the page."""
    query = {"site": "services.example", "from": "2026-05-13", "to": "2026-05-19", **params}
    rows: list[dict[str, Any]] = client.get("/api/v1/query", params=query).json()["rows"]
    return {row[params["dimensions"]]: row for row in rows}


def count_of(text: str) -> float:
    return float(text.replace(",", ""))


def test_sections_stand_only_where_they_are_asked_or_released(client: Client) -> None:
    full, bare, april = (client.get(path).text for path in (SITE, OTHER, f"{OTHER}?from=2026-04-01&to=2026-04-20"))
    for title in ASKED:
        assert f">{title}</a></h3>" in full
        assert f">{title}</a></h3>" not in bare
        assert f">{title}</a></h3>" in april  # it was asked then
    for title in ("Step by step", "How pages are read, and who comes back"):
        assert f">{title}</h2>" in full
        assert f">{title}</h2>" not in bare
    assert "set aside" not in bare
    assert 'href="/sites/culture.example/list/goal' not in client.get(f"{OTHER}/list/page").text
    assert client.get(f"{OTHER}/list/goal").status_code == 200


def test_goals_have_their_share_of_the_visitors(client: Client) -> None:
    page = client.get(SITE).text
    found = re.search(rf"Application sent</a></th>\s*<td>.*?{FIGURE}.*?{PERCENT}", page, re.DOTALL)
    assert found
    row = asked(client, metrics="visitors,conversion_rate", dimensions="goal")["Application sent"]
    assert count_of(found[1]) == row["visitors"]["value"]
    assert float(found[3]) == pytest.approx(row["conversion_rate"]["value"], abs=0.51)
    assert float(found[4]) > 0


def test_a_funnel_tells_each_step_and_its_share_of_the_one_before(client: Client) -> None:
    page = client.get(f"{SITE}?period=30d").text
    table = page[page.index("Funnel “Permit”") :]
    table = table[: table.index("</table>")]
    labels = re.findall(r'<span class="step">(\d)</span> ([^<]+)</th>', table)
    assert labels == [("1", "/permits/*"), ("2", "/apply"), ("3", "any form sent"), ("4", "Signup")]
    counts = [count_of(value) for value, _margin in re.findall(FIGURE, table)]
    shares = [float(value) for value, _margin in re.findall(PERCENT, table)]
    assert len(counts) == 4, table
    assert shares == pytest.approx([100 * later / before for before, later in pairwise(counts)], abs=0.51)
    assert re.search(rf"Of {counts[0]:,.0f} ±\u00a0\d+ visitors who began, {NUMBER}\u00a0% ±\u00a0", page)


def test_a_share_of_too_few_is_not_told(client: Client) -> None:
    page = client.get(SITE).text
    assert re.search(r"too few visitors \(\d+ ± \d+\) to divide by", page)


def test_searches_say_what_waits_for_an_editor(client: Client) -> None:
    page = client.get(SITE).text
    assert "1 term waits for an editor and is hidden until then." in page
    assert "1 term waits" in client.get(f"{SITE}/list/term").text
    assert "waits for an editor" not in client.get(OTHER).text


def test_amounts_are_in_their_currency_and_say_their_most(client: Client) -> None:
    page = client.get(SITE).text
    assert "Of “Fee paid”, at most 200 EUR a visitor and day." in page
    found = re.search(rf"Fee paid \(EUR\)</a></th>\s*<td>.*?{FIGURE}", page, re.DOTALL)
    assert found
    row = asked(client, metrics="amount", dimensions="amount_event")["Fee paid (EUR)"]
    assert count_of(found[1]) == pytest.approx(row["amount"]["value"], abs=0.51)
    course = client.get(f"{SITE}?by=amount_event&is=Fee+paid+(EUR)").text
    assert "event is Fee paid (EUR)" in course
    assert re.search(r"Amounts (rose|fell|against)", course)


def test_spreads_are_shares_of_all_bins_in_their_order(client: Client) -> None:
    page = client.get(SITE).text
    assert re.search(r"Half of the pages were looked at for longer than \d+ s ±\u00a0", page)
    assert re.search(r"Half of the pages were read further down than [\d.]+\u00a0% ±\u00a0", page)
    assert re.search(r"[\d.]+\u00a0% ±\u00a0[\d.]+ of those who agreed to tell it had been here", page)
    assert "Only among visitors who agreed to it" in page
    table = page[page.index('<caption class="unseen">Who comes back') :]
    table = table[: table.index("</table>")]
    assert re.findall(r'<th scope="row">([^<]+)</th>', table) == [
        "for the first time", "a day later", "2–7 days later", "8–30 days later", "after over 30 days",
    ]  # fmt: skip
    assert sum(float(value) for value, _margin in re.findall(PERCENT, table)) == pytest.approx(100, abs=2.6)


def test_devices_set_aside_are_a_quiet_line(client: Client) -> None:
    page = client.get(SITE).text
    assert "set aside" in page
    assert 'href="/what-we-measure?site=services.example#aside"' in page


def test_topics_of_the_city_are_added_over_its_sites(client: Client) -> None:
    page = client.get("/?period=30d").text
    assert "A device that reads about a topic on two sites counts twice" in page
    found = re.search(
        rf'<th scope="row">Permits <span class="note">([^<]+)</span></th>\s*<td>.*?{FIGURE}', page, re.DOTALL
    )
    assert found
    assert found[1] == "City services, Transport, Culture &amp; leisure"
    params = {"metrics": "visitors", "dimensions": "topic", "from": "2026-04-20", "site": "services.example"}
    alone = asked(client, **params)["Permits"]["visitors"]
    params["site"] = "services.example,transport.example,culture.example"
    together = asked(client, **params)["Permits"]["visitors"]
    assert count_of(found[2]) == together["value"] > alone["value"]
    assert together["stderr"] > alone["stderr"]


def test_each_site_has_its_plan_in_plain_words(client: Client) -> None:
    full, bare = (client.get(f"/what-we-measure?site={site}.example").text for site in ("services", "culture"))
    for words in (
        "Asked of “City services” besides",
        "<strong>Application sent</strong>: Signup, kind: permit",
        "<strong>Permit</strong>: /permits/* → /apply → any form sent → Signup",
        "<strong>Health</strong>: /health",
        "at most 200 EUR a device and day",
        "Counted: funnels",
    ):
        assert words in full
        assert words not in bare
    assert "<strong>Permits</strong>: /permits/**" in bare
    assert "30 pages within 10 seconds" in bare
    assert client.get("/what-we-measure").text == full
    assert client.get("/what-we-measure?site=elsewhere.example").status_code == 400


def test_topics_are_told_of_the_sites_that_release_them() -> None:
    settings = sample_settings()
    for site in settings.sites:
        told = {name: tuple(paths) for name, paths in topics_of(site, settings.topics).items()}
        assert told == site_plan.topics_of(site, settings.topics)


def test_the_rates_that_are_told_are_those_that_are_used() -> None:
    assert {
        "burst": portal.BURST_VIEWS,
        "seconds": portal.BURST_MS / 1000,
        "hour": portal.HOUR_VIEWS,
        "day": portal.DAY_VIEWS,
        "searches": portal.DAY_SEARCHES,
    } == RATES
