"""What user agents say: people's browsers on one side, programs on the other."""

import gzip
import os
from pathlib import Path

import pytest
from crawleruseragents import CRAWLER_USER_AGENTS_DATA
from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.collect.agents import Agent, describe
from hubbub.collect.bots import is_bot
from hubbub.collect.tables.browsers import (
    BROWSER_FAMILIES,
    BROWSER_MARKS,
    BROWSER_PREFIXES,
    DEVICE_PATTERNS,
    SYSTEM_FAMILIES,
)
from hubbub.collect.tables.robots import NARROWED
from hubbub.core.vocabulary import BROWSERS, DEVICES, SYSTEMS

DATA = Path(os.environ.get("HUBBUB_REAL_DATA", "../shared/data"))

WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
)
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/"
ANDROID = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
IPAD = "Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "

PEOPLE = [
    (WINDOWS, "Chrome", "Windows", "Desktop"),
    (WINDOWS + " Edg/131.0.0.0", "Edge", "Windows", "Desktop"),
    (WINDOWS + " OPR/116.0.0.0", "Opera", "Windows", "Desktop"),
    (WINDOWS + " Vivaldi/7.0.3495.6", "Vivaldi", "Windows", "Desktop"),
    (MAC + "605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15", "Safari", "macOS", "Desktop"),
    (MAC + "605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15 Ddg/17.5", "DuckDuckGo", "macOS", "Desktop"),
    ("Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox", "Linux", "Desktop"),
    ("Mozilla/5.0 (X11; Fedora; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox", "Linux", "Desktop"),
    (
        "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36",
        "Chrome",
        "ChromeOS",
        "Desktop",
    ),
    (
        "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; AS; rv:11.0; Tablet PC 2.0) like Gecko",
        "Internet Explorer",
        "Windows",
        "Desktop",
    ),
    ("Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; SV1)", "Internet Explorer", "Windows", "Desktop"),
    (ANDROID + "Chrome/131.0.0.0 Mobile Safari/537.36", "Chrome", "Android", "Mobile"),
    (ANDROID + "Chrome/131.0.0.0 Safari/537.36", "Chrome", "Android", "Tablet"),
    (ANDROID + "SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36", "Samsung Internet", "Android", "Mobile"),
    (ANDROID + "Chrome/130.0.6723.86 Mobile Safari/537.36 EdgA/130.0.2849.68", "Edge", "Android", "Mobile"),
    (ANDROID + "Version/4.0 Chrome/125.0.6422.165 Mobile Safari/537.36", "Android WebView", "Android", "Mobile"),
    (
        "Mozilla/5.0 (Linux; Android 11; CUBOT X30) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0"
        " Mobile Safari/537.36",
        "Chrome",
        "Android",
        "Mobile",
    ),
    (
        "Mozilla/5.0 (Linux; Android 14; SM-X710) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0 Safari/537.36",
        "Chrome",
        "Android",
        "Tablet",
    ),
    ("Mozilla/5.0 (Android 14; Mobile; rv:133.0) Gecko/133.0 Firefox/133.0", "Firefox", "Android", "Mobile"),
    ("Mozilla/5.0 (Android 14; Tablet; rv:133.0) Gecko/133.0 Firefox/133.0", "Firefox", "Android", "Tablet"),
    (
        "Mozilla/5.0 (Linux; Android 9; KFTRWI) AppleWebKit/537.36 (KHTML, like Gecko) Silk/108.4 like Chrome/108.0"
        " Safari/537.36",
        "Amazon Silk",
        "Android",
        "Tablet",
    ),
    (
        "Mozilla/5.0 (Linux; Android 13; SM-A536B Build/TP1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0"
        " Chrome/124.0.6367.179 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/466.0;FBDM/{density=2.8,width=1080};]",
        "Facebook",
        "Android",
        "Mobile",
    ),
    (IPHONE + "Version/17.5 Mobile/15E148 Safari/604.1", "Safari", "iOS", "Mobile"),
    (IPHONE + "CriOS/126.0.6478.54 Mobile/15E148 Safari/604.1", "Chrome", "iOS", "Mobile"),
    (IPHONE + "FxiOS/126.0 Mobile/15E148 Safari/605.1.15", "Firefox", "iOS", "Mobile"),
    (IPHONE + "Version/17.0 EdgiOS/126.0.2592.56 Mobile/15E148 Safari/605.1.15", "Edge", "iOS", "Mobile"),
    (IPHONE + "GSA/318.0.634 Mobile/15E148 Safari/604.1", "Google app", "iOS", "Mobile"),
    (IPHONE + "Mobile/15E148", "iOS WebView", "iOS", "Mobile"),
    (IPHONE + "Mobile/15E148 Instagram 333.0.2.25.77 (iPhone12,1; iOS 17_5; de_AT)", "Instagram", "iOS", "Mobile"),
    (IPHONE + "Mobile/15E148 [FBAN/FBIOS;FBAV/485.1.0;FBDV/iPhone14,5]", "Facebook", "iOS", "Mobile"),
    (IPHONE + "Mobile/15E148 [LinkedInApp]/9.29.9031", "LinkedIn", "iOS", "Mobile"),
    (IPHONE + "Mobile/15E148 MicroMessenger/8.0.49(0x18003137) NetType/WIFI", "WeChat", "iOS", "Mobile"),
    (IPAD + "Version/17.5 Mobile/15E148 Safari/604.1", "Safari", "iOS", "Tablet"),
    (
        "Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 Safari/537.36"
        " ArkWeb/4.1.6.1 Mobile HuaweiBrowser/5.0.4.300",
        "Huawei Browser",
        "HarmonyOS",
        "Mobile",
    ),
    (
        "Mozilla/5.0 (Mobile; Nokia 2720 Flip; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5.2",
        "Firefox",
        "KaiOS",
        "Mobile",
    ),
    (
        "Opera/9.80 (J2ME/MIDP; Opera Mini/7.1.32052/29.3709; U; en) Presto/2.8.119 Version/11.10",
        "Opera",
        "Other",
        "Mobile",
    ),
    # apps that fetch for the person who holds the device
    ("Dalvik/2.1.0 (Linux; U; Android 14; Pixel 8 Build/AP1A)", "Other", "Android", "Mobile"),
    ("CityApp/2.1 (iPhone; iOS 17.5; Scale/3.00)", "iOS WebView", "iOS", "Mobile"),
    ("CityApp/1 CFNetwork/1494.0.7 Darwin/23.4.0", "Other", "iOS", "Other"),
    # phones whose names read like a robot's
    (ANDROID.replace("K)", "M bot 60)") + "Chrome/58.0.3029.83 Mobile Safari/537.36", "Chrome", "Android", "Mobile"),
    (ANDROID.replace("K)", "Spider 8)") + "Chrome/131.0.0.0 Mobile Safari/537.36", "Chrome", "Android", "Mobile"),
    (ANDROID.replace("K)", "HTC Butterfly)") + "Chrome/131.0.0.0 Mobile Safari/537.36", "Chrome", "Android", "Mobile"),
    # what crawler-user-agents 1.67 takes for a scraper: the Android 15 of millions of phones
    (
        "Mozilla/5.0 (Linux; Android 15; CPH2581 Build/AP3A.240617.008; wv) AppleWebKit/537.36 (KHTML, like Gecko)"
        " Version/4.0 Chrome/141.0.7390.122 Mobile Safari/537.36",
        "Android WebView",
        "Android",
        "Mobile",
    ),
    (
        ANDROID + "Version/4.0 Chrome/130.0.6723.60 YaBrowser/24.1.2.342 (lite) Mobile Safari/537.36",
        "Yandex Browser",
        "Android",
        "Mobile",
    ),
    (
        "Mozilla/5.0 (PC; OpenHarmony 6.1; Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/132.0.0.0"
        " Safari/537.36 ArkWeb/6.1.0.100 HuaweiBrowser/6.1.3.321",
        "Huawei Browser",
        "HarmonyOS",
        "Desktop",
    ),
    ("Lynx/2.8.9rel.1 libwww-FM/2.14 SSL-MM/1.4.1 OpenSSL/1.1.1", "Other", "Other", "Other"),
    (
        "Mozilla/5.0 (SMART-TV; LINUX; Tizen 6.5) AppleWebKit/537.36 (KHTML, like Gecko) 85.0/6.5 TV Safari/537.36",
        "Safari",
        "Tizen",
        "Other",
    ),
    (
        "Mozilla/5.0 (PlayStation; PlayStation 5/7.00) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/15.4"
        " Safari/605.1.15",
        "Safari",
        "Other",
        "Other",
    ),
]

PROGRAMS = [
    "",
    "-",
    "Mozilla",
    "Mozilla/5.0",
    "Mozilla/4.0 (compatible;)",
    "Mozilla/5.0 (compatible; VSAgent/1.2)",
    "curl/8.5.0",
    "Wget/1.21.4",
    "python-requests/2.32.3",
    "Python/3.11 aiohttp/3.9.5",
    "Go-http-client/2.0",
    "okhttp/4.12.0",
    "Apache-HttpClient/4.5.14 (Java/17.0.2)",
    "Java/1.8.0_73",
    "axios/1.7.2",
    "node",
    "GuzzleHttp/7",
    "Ruby",
    "PHP/5.3.98",
    "libwww-perl/6.72",
    "WordPress/6.5.3; https://blog.example",
    "WhatsApp/2.23.20.0 A",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Unknown; Linux x86_64) AppleWebKit/538.1 (KHTML, like Gecko) PhantomJS/2.1.1 Safari/538.1",
    WINDOWS + " Chrome-Lighthouse",
    WINDOWS + " SpeedCurve/1.0",
    WINDOWS + " (compatible; +https://monitor.example/about)",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; NeverSeenBefore-Bot/0.1)",
    "Mozilla/5.0 (compatible; FreshCrawler/0.1; like Gecko)",
    "Mozilla/5.0 (compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
    "Mozilla/5.0 (Windows NT 6.1; rv:40.0; someone@example.org) Gecko/20100101 Firefox/40.1",
    "['Mozilla/5.0 (Windows NT 6.2; WOW64) Chrome/38.0 Safari/537.36']",
    "User-Agent: Mozilla/5.0 (Windows NT 6.1; WOW64) Chrome/26.0.1410.64 Safari/537.31",
    "Mozilla/5.0 (Linux; <Android Version>; <Build Tag etc.>) AppleWebKit/<WebKit Rev> Chrome/<Chrome Rev>",
    "Mozilla/5.0 (X11) ${jndi:ldap://x}",
    "Feedly/1.0 (poller)",
    "Mozilla/5.0 (Linux; Android 6.0; Nexus 5X Build/MMB29P) AppleWebKit/537.36 Chrome/41 Safari/537.36 (Spiderling/2)",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko; Google-Assess) Chrome/34 Safari/537.36",
    WINDOWS + " (compatible; Unheard-Of)",
    "AndroidDownloadManager/13 (Linux; U; Android 13; SM-A155F)",
    "BUY ESSAY PAPER",
]


@pytest.mark.parametrize(("agent", "browser", "os", "device"), PEOPLE)
def test_browsers_of_people(agent: str, browser: str, os: str, device: str) -> None:
    assert describe(agent) == Agent(browser, os, device, False)


@pytest.mark.parametrize("agent", PROGRAMS)
def test_programs(agent: str) -> None:
    assert describe(agent) == Agent("Other", "Other", "Other", True)


def test_every_known_crawler_is_found() -> None:
    """All of crawler-user-agents' instances, 2,123 of them in 1.67."""
    instances = [agent for entry in CRAWLER_USER_AGENTS_DATA for agent in entry["instances"]]
    assert len(instances) > 2_000
    assert [agent for agent in instances if not is_bot(agent)] == []


def test_tables_lead_to_the_fixed_lists() -> None:
    names = {*BROWSER_FAMILIES.values(), *(name for _, name in (*BROWSER_MARKS, *BROWSER_PREFIXES))}
    assert names | {"Other"} == set(BROWSERS)
    assert set(SYSTEM_FAMILIES.values()) | {"HarmonyOS", "Other"} == set(SYSTEMS)
    assert {name for name, _ in DEVICE_PATTERNS} | {"Desktop"} == set(DEVICES)


def test_what_is_narrowed_is_said_by_the_list() -> None:
    """A pattern that `crawler-user-agents` no longer has needs no answer of ours."""
    assert set(NARROWED) <= {str(entry["pattern"]) for entry in CRAWLER_USER_AGENTS_DATA}


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(max_size=2_000), st.text(max_size=300).map("Mozilla/5.0 (X11; Linux) ".__add__)))
def test_any_text_is_described_on_the_lists(text: str) -> None:
    agent = describe(text)
    assert agent.browser in BROWSERS
    assert agent.os in SYSTEMS
    assert agent.device in DEVICES


@pytest.mark.real_data
def test_a_real_logs_agents() -> None:
    """Of 206,860 lines 72 % are programs', most of them the blogs' own scheduler; of the 4,889 agents 11 %."""
    log = DATA / "weblog" / "access.log.gz"
    assert log.exists(), f"{log} is missing: put the shared data there or name its folder in HUBBUB_REAL_DATA"
    with gzip.open(log, "rt", errors="replace") as lines:
        sent = [line.rsplit('"', 2)[1] for line in lines]
    agents = set(sent)
    bots = {agent for agent in agents if describe(agent).is_bot}
    assert 0.71 < sum(agent in bots for agent in sent) / len(sent) < 0.73
    assert 0.10 < len(bots) / len(agents) < 0.12
    people = [describe(agent) for agent in agents - bots]
    assert sum(agent.os != "Other" for agent in people) / len(people) > 0.95
