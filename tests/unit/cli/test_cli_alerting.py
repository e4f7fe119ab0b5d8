"""From findings and targets to received messages, and the commands on the way."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "insight"))
sys.path.insert(0, str(Path(__file__).parents[1] / "operate"))

from alert_samples import MONDAY, SITE, finding, scan, target
from receivers import Hook, Mailbox, hook, mail_server

from hubbub.cli import main as command
from hubbub.cli.alerting import alert, note, send
from hubbub.cli.home import Home
from hubbub.cli.reading import notebook_of
from hubbub.cli.reporting import report
from hubbub.cli.upgrading import upgrade
from hubbub.insight.findings import Findings
from hubbub.insight.targets.state import Standing
from hubbub.operate.outbox import letters
from hubbub.operate.remarks import Verdict
from hubbub.operate.roles import Operator, Role
from postgresql_server import Server

DAY = timedelta(days=1)


class Clock:
    """A clock that is set."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 17, 0, 20, tzinfo=UTC)

    def now_ms(self) -> int:
        return int(self.now.timestamp() * 1000)


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mail_server() as made:
        yield made


@pytest.fixture
def desk() -> Iterator[Hook]:
    with hook(200) as made:
        yield made


@pytest.fixture
def home(box: Mailbox, desk: Hook, tmp_path: Path) -> Iterator[Home]:
    (tmp_path / "hubbub.yaml").write_text(
        f"""
sites: [{{name: {SITE}, title: City portal}}]
city: Sampleton
address: https://numbers.city.example
alerts:
  smtp: {{host: 127.0.0.1, port: {box.port}, security: none, from: hubbub@city.example}}
  channels:
    office: {{mail: {{to: [a@city.example, b@city.example]}}}}
    desk: {{webhook: {{url: "{desk.url}"}}}}
"""
    )
    made = Home.open(tmp_path, Clock())
    yield made
    made.database.dispose()


def pass_time(home: Home, days: int = 0, **more: float) -> None:
    assert isinstance(home.clock, Clock)
    home.clock.now += timedelta(days=days, **more)


def subjects(box: Mailbox) -> list[str]:
    return [str(mail["Subject"]).replace("\u00a0", " ") for mail in box.mails]


def test_a_drop_is_mailed_once_and_its_end_once(home: Home, box: Mailbox, desk: Hook) -> None:
    assert alert(home, scan(finding()), []).sent == 3
    assert alert(home, scan(finding()), []).sent == 0
    pass_time(home, 1)
    assert alert(home, scan(finding(), last=MONDAY + DAY), []).sent == 0
    pass_time(home, 1)
    over = finding(until=MONDAY + DAY)
    assert alert(home, scan(over, last=MONDAY + 2 * DAY), []).sent == 3
    assert alert(home, scan(over, last=MONDAY + 2 * DAY), []).sent == 0
    assert subjects(box) == [
        *["New: City portal, −40 % ± 5 visitors"] * 2,
        *["Over: City portal, −40 % ± 5 visitors"] * 2,
    ]
    assert box.recipients[:2] in ([["a@city.example"], ["b@city.example"]], [["b@city.example"], ["a@city.example"]])
    text = box.mails[0].get_body(("plain",))
    assert text is not None
    said = " ".join(text.get_content().split())
    assert "−40 % ± 5 visitors since Mon 16 November 2026 (as good as certain)" in said
    assert f"https://numbers.city.example/what-is-changing/{finding().name}" in said
    (item,) = msgspec.json.decode(desk.posted[0].body)["data"]["items"]
    assert (item["event"], item["finding"]["series"]["source"], item["as_of"]) == ("opened", SITE, "2026-11-16")


def test_a_target_and_a_drop_together_are_one_message(home: Home, desk: Hook) -> None:
    alert(home, scan(finding()), [target(Standing.MISSED, 0.02)])
    (posted,) = desk.posted
    data = msgspec.json.decode(posted.body)["data"]
    assert data["title"].replace("\u00a0", " ") == "New: City portal, −40 % ± 5 visitors, and 1 more"
    assert "Target Digital take-up" in data["text"]
    assert "missed since 13 November 2026; probability of meeting it 2.0 %; now 412 ± 18" in data["text"].replace(
        "\u00a0", " "
    )


def test_what_an_analyst_has_dismissed_is_not_told_and_what_was_told_ends(home: Home, desk: Hook) -> None:
    page, ana = finding(where=(("page", "/a"),)), Operator("ana", Role.ANALYST)
    found = scan(finding(members=(page,)))
    alert(home, found, [])
    assert len(desk.posted) == 1
    notebook_of(home).judge(ana, finding(), Verdict.DISMISS, "an outage of the counter")
    for _ in range(3):
        pass_time(home, 1)
        alert(home, found, [])
    assert [msgspec.json.decode(each.body)["data"]["items"][0]["event"] for each in desk.posted] == [
        "opened",
        "cleared",
    ]


def test_nothing_is_lost_while_the_receivers_are_down(tmp_path: Path) -> None:
    with hook(503) as down:
        (tmp_path / "hubbub.yaml").write_text(
            f"sites: [{{name: {SITE}}}]\nalerts: {{channels: {{desk: {{webhook: {{url: '{down.url}'}}}}}}}}\n"
        )
        home = Home.open(tmp_path, Clock())
        assert alert(home, scan(finding()), None).waiting == 1
        pass_time(home, hours=1)
        down.statuses = [200]
        assert send(home).sent == 1
        pass_time(home, hours=12)
        assert send(home).sent == 0
    keys = {posted.headers["idempotency-key"] for posted in down.posted}
    assert (len(down.posted), len(keys)) == (2, 1)
    home.database.dispose()


def test_what_was_not_looked_at_stays_as_it_is(home: Home, desk: Hook) -> None:
    alert(home, scan(finding()), [target(Standing.MISSED, 0.02)])
    pass_time(home, 2)
    alert(home, None, None)
    alert(home, Findings(), None)
    assert len(desk.posted) == 1


def test_two_machines_that_look_at_once_tell_it_once(home: Home) -> None:
    other = Home.open(home.folder, home.clock)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda each: note(each, scan(finding()), []), [home, other] * 3))
    with home.database.connect() as connection:
        assert len(letters(connection)) == 3
    other.database.dispose()


@pytest.mark.postgresql
def test_two_machines_on_one_postgresql_tell_it_once(home: Home, server: Server, desk: Hook, box: Mailbox) -> None:
    text = (home.folder / "hubbub.yaml").read_text()
    (home.folder / "hubbub.yaml").write_text(f"{text}state: {server.new_database()}\n")
    homes = [Home.open(home.folder, home.clock) for _ in range(2)]
    upgrade(homes[0].database)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda each: alert(each, scan(finding()), []), homes * 3))
    assert (len(desk.posted), len(box.mails)) == (1, 2)
    for each in homes:
        each.database.dispose()


def run(monkeypatch: pytest.MonkeyPatch, home: Home, *words: str) -> int:
    monkeypatch.setattr("sys.argv", ["hubbub", "alerts", *words, "--home", str(home.folder)])
    with pytest.raises(SystemExit) as ended:
        command.main()
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_the_commands(
    home: Home, box: Mailbox, desk: Hook, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, home, "list") == 0
    assert "nothing in the outbox" in capsys.readouterr().out
    assert run(monkeypatch, home, "test") == 0
    said = capsys.readouterr().out
    assert "office to a@city.example: sent, 127.0.0.1 took it" in said
    assert "desk: sent, answered 200" in said
    assert subjects(box) == ["Test of the channel office"] * 2
    desk.statuses = [404]
    assert run(monkeypatch, home, "test", "desk") == 1
    assert "desk: not sent, refused with 404" in capsys.readouterr().out
    assert run(monkeypatch, home, "test", "none") == 1
    assert "It has: office, desk" in capsys.readouterr().err

    drop, thing = finding(), f"finding/{finding().name}"
    words = ("silence", "--thing", thing, "--why", "a relaunch", "--by", "someone", "--hours", "2000")
    assert run(monkeypatch, home, *words) == 0
    assert f"silence 1: {thing} until" in capsys.readouterr().out
    note(home, scan(drop), [])
    assert run(monkeypatch, home, "list") == 0
    said = capsys.readouterr().out
    assert f"open     {thing} by rule findings, since 2026-11-16, not told" in said
    assert "City portal: −40" in said
    assert "by someone: a relaunch" in said
    assert run(monkeypatch, home, "unsilence", "1") == 0
    assert run(monkeypatch, home, "unsilence", "1") == 1
    assert run(monkeypatch, home, "send") == 0
    assert "sent 2, to be tried again 0, given up 1" in capsys.readouterr().out
    assert run(monkeypatch, home, "list", "--json") == 0
    told = msgspec.json.decode(capsys.readouterr().out)
    assert [each["told"] is not None for each in told["alerts"]] == [True]
    assert sorted(each["standing"] for each in told["outbox"]) == ["given_up", "sent", "sent"]
    assert run(monkeypatch, home, "silence", "--why", "x", "--rule", "none") == 1
    assert run(monkeypatch, home, "silence", "--why", "x", "--thing", "none") == 1
    assert run(monkeypatch, home, "silence", "--why", "x") == 1


def test_the_status_tells_what_was_given_up(
    home: Home, desk: Hook, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.statuses = [410]
    alert(home, scan(finding()), [])
    monkeypatch.setattr("sys.argv", ["hubbub", "status", "--home", str(home.folder)])
    with pytest.raises(SystemExit):
        command.main()
    assert "messages: 0 to be sent, 1 given up" in capsys.readouterr().out


def test_a_report_is_mailed_once_whichever_machine_is_first(
    home: Home, box: Mailbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (home.folder / "hubbub.yaml").read_text()
    (home.folder / "hubbub.yaml").write_text(f"{text}reports: [{{name: monday, to: [a@city.example]}}]\n")
    here, other = Home.open(home.folder, home.clock), Home.open(home.folder, home.clock)
    pass_time(home, 2)  # a Thursday
    assert report(here, scan(), ()) == 0
    pass_time(home, 4, hours=7)
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(lambda each: report(each, scan(), ()), [here, other] * 2))
    assert sum(made) == 1
    assert send(here).sent == 1
    pass_time(home, 1)
    assert (report(here, scan(), ()), send(other).sent) == (0, 0)
    assert subjects(box) == ["Sampleton, 16–22 November 2026"]
    assert run_report(monkeypatch, home, "--week", "2026-W47", "--send") == 0
    assert "sent 1" in capsys.readouterr().out
    assert len(box.mails) == 2
    here.database.dispose()
    other.database.dispose()


def run_report(monkeypatch: pytest.MonkeyPatch, home: Home, *words: str) -> int:
    monkeypatch.setattr("sys.argv", ["hubbub", "report", *words, "--home", str(home.folder)])
    with pytest.raises(SystemExit) as ended:
        command.main()
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_a_report_is_printed_or_written_as_a_mail(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_report(monkeypatch, home, "--site", SITE, "--month", "2026-10") == 0
    assert capsys.readouterr().out.startswith("City portal, 1–31 October 2026\n")
    file = home.folder / "report.eml"
    assert run_report(monkeypatch, home, "--week", "2026-W46", "--write", str(file)) == 0
    mail = message_from_bytes(file.read_bytes(), policy=default)
    assert mail["Subject"] == "Sampleton, 9–15 November 2026"
    for wrong in (
        ("--week", "2026-W60"),
        ("--month", "soon"),
        ("--week", "2026-W46", "--month", "2026-10"),
        ("--send",),
    ):
        assert run_report(monkeypatch, home, *wrong) == 1
