"""The outbox: nothing is lost or sent by two, what fails waits longer, and a killed sender costs one repeat."""

import signal
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st
from operate_databases import database as database
from receivers import hook
from sqlalchemy import Engine

from hubbub.operate.messages import Message
from hubbub.operate.outbox import (
    FIRST_WAIT_MS,
    GIVE_UP_AFTER_MS,
    KEPT_MS,
    LEASE_MS,
    LONGEST_WAIT_MS,
    Letter,
    Outcome,
    claim,
    counts,
    forget_old,
    letters,
    put,
    settle,
    wait_ms,
)
from hubbub.operate.sending import send_waiting
from hubbub.operate.state import metadata
from hubbub.release.state import open_state

NOW_MS = 1_795_000_000_000
MESSAGE = Message("alert", "warning", "New: Visitors", "text")
CHILD = Path(__file__).with_name("sender_child.py")


class Clock:
    def __init__(self, now_ms: int = NOW_MS) -> None:
        self.now = now_ms

    def now_ms(self) -> int:
        return self.now


def post(database: Engine, *recipients: str, channel: str = "hook", now_ms: int = NOW_MS) -> list[str]:
    with database.begin() as connection:
        return put(connection, channel, recipients or ("",), MESSAGE, now_ms)


def all_letters(database: Engine) -> list[Letter]:
    with database.connect() as connection:
        return letters(connection)


def test_a_message_waits_for_each_recipient_and_is_put_once(database: Engine) -> None:
    keys = post(database, "a@city.example", "b@city.example")
    assert post(database, "a@city.example") == keys[:1]
    assert len(set(keys)) == 2
    assert {(one.recipient, one.standing) for one in all_letters(database)} == {
        ("a@city.example", "waiting"),
        ("b@city.example", "waiting"),
    }


def test_what_is_rolled_back_was_never_put(database: Engine) -> None:
    with database.connect() as connection:
        put(connection, "hook", ("",), MESSAGE, NOW_MS)
        connection.rollback()
    assert all_letters(database) == []


def test_one_sender_at_a_time_has_a_message(database: Engine) -> None:
    post(database)
    claimed = claim(database, "one", NOW_MS)
    assert claimed is not None
    assert claimed[1] == MESSAGE
    assert claim(database, "two", NOW_MS + LEASE_MS - 1) is None
    again = claim(database, "two", NOW_MS + LEASE_MS)
    assert again is not None
    assert (again[0].key, again[0].attempts) == (claimed[0].key, 2)


def test_who_lost_the_claim_can_only_say_that_it_was_sent(database: Engine) -> None:
    post(database)
    first = claim(database, "one", NOW_MS)
    second = claim(database, "two", NOW_MS + LEASE_MS)
    assert first is not None
    assert second is not None
    settle(database, first[0], Outcome("never", "refused"), NOW_MS + LEASE_MS)
    assert all_letters(database)[0].standing == "waiting"
    settle(database, first[0], Outcome("sent", "answered 200"), NOW_MS + LEASE_MS)
    settle(database, second[0], Outcome("later", "down"), NOW_MS + LEASE_MS)
    assert (all_letters(database)[0].standing, all_letters(database)[0].said) == ("sent", "answered 200")


def test_many_senders_send_each_message_once(database: Engine) -> None:
    post(database, *(f"{number}@city.example" for number in range(40)))
    sent: Counter[str] = Counter()

    def deliver(letter: Letter, _message: Message) -> Outcome:
        sent[letter.key] += 1
        return Outcome("sent", "")

    with ThreadPoolExecutor(4) as pool:
        ended = list(pool.map(lambda name: send_waiting(database, deliver, Clock(), str(name), 30.0), range(4)))
    assert sum(each.sent for each in ended) == len(sent) == 40
    assert set(sent.values()) == {1}


def test_nothing_is_lost_while_the_receiver_is_down_and_waits_double(database: Engine) -> None:
    post(database)
    clock, is_up, tried = Clock(), False, []

    def deliver(letter: Letter, _message: Message) -> Outcome:
        tried.append((clock.now, letter.key))
        return Outcome("sent" if is_up else "later", "")

    for _ in range(24 * 4):  # a day of ticks
        send_waiting(database, deliver, clock, "one", 30.0)
        clock.now += 900_000
    waits = [after - before for (before, _), (after, _) in pairwise(tried)]
    assert waits == sorted(waits)
    assert 8 <= len(tried) <= 14
    is_up = True
    clock.now += LONGEST_WAIT_MS * 2
    assert send_waiting(database, deliver, clock, "one", 30.0).sent == 1
    assert len({key for _, key in tried}) == 1


def test_after_days_it_is_given_up_and_told(database: Engine) -> None:
    post(database)
    clock = Clock()
    while all_letters(database)[0].standing == "waiting":
        send_waiting(database, lambda *_: Outcome("later", "no connection"), clock, "one", 30.0)
        clock.now += 3_600_000
        assert clock.now < NOW_MS + GIVE_UP_AFTER_MS + LONGEST_WAIT_MS
    assert clock.now > NOW_MS + GIVE_UP_AFTER_MS - LONGEST_WAIT_MS * 2
    with database.connect() as connection:
        assert counts(connection) == {"given_up": 1}
    assert all_letters(database)[0].said == "no connection"


def test_what_is_refused_is_given_up_at_once_and_retry_after_is_honoured(database: Engine) -> None:
    post(database, channel="refusing")
    post(database, channel="busy")
    outcomes = {"refusing": Outcome("never", "refused with 410"), "busy": Outcome("later", "answered 429", 7200.0)}
    send_waiting(database, lambda letter, _: outcomes[letter.channel], Clock(), "one", 30.0)
    found = {one.channel: one for one in all_letters(database)}
    assert found["refusing"].standing == "given_up"
    assert found["busy"].due_ms == NOW_MS + 7_200_000


def test_a_channel_that_fails_keeps_no_other_back(database: Engine) -> None:
    post(database, "a@city.example", "b@city.example", channel="down")
    post(database, channel="up", now_ms=NOW_MS + 1)
    tried: list[str] = []

    def deliver(letter: Letter, _message: Message) -> Outcome:
        tried.append(letter.channel)
        return Outcome("later" if letter.channel == "down" else "sent", "")

    send_waiting(database, deliver, Clock(NOW_MS + 1), "one", 30.0)
    assert tried == ["down", "up"]


def test_the_time_is_bounded(database: Engine) -> None:
    post(database)
    assert send_waiting(database, lambda *_: Outcome("sent", ""), Clock(), "one", 0.0).sent == 0


def test_an_attempt_without_an_end_is_not_waited_for(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hubbub.operate.sending.LONGEST_ATTEMPT_S", 0.05)
    post(database)
    go_on = Event()

    def hangs(_letter: Letter, _message: Message) -> Outcome:
        go_on.wait(10)
        return Outcome("sent", "too late")

    assert send_waiting(database, hangs, Clock(), "one", 30.0).waiting == 1
    go_on.set()
    assert "no end" in all_letters(database)[0].said


def test_what_was_sent_is_forgotten_after_a_month_and_what_waits_is_not(database: Engine) -> None:
    post(database, channel="up")
    post(database, channel="down")
    send_waiting(database, lambda letter, _: Outcome("sent" if letter.channel == "up" else "later", ""), Clock(), "", 9)
    with database.begin() as connection:
        forget_old(connection, NOW_MS + KEPT_MS + 1)
    assert [one.channel for one in all_letters(database)] == ["down"]


@given(st.text(alphabet="0123456789abcdef", min_size=32, max_size=32), st.integers(1, 1000))
def test_waits_grow_to_six_hours_and_are_spread(key: str, attempts: int) -> None:
    wait = wait_ms(key, attempts)
    assert 0.75 * FIRST_WAIT_MS <= wait <= 1.25 * LONGEST_WAIT_MS
    assert wait == wait_ms(key, attempts)


def run_child(path: Path, url: str, now_ms: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, str(CHILD), str(path), url, str(now_ms)], stdout=subprocess.PIPE)


def test_a_sender_killed_in_mid_sending_costs_one_repeat_with_the_same_key(tmp_path: Path) -> None:
    """The request has come and is not answered when the process dies: no one can know, so it is sent again."""
    path = tmp_path / "state.db"
    engine = open_state(path)
    metadata.create_all(engine)
    (key,) = post(engine)
    child: list[subprocess.Popen[bytes]] = []
    killed: list[bool] = []

    def kill() -> None:
        if not killed:
            killed.append(True)
            child[0].send_signal(signal.SIGKILL)
            child[0].wait()

    with hook(200, before=kill) as receiver:
        child.append(run_child(path, receiver.url, NOW_MS))
        assert child[0].wait(120) == -signal.SIGKILL
        child[0].communicate()
        assert all_letters(engine)[0].standing == "waiting"
        for now_ms, sent in ((NOW_MS + LEASE_MS - 1, b"0"), (NOW_MS + LEASE_MS, b"1"), (NOW_MS + 2 * LEASE_MS, b"0")):
            said, _ = run_child(path, receiver.url, now_ms).communicate(timeout=30)
            assert said.strip() == sent
    assert [posted.headers["idempotency-key"] for posted in receiver.posted] == [key, key]
    assert all_letters(engine)[0].standing == "sent"
    engine.dispose()
