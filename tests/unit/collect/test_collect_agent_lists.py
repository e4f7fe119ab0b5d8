"""User agents beside the lists that others test with: how many of them are sorted otherwise, and why.

Read from Debian's `uap-core` (ua-parser's own cases) and from npm (isbot's list, and agents of real traffic); none of
them is part of hubbub.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from ua_parser import Domain, load_lazy_builtins
from ua_parser.regex import Resolver

from hubbub.collect.agents import LONGEST, describe
from hubbub.collect.bots import is_bot
from hubbub.collect.tables.browsers import BROWSER_FAMILIES, BROWSER_PREFIXES, SYSTEM_FAMILIES
from npm_packages import npm_package

UAP = Path("/usr/share/uap-core")

PROGRAMS_WITHOUT_A_BROWSER = {
    # families of ua-parser's cases that its device parser does not call "Spider" and that we call programs, by reason
    "libraries and tools that fetch": """
        AHC Apache-CXF Apache-HttpClient Axel Go-http-client GuzzleHttp HTTPClient HTTrack JAEGER_SECURITY
        Java-EurekaClient Jersey Node-oauth PostmanRuntime PyAMF PycURL ReactorNetty
        Vert.x-WebClient Wget akka-http aria2 axios curl go-resty got http.rb jupdate libcurl-agent libwww-perl lftp
        lua-resty-http okhttp reqwest scalaj-http unirest-java ureq urlgrabber wget2
    """,
    "cloud services and their kits": """
        CloudCockpitBackend CloudFoundry Go-CF-client JetS3t S3Gof3r aws-sdk-cpp aws-sdk-dotnet-45 aws-sdk-go
        aws-sdk-java aws-sdk-nodejs aws-sdk-ruby2 go-cli ibm-cos-sdk-java minio-go rusoto s3fs
        sap-leonardo-iot-sdk-nodejs
    """,
    "systems and programs that update and sync": """
        AnyConnect Box Cyberduck DAVdroid Microsoft-CryptoAPI SophosAgent SophosUpdateManager Transmit
        Windows-Update-Agent rclone
    """,
    "mail, calendars, documents": """
        Airmail Barca Evolution ExchangeServicesClient ExchangeWebServices MacOutlook MailBar Outlook Skype Superhuman
        Tableau Word GmailImageProxy
    """,
    "feeds, previews, shops' own services": """
        Bloglovin Feedbin Ghost Luminary Mediapartners-Google Pinterest Stringer ViaFree WebThumb WhatsApp WordPress
    """,
    "monitors, tests, browsers without a head": """
        Catchpoint HeadlessChrome Monitis NewRelicPingerBot PhantomJS RackspaceBot Site24x7 YottaaMonitor ping-service
    """,
    "crawlers that its device parser does not know": """
        FASTMobileCrawl HuaweiSymantecSpider Huaweisymantecspider moba-crawler
    """,
    "maps on desktops, asking for tiles": "ArcMap FME JOSM QGIS",
}
PROGRAMS_WITH_BLANKS = {
    *(
        "Python Requests",
        "Python aiohttp",
        "OpenVAS Scanner",
        "Box Sync",
        "RCM CardDAV plugin",
        "S3 Browser",
        "The Bat!",
    ),
    *("Microsoft SkyDriveSync", "Debian APT-HTTP", "Ubuntu APT-HTTP", "OpenBSD ftp", "Tiny Tiny RSS", "Rival IQ"),
    *("Mtps Feed Aggregation System", "Connector Spider", "mobile crawler", "SAP CPI", "sap xsuaa"),
    *("SAP NetWeaver Application Server", "GeoEvent Server", "ArcGIS Pro", "ArcGIS Earth", "Collector for ArcGIS"),
    *("ArcGIS Runtime SDK for Android", "ArcGIS Runtime SDK for Qt", "ArcGIS Runtime SDK for NET"),
}
PROGRAMS = PROGRAMS_WITH_BLANKS.union(*(names.split() for names in PROGRAMS_WITHOUT_A_BROWSER.values()))


def _cases(path: str) -> list[dict[str, Any]]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    cases: list[dict[str, Any]] = yaml.load((UAP / path).read_text(), loader)["test_cases"]
    return cases


def _families(agent: str, parser: Resolver) -> tuple[str, str]:
    """What ua-parser says of an agent: the family of the browser, and that of the device."""
    found = parser(agent, Domain.ALL)
    browser, device = found.user_agent, found.device
    return browser.family if browser else "Other", device.family if device else "Other"


@pytest.mark.agent_lists
def test_crawlers_and_browsers_of_ua_parsers_cases() -> None:
    """Of 1,425 browser cases ua-parser's device parser calls 781 spiders: all are bots here.

    Of the 644 others 451 are of families with a browser: two are bots here, which are none and were made up
    (`fakeLuminary/1.0` and `SomethingWeNeverKnewExisted`). Of the families in the table above 157 are bots and 36,
    as on phones, are not.
    """
    parser = Resolver(load_lazy_builtins())
    agents = [case["user_agent_string"] for case in _cases("tests/test_ua.yaml")]
    found = [(agent, *_families(agent, parser)) for agent in agents]
    spiders = [agent for agent, _, device in found if device == "Spider"]
    people = [(agent, family) for agent, family, device in found if device != "Spider" and family not in PROGRAMS]
    wrong = [agent for agent, _ in people if is_bot(agent)]
    print(f"{len(agents)} agents, {len(spiders)} spiders, {len(people)} of people, {len(wrong)} wrong")
    assert len(spiders) >= 700
    assert [agent for agent in spiders if not is_bot(agent)] == []
    assert len(people) >= 440
    assert set(wrong) <= {"fakeLuminary/1.0", "SomethingWeNeverKnewExisted"}


@pytest.mark.agent_lists
def test_devices_of_ua_parsers_cases() -> None:
    """Of 16,043 devices 200 (1.2 %) are bots: WhatsApp's previews, programs, and phones that give their name only."""
    cases = [(case["user_agent_string"], case["family"]) for case in _cases("tests/test_device.yaml")]
    devices = [agent for agent, family in cases if family != "Spider"]
    wrong = [agent for agent in devices if is_bot(agent[:LONGEST])]
    print(f"{len(devices)} agents, {len(wrong)} wrong")
    assert len(wrong) / len(devices) < 0.015
    assert [agent for agent in wrong if agent.startswith("Mozilla/5.0 (")] == []
    assert all(is_bot(agent) for agent, family in cases if family == "Spider")


@pytest.mark.agent_lists
@pytest.mark.parametrize(
    ("path", "fewest"),
    [
        ("tests/test_ua.yaml", 480),
        ("test_resources/firefox_user_agent_strings.yaml", 243),
        ("test_resources/opera_mini_user_agent_strings.yaml", 203),
        ("test_resources/pgts_browser_list.yaml", 11_500),
    ],
)
def test_browser_families_as_ua_parser_says(path: str, fewest: int) -> None:
    """All of 485, 243, 203 and 11,815 agents are the browser that ua-parser's case says, by our table of names."""
    people = [case for case in _cases(path) if not is_bot(case["user_agent_string"][:LONGEST])]
    wrong = [
        case["user_agent_string"]
        for case in people
        if describe(case["user_agent_string"]).browser != _browser_name(case["family"])
    ]
    print(f"{len(people)} agents, {len(wrong)} wrong")
    assert len(people) >= fewest
    assert wrong == []


@pytest.mark.agent_lists
@pytest.mark.parametrize(
    ("path", "fewest"), [("tests/test_os.yaml", 420), ("test_resources/additional_os_tests.yaml", 22)]
)
def test_systems_as_ua_parser_says(path: str, fewest: int) -> None:
    """All of 428 and 22 agents are the system that ua-parser's case says, by our table of names."""
    people = [case for case in _cases(path) if not is_bot(case["user_agent_string"][:LONGEST])]
    expected = [(case["user_agent_string"], SYSTEM_FAMILIES.get(case["family"], "Other")) for case in people]
    wrong = [agent for agent, system in expected if describe(agent).os != system]
    print(f"{len(people)} agents, {len(wrong)} wrong")
    assert len(people) >= fewest
    assert wrong == []


@pytest.mark.npm
def test_isbots_lists() -> None:
    """Of isbot's 2,775 crawlers 98.8 % are bots; of its 6,030 browsers 3.2 % are.

    The crawlers missed pose as a browser of before 2005 with a word added (`DTS Agent`, `URLBase 6`), or are phones.
    The browsers called bots are no browsers (`Eudora/5.2`, `The Bat! 4.0`, `VLC media player`) or say a name only.
    """
    folder = npm_package("isbot", "1.0.1")
    crawlers = (folder / "crawlers.txt").read_text().splitlines()
    browsers = (folder / "browsers.txt").read_text().splitlines()
    found = sum(is_bot(agent[:LONGEST]) for agent in crawlers) / len(crawlers)
    wrong = [agent for agent in browsers if is_bot(agent[:LONGEST])]
    print(f"{len(crawlers)} crawlers, {found:.2%} found; {len(browsers)} browsers, {len(wrong)} wrong")
    assert found > 0.985
    assert len(wrong) / len(browsers) < 0.033


@pytest.mark.npm
def test_no_agent_of_real_traffic_is_a_bot() -> None:
    """10,000 visits' agents that `user-agents` publishes, and the 100 most usual ones: none is called a bot."""
    visits = npm_package("user-agents", "2.1.198") / "dist" / "user-agents.json"
    usual = npm_package("top-user-agents", "2.1.138") / "src" / "index.json"
    agents = {visit["userAgent"] for visit in json.loads(visits.read_text())} | set(json.loads(usual.read_text()))
    assert len(agents) > 900
    assert [agent for agent in agents if describe(agent).is_bot] == []
    known = [describe(agent) for agent in agents]
    assert sum(agent.browser != "Other" for agent in known) / len(known) > 0.97
    assert sum(agent.os != "Other" for agent in known) / len(known) > 0.99
    assert sum(agent.device != "Other" for agent in known) / len(known) > 0.99


def _browser_name(family: str) -> str:
    found = BROWSER_FAMILIES.get(family) or next(
        (name for start, name in BROWSER_PREFIXES if family.startswith(start)), ""
    )
    return found or "Other"
