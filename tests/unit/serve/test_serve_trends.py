"""What is changing, on its page and in the API."""

import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "publish"))

from litestar.testing import TestClient
from mart_samples import SITES
from msgspec.structs import replace
from page_samples import TODAY, sample_read_side
from table_mart_samples import TABLE

from hubbub.core.settings import Settings, Site
from hubbub.insight.findings import Finding, Findings, Kind
from hubbub.insight.series import SeriesName
from hubbub.operate.last_scan import LastScan
from hubbub.publish.marts import Marts
from hubbub.serve.dashboard import dashboard_app
from hubbub.serve.pages.trend_words import subject_words, tell_finding
from hubbub.serve.texts import texts_in

PAGE, JSON = "/what-is-changing", "/api/v1/trends"
SITE = SITES[0]
WHOLE = SeriesName(SITE, "visitors")
SINCE = TODAY - timedelta(days=3)
Client = TestClient[Any]


def found(series: SeriesName = WHOLE, kind: Kind = Kind.RISE, since: date = SINCE, **more: Any) -> Finding:
    sizes = {"before": 1_000.0, "now": 1_380.0, "difference": 380.0, "stderr": 30.0}
    told = {"change": 0.38, "low": 0.32, "high": 0.44, "p_value": 1e-9, "probability": 0.9999, "until": None}
    return Finding(series=series, kind=kind, found=since, since=since, **(sizes | told | more))


PART = SeriesName(SITE, "visitors", (("channel", "Organic Search"),))
SAMPLE = Findings(
    {SITE: "x"},
    {SITE: TODAY},
    412,
    (
        found(members=(found(PART), found(SeriesName(SITE, "visitors", hour=7))), drivers=((PART, 0.7),)),
        found(SeriesName(SITES[1], "visitors", (("page", "/<b>"),)), Kind.VANISHED, now=0.0, difference=-1_000.0),
        found(SeriesName("", "visitors"), Kind.SPIKE, TODAY - timedelta(days=40), until=TODAY - timedelta(days=38)),
    ),
)


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Marts:
    return sample_read_side(tmp_path_factory.mktemp("trends")).marts


@pytest.fixture
def scan(tmp_path: Path) -> LastScan:
    return LastScan(tmp_path)


@pytest.fixture
def client(marts: Marts, scan: LastScan) -> Iterator[Client]:
    with TestClient(dashboard_app(replace(sample_read_side(marts.folder, marts=marts), findings=scan))) as client:
        yield client


def test_the_page_tells_each_finding_in_a_sentence(client: Client, scan: LastScan) -> None:
    scan.write(SAMPLE)
    page = client.get(PAGE).text
    assert "2 changes in the last seven days" in page
    assert "+38\u00a0% ±\u00a06 visitors since Sun 17 May 2026, mostly Channel: Organic Search" in page
    assert "2 changes that belong to it" in page
    assert "07:00 to 08:00" in page
    assert "/&lt;b&gt;" in page
    assert "next to none of 1,000 a day" in page
    assert "April 2026" in page
    assert "412 series" in page
    assert page.count('class="mark"') >= 2


def test_the_list_can_be_narrowed_to_a_source(client: Client, scan: LastScan) -> None:
    scan.write(SAMPLE)
    page = client.get(PAGE, params={"site": SITES[1]}).text
    assert "next to none" in page
    assert "+38" not in page
    assert client.get(PAGE, params={"site": "other.example"}).status_code == 400
    assert client.get(PAGE, params={"page": "0"}).status_code == 400


def test_a_new_scan_makes_a_new_page(client: Client, scan: LastScan) -> None:
    assert "Nothing was looked through yet" in client.get(PAGE).text
    scan.write(Findings({}, {}, 12, ()))
    assert "Nothing changed in the last seven days" in client.get(PAGE).text
    scan.write(SAMPLE)
    assert "+38" in client.get(PAGE).text


def test_many_findings_stand_on_several_pages(client: Client, scan: LastScan) -> None:
    scan.write(Findings({}, {}, 90, tuple(found(since=TODAY - timedelta(days=day)) for day in range(45))))
    first, last = client.get(PAGE).text, client.get(PAGE, params={"page": "3"}).text
    assert f'href="{PAGE}?page=2"' in first
    assert first.count("<h3>") == 20
    assert last.count("<h3>") == 5


def test_every_finding_leads_to_its_series(client: Client, scan: LastScan) -> None:
    scan.write(SAMPLE)
    page = client.get(PAGE).text
    for part in page.split('<section class="findings"')[1:]:
        for href in [piece.split('"')[0] for piece in part.split('href="')[1:]]:
            assert client.get(href.replace("&amp;", "&")).status_code == 200, href


def test_the_api_gives_all_of_it(client: Client, scan: LastScan) -> None:
    scan.write(SAMPLE)
    answer = client.get(JSON)
    body = answer.json()
    assert (body["series"], len(body["findings"])) == (412, 3)
    first = body["findings"][0]
    assert (first["site"], first["change"], first["kind"], first["until"]) == (SITE, 0.38, "rise", None)
    assert first["members"][0]["filters"] == {"channel": "Organic Search"}
    assert first["name"] == SAMPLE.found[0].name
    assert client.get(JSON, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert [one["kind"] for one in client.get(JSON, params={"kind": "spike"}).json()["findings"]] == ["spike"]
    assert len(client.get(JSON, params={"since": SINCE.isoformat()}).json()["findings"]) == 2
    assert len(client.get(JSON, params={"site": SITES[1]}).json()["findings"]) == 1
    assert client.get(JSON, params={"kind": "storm"}).json()["field"] == "kind"
    assert client.get(JSON, params={"site": "other.example"}).status_code == 400


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        (found(until=SINCE), "+38\u00a0% ±\u00a06 visitors on Sun 17 May 2026"),
        (found(until=SINCE + timedelta(days=2)), "+38\u00a0% ±\u00a06 visitors on 17–19 May 2026"),
        (found(kind=Kind.SLOPE), "+38\u00a0% ±\u00a06 visitors as it grows since Sun 17 May 2026"),
        (
            found(kind=Kind.EMERGING, change=None, low=None, high=None),
            "1,380 ±\u00a059 visitors a day since Sun 17 May 2026",
        ),
        (
            found(kind=Kind.MIX, before=0.2, now=0.31, difference=0.11),
            "31.0\u00a0% in place of 20.0\u00a0% of all visitors since Sun 17 May 2026",
        ),
        (found(change=-0.3, low=-0.305, high=-0.295), "−30.0\u00a0% ±\u00a00.5 visitors since Sun 17 May 2026"),
    ],
)
def test_sizes_and_times_are_told_as_they_are(finding: Finding, words: str) -> None:
    assert tell_finding(finding, Settings((Site(SITE),)), texts_in("en")) == words


def test_a_declared_table_is_told_by_its_own_names() -> None:
    settings = Settings((Site(SITE),), tables=(TABLE,))
    name = SeriesName(TABLE.name, next(iter(TABLE.measures)), (("district", "north"),))
    assert subject_words(name, settings, texts_in("en")).endswith("District: north")
