"""The pages as they are sent: what they say, how they are cached, and what they refuse."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from gzip import decompress
from html.parser import HTMLParser
from typing import Any

import pytest
from litestar.testing import TestClient
from page_samples import NOW, TODAY, FixedClock, sample_read_side

from hubbub.core.settings import Access
from hubbub.serve.dashboard import dashboard_app
from hubbub.serve.names import key_label
from hubbub.serve.pages.assets import asset_url
from hubbub.serve.reading import ReadSide
from hubbub.serve.texts import texts_in

SITE = "/sites/services.example"
Client = TestClient[Any]
PAGES = (
    "/",
    SITE,
    f"{SITE}?period=today",
    f"{SITE}?period=day",
    f"{SITE}?period=month",
    f"{SITE}?period=12mo&metric=pageviews",
    f"{SITE}?by=page&is=/home",
    f"{SITE}?by=goal&is=Application+sent",
    f"{SITE}?by=device&is=Mobile",
    f"{SITE}?by=device&is=Mobile&and=channel&also=Direct&period=30d",
    f"{SITE}?by=amount_event&is=Fee+paid+(EUR)&period=30d",
    f"{SITE}/list/page",
    f"{SITE}/list/goal",
    f"{SITE}/list/term?period=30d",
    f"{SITE}/list/country?period=30d",
    "/what-we-measure",
    "/what-we-measure?site=culture.example",
    "/what-we-measure/verify",
)


@pytest.fixture(scope="module")
def read_side(tmp_path_factory: pytest.TempPathFactory) -> ReadSide:
    return sample_read_side(tmp_path_factory.mktemp("marts"), days=70)


@pytest.fixture(scope="module")
def client(read_side: ReadSide) -> Iterator[Client]:
    with TestClient(dashboard_app(read_side)) as client:
        yield client


class Outline(HTMLParser):
    """Collects what a page is made of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.tables = self.captions = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        self.tables += tag == "table"
        self.captions += tag == "caption"
        self.attributes += [(tag, name, value or "") for name, value in attrs]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_whole_and_safe(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    outline = Outline(response.text)
    assert outline.headings[0] == 1
    assert outline.headings.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(outline.headings, outline.headings[1:], strict=False))
    assert outline.tables == outline.captions
    inline = [(tag, name) for tag, name, _value in outline.attributes if name == "style" or name.startswith("on")]
    assert inline == []
    assert "<style" not in response.text
    hosts = [value for _tag, name, value in outline.attributes if name in ("src", "href") and "//" in value]
    assert hosts == []
    policy = response.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "carries noise" in response.text


@pytest.mark.parametrize("path", PAGES)
def test_every_link_of_a_page_leads_somewhere(client: Client, path: str) -> None:
    links = [
        value
        for tag, name, value in Outline(client.get(path).text).attributes
        if tag in ("a", "link", "form") and name in ("href", "action") and not value.startswith("#")
    ]
    broken = {link: status for link in dict.fromkeys(links) if (status := client.get(link).status_code) != 200}
    assert broken == {}


def test_a_page_is_rendered_once_and_named_by_its_etag(client: Client, read_side: ReadSide) -> None:
    first = client.get(f"{SITE}?period=30d")
    again = client.get(f"{SITE}?period=30d&utm_source=mail")
    assert again.text == first.text
    assert again.headers["etag"] == first.headers["etag"]
    assert first.headers["cache-control"] == "public, max-age=60"
    held = client.get(f"{SITE}?period=30d", headers={"if-none-match": first.headers["etag"]})
    assert held.status_code == 304
    assert held.content == b""
    assert client.get(f"{SITE}?period=7d").headers["etag"] != first.headers["etag"]


def test_packed_and_plain_are_the_same_page(client: Client) -> None:
    plain = client.get("/", headers={"accept-encoding": "identity"})
    with client.stream("GET", "/", headers={"accept-encoding": "gzip"}) as packed:
        assert packed.headers["content-encoding"] == "gzip"
        assert decompress(b"".join(packed.iter_raw())) == plain.content
    assert "content-encoding" not in plain.headers


def test_static_files_are_kept_for_ever_under_their_hash(client: Client) -> None:
    response = client.get(asset_url("hubbub.css"))
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["content-type"].startswith("text/css")
    assert client.get("/assets/hubbub.css").status_code == 404


@pytest.mark.parametrize("path", ["/", "/nothing/here", asset_url("hubbub.css")])
def test_texts_name_their_charset_once(client: Client, path: str) -> None:
    assert client.get(path).headers["content-type"].count("charset") == 1


@pytest.mark.parametrize(("method", "path"), [("GET", "/api/v1/nothing"), ("POST", "/api/v1/query")])
def test_programs_get_the_errors_of_wrong_paths_as_json(client: Client, method: str, path: str) -> None:
    answer = client.request(method, path)
    assert answer.status_code in (404, 405)
    assert answer.json()["error"]


def test_head_is_answered(client: Client) -> None:
    assert client.head(SITE).status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/sites/elsewhere.example", 404, "This site is not measured here"),
        (f"{SITE}/list/shoe-size", 404, "There is no such list"),
        ("/nowhere", 404, "There is no such page"),
        (f"{SITE}?period=fortnight", 400, "today, day, 7d, 30d, month, 12mo, custom"),
        (f"{SITE}?from=2026-05-09&to=2026-05-01", 400, "a first day that is not after the last"),
        (f"{SITE}?metric=shoes", 400, "visitors, pageviews, visits"),
        (f"{SITE}?by=shoes&is=1", 400, "page, entry_page"),
        (f"{SITE}?by=device&is=Mobile&and=shoes&also=1", 400, "page, entry_page"),
        (f"{SITE}?by=device&is=Mobile&and=page&also=/home", 400, "two different ones of channel"),
        (f"{SITE}?by=device&is=Mobile&and=device&also=Tablet", 400, "two different ones of channel"),
        (f"{SITE}?by=device&is=Mobile&and=channel", 400, "one entry of the list"),
        (f"{SITE}?by=device&is=Toaster&and=channel&also=Direct", 400, "at most 2 of these attributes"),
        ("/sites/culture.example?by=page&is=/home&and=channel&also=Direct", 400, "two different ones of channel"),
        (f"{SITE}/list/page?page=0", 400, "1 to 100"),
        (f"{SITE}?period=%3Cscript%3E", 400, "&lt;script&gt;"),
    ],
)
def test_what_cannot_be_asked_is_answered_kindly(client: Client, path: str, status: int, says: str) -> None:
    response = client.get(path)
    assert response.status_code == status
    assert says in response.text
    assert "<h1>" in response.text
    assert "To the overview of all sites" in response.text
    assert response.headers["cache-control"] == "no-store"


def test_the_site_page_says_what_its_chart_shows(client: Client) -> None:
    page = client.get(f"{SITE}?period=30d").text
    assert re.search(r"against the 30 days before: no change that noise does not explain \(0\.\d\u00a0% ±", page)
    week = client.get(f"{SITE}?from=2026-05-06&to=2026-05-08").text  # three weekdays after a weekend
    assert re.search(r"Visitors rose [\d.]+\u00a0% ±\u00a0[\d.]+ against the 3 days before\.", week)
    assert page.count('role="img" aria-label="Visitors, 20 April – 19 May 2026') == 2
    assert page.count('<tr><th scope="row">') >= 30
    for title in ("Pages", "Exit pages", "Sources", "Channels", "Campaigns", "Countries", "Devices", "Events"):
        assert f">{title}</a></h3>" in page
    assert "var(--accent)" in page


def test_grey_rows_are_counted_and_give_their_reason(client: Client) -> None:
    page = client.get("/sites/culture.example?period=day").text
    assert re.search(r"\d+ too noisy to rank", page)
    assert 'class="figure grey" title="n' in page
    assert "Every entry is too noisy to rank in this period." in page
    assert re.search(
        r'href="/sites/culture\.example\?period=(7d|30d|12mo)">(7 days|30 days|12 months) would carry', page
    )


def test_a_new_page_is_marked_and_says_on_how_many_days_it_was_seen(client: Client) -> None:
    page = client.get(f"{SITE}/list/page?period=month").text
    assert re.search(r"/new-service</a> <span class=\"note\">new, 1 of 19 days</span>", page)


def test_the_site_page_says_which_pages_can_be_listed(client: Client) -> None:
    page = client.get(SITE).text
    assert page.count("pages that are known publicly") == 1
    assert "2 new entries of the lists here wait" in page


def test_what_is_missing_is_told_and_drawn(client: Client) -> None:
    lost = client.get(f"{SITE}?period=custom&from=2026-04-01&to=2026-04-20&metric=pageviews").text
    assert "<strong>Fri 10 April 2026</strong>" in lost
    assert 'fill="var(--missing)"' in lost
    assert "Compared are the" in lost


def test_under_a_filter_only_that_key_is_told(client: Client) -> None:
    page = client.get(f"{SITE}?period=30d&by=page&is=/home").text
    assert "page is /home" in page
    assert "Other lists do not exist under a filter" in page
    assert "Bounce rate" not in page
    assert client.get(f"{SITE}?period=30d&by=country&is=AT").text.count("country is Austria") == 1


def test_today_is_told_by_the_hour(client: Client) -> None:
    page = client.get(f"{SITE}?period=today").text
    assert "against the same hours a week before" in page
    assert "come after midnight" in page
    assert '<th scope="row">10:00</th>' in page


def test_days_that_were_never_released_lead_to_those_that_were(client: Client) -> None:
    page = client.get(f"{SITE}?from=2020-01-01&to=2020-01-31").text
    assert "Nothing is released for these days." in page
    assert "The newest released day is 19 May 2026." in page


def test_the_plan_the_budget_and_the_refusals_are_public(client: Client) -> None:
    page = client.get("/what-we-measure").text
    for words in (
        "a device counts in at most 2",
        "One device on one site on one local day.",
        "new ones (more than 117)",
        "± 141.4",
        "10⁻⁹",
        "87\u00a0%",
        "A year of somebody who comes every day",
        "<td>a device counts in at most 2</td>",
        "Verify the ledger now",
        'href="/api/v1/ledger"',
        "What we refuse to do",
        "No profile of a person",
        "What is not protected",
        "Tue 19 May 2026",
    ):
        assert words in page


def test_versions_of_the_plan_are_dated_and_told(client: Client) -> None:
    page = client.get("/what-we-measure").text
    assert "2 versions of this plan" in page
    assert "Page views: with at most 10 views → with at most 15 views" in page
    assert "Devices that reached each goal: with Form downloaded" in page
    assert "11 May 2026" in page
    assert f"/api/v1/ledger/plans?name=portal%2F2%2F{'cd' * 16}" in page
    assert "versions of this plan" not in client.get("/what-we-measure?site=culture.example").text
    text = client.get(f"/api/v1/ledger/plans?name=portal/2/{'cd' * 16}")
    assert text.json()[1] == {"rho": 50_000_000_000}


def test_verifying_tells_a_sound_ledger_from_a_broken_one(client: Client, read_side: ReadSide) -> None:
    assert "The chain holds" in client.get("/what-we-measure/verify").text
    broken = sample_read_side(read_side.marts.folder, broken=True, marts=read_side.marts)
    with TestClient(dashboard_app(broken)) as other:
        page = other.get("/what-we-measure/verify").text
    assert "The chain is broken" in page
    assert "entry 7" in page


def test_a_trial_says_so_on_every_page(read_side: ReadSide) -> None:
    trial = sample_read_side(read_side.marts.folder, trial=True, marts=read_side.marts)
    with TestClient(dashboard_app(trial)) as client:
        for path in (*PAGES, "/nowhere"):
            assert "these numbers are not private" in client.get(path).text


def test_a_private_instance_asks_for_its_key(read_side: ReadSide) -> None:
    digest = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"  # of "secret"
    access = Access("private", (digest,))
    private = sample_read_side(read_side.marts.folder, access=access, marts=read_side.marts)
    with TestClient(dashboard_app(private)) as client:
        for path in PAGES:
            refused = client.get(path)
            assert refused.status_code == 401
            assert "Basic" in refused.headers["www-authenticate"]
            assert "14,8" not in refused.text
        allowed = client.get("/", auth=("anyone", "secret"))
        assert allowed.status_code == 200
        assert allowed.headers["cache-control"].startswith("private")


def test_an_old_import_is_shown_from_its_newest_day_back(read_side: ReadSide) -> None:
    later = FixedClock(NOW + timedelta(days=400))
    old = sample_read_side(read_side.marts.folder, marts=read_side.marts, clock=later)
    with TestClient(dashboard_app(old)) as client:
        page = client.get(SITE).text
        assert "13–19 May 2026" in page
        assert "Newest day" in page
        assert "13–19 May 2026" in client.get("/").text


def test_a_new_release_makes_a_new_page(tmp_path_factory: pytest.TempPathFactory) -> None:
    read_side = sample_read_side(tmp_path_factory.mktemp("fresh"), days=20)
    with TestClient(dashboard_app(read_side)) as client:
        before = client.get(SITE).text
        read_side.marts.write("services.example", date(TODAY.year, TODAY.month, 1), ())
        assert client.get(SITE).text != before


def test_a_noisy_course_has_a_second_estimate_with_its_label(client: Client) -> None:
    """Some sixty visitors a day with noise of 22: what the days around a day say of it makes it surer."""
    page = client.get(f"{SITE}?by=country&is=US&period=30d").text
    assert 'class="key-smooth"' in page
    assert "<strong>Smoothed</strong>: A second estimate of each day" in page
    head, *rows = re.findall(r"<tr>.*?</tr>", page[page.index('class="plain"') :], re.DOTALL)
    assert re.findall(r"<th[^>]*>([^<]+)</th>", head)[:3] == ["When", "Visitors", "Smoothed"]
    margins = [re.findall(r'class="margin">±\s*([\d,]+)', row) for row in rows[:30]]
    assert sum(int(found[1]) < int(found[0]) for found in margins) >= 27  # a surprising day keeps the released error


def test_a_sure_course_has_one_estimate(client: Client) -> None:
    page = client.get(f"{SITE}?period=30d").text
    assert "smoothed" not in page
    assert "Smoothed" not in page


def test_longer_courses_and_hours_have_one_estimate(client: Client) -> None:
    for query in ("by=country&is=US&period=12mo", "period=today", "period=day"):
        assert "key-smooth" not in client.get(f"{SITE}?{query}").text


def test_a_second_attribute_can_be_asked_for_where_tables_tell_it(client: Client) -> None:
    page = client.get(f"{SITE}?period=30d&by=device&is=Mobile").text
    assert "Among these visitors" in page
    link = f"{SITE}?period=30d&amp;by=device&amp;is=Mobile&amp;and=channel&amp;also=Direct"
    assert f'href="{link}"' in page
    assert "and=device" not in page
    both = client.get(link.replace("&amp;", "&")).text
    assert "device is Mobile and channel is Direct" in both
    assert "Among these visitors" not in both  # the tables have two attributes
    assert "nothing is assumed about how attributes go together" in both


def test_without_tables_no_second_attribute_is_offered(client: Client) -> None:
    page = client.get("/sites/culture.example?period=30d&by=device&is=Mobile").text
    assert "Among these visitors" not in page
    assert "no number is released by two properties together" in page


def test_what_is_not_told_apart_is_all_others() -> None:
    texts = texts_in("en")
    assert {key_label(name, "rest", texts) for name in ("country", "language", "device")} == {"All others"}
    assert key_label("event", "rest", texts) == "rest"
