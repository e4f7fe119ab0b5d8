"""Clients for servers that npm carries, as a city's application runs them: Matomo's and Umami's own, unmodified."""

import json
import subprocess
from pathlib import Path

import pytest
from asked import dropped, seconds_ago, stored
from protocol_home import KEY, ORIGIN, WEBSITE, make_home
from served_home import FIREFOX, SITE, ServedHome

from hubbub.core.reasons import DropReason
from hubbub.core.rows import Kind
from npm_packages import npm_package

pytestmark = pytest.mark.npm


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_home(tmp_path)


MATOMO = """
const Tracker = require(process.argv[1]), {url, views} = JSON.parse(process.argv[2])
const tracker = new Tracker(7, url)
tracker.on("error", error => { console.log("error " + error); process.exit(1) })
tracker.track(views[0])
tracker.trackBulk(views, answer => console.log(answer))
"""
UMAMI = """
const {Umami} = require(process.argv[1]), {url, website, userAgent, events} = JSON.parse(process.argv[2])
const umami = new Umami({hostUrl: url, websiteId: website, userAgent})
const say = async answer => console.log(answer.status, await answer.text())
const run = async () => {
  for (const event of events) await say(await umami.track(event))
  await say(await umami.track("Signup", {plan: "basic"}))
  await say(await umami.identify({mail: "maria.muster@mail.example"}))
}
run()
"""


def node(script: str, package: Path, **said: object) -> list[str]:
    """The lines that a script says about its package."""
    command = ["node", "-e", script, str(package), json.dumps(said)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


def test_matomos_client_for_node(home: Path) -> None:
    spoken = {"token_auth": KEY, "cip": "203.0.113.9", "ua": FIREFOX, "lang": "de-AT", "cdt": seconds_ago(2)}
    views = [{"url": f"{ORIGIN}{page}", "uid": "someone", **spoken} for page in ("/a", "/b")]
    with ServedHome(home) as served:
        url = f"http://127.0.0.1:{served.port}/matomo.php"
        (answer,) = node(MATOMO, npm_package("matomo-tracker", "2.2.4"), url=url, views=views)
        assert json.loads(answer)["status"] == "success"
        assert json.loads(answer)["tracked"] == 2
    rows = stored(home)
    assert sorted(row["page"] for row in rows) == ["/a", "/a", "/b"]
    assert {row["language"] for row in rows} == {"de"}
    assert len({row["unit"] for row in rows}) == 1
    assert dropped(home) == {}


def test_umamis_client_for_node(home: Path) -> None:
    events = [{"hostname": SITE, "url": "/a", "referrer": "https://www.bing.com/"}, {"url": f"{ORIGIN}/b"}]
    with ServedHome(home) as served:
        url = f"http://127.0.0.1:{served.port}"
        package = npm_package("@umami/node", "0.4.0")
        answers = node(UMAMI, package, url=url, website=WEBSITE, userAgent=FIREFOX, events=events)
    assert len(answers) == 4
    assert all(answer.startswith('200 {"cache":') for answer in answers)
    assert sorted((row["kind"], row["page"], row["name"]) for row in stored(home)) == [
        (Kind.PAGEVIEW, "/a", ""),
        (Kind.PAGEVIEW, "/b", ""),
        (Kind.EVENT, "/", "Signup"),
    ]
    assert dropped(home) == {DropReason.IGNORED: 1}
