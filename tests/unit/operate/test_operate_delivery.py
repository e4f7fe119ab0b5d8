"""Ways out: a signed webhook, mail by a real SMTP server, a service of apprise; and what is said of failures."""

import logging
import ssl
import subprocess
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from receivers import hook, mail_server

from hubbub.core.alerts import Alerts, Channel, Mail, Smtp, Webhook
from hubbub.core.settings import Settings
from hubbub.operate.delivery.channels import Deliverer
from hubbub.operate.delivery.mail import send_mail
from hubbub.operate.delivery.named import send_named
from hubbub.operate.delivery.webhook import seconds_of, send_webhook, sign
from hubbub.operate.messages import Message, Picture
from hubbub.operate.outbox import Letter

NOW_MS = 1_795_000_000_000
KEY = "0123456789abcdef0123456789abcdef"
PNG = b"\x89PNG\r\n\x1a\n not a real one"
MESSAGE = Message("alert", "critical", "New: Visitors,\nCity portal", "−40 % ± 5", '<p>−40 %</p><img src="cid:a">')


def letter(recipient: str = "", channel: str = "a") -> Letter:
    return Letter(KEY, channel, recipient, MESSAGE.title, "waiting", NOW_MS, NOW_MS, 1, "")


class Clock:
    def now_ms(self) -> int:
        return NOW_MS


def test_the_signature_is_that_of_standard_webhooks() -> None:
    """The test vector of the description's own libraries."""
    signature = sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_webhook_is_signed_and_has_its_key() -> None:
    with hook(204) as receiver:
        outcome = send_webhook(f"{receiver.url}/alerts", "s3cret", letter(), MESSAGE, NOW_MS)
    assert (outcome.ended, outcome.said) == ("sent", "answered 204")
    (posted,) = receiver.posted
    assert posted.headers["idempotency-key"] == posted.headers["webhook-id"] == KEY
    timestamp = int(posted.headers["webhook-timestamp"])
    assert posted.headers["webhook-signature"] == sign("s3cret", KEY, timestamp, posted.body)
    body = msgspec.json.decode(posted.body)
    assert (body["type"], body["data"]["severity"]) == ("hubbub.alert", "critical")


def test_without_a_secret_there_is_no_signature() -> None:
    with hook() as receiver:
        send_webhook(receiver.url, "", letter(), MESSAGE, NOW_MS)
    assert "webhook-signature" not in receiver.posted[0].headers


@pytest.mark.parametrize(
    ("status", "ended", "after_s"),
    [
        (400, "never", 0),
        (404, "never", 0),
        (410, "never", 0),
        (408, "later", 90),
        (429, "later", 90),
        (503, "later", 90),
    ],
)
def test_what_a_receiver_refuses_is_not_tried_again_and_the_rest_is(status: int, ended: str, after_s: float) -> None:
    with hook(status, headers={"Retry-After": "90"}) as receiver:
        outcome = send_webhook(receiver.url, "", letter(), MESSAGE, NOW_MS)
    assert (outcome.ended, outcome.after_s) == (ended, after_s)
    assert str(status) in outcome.said


def test_redirects_are_not_followed() -> None:
    with hook() as other, hook(302, headers={"Location": other.url}) as receiver:
        outcome = send_webhook(receiver.url, "", letter(), MESSAGE, NOW_MS)
        assert other.posted == []
    assert outcome.ended == "later"
    assert "not followed" in outcome.said


def test_a_receiver_that_is_down_is_tried_again() -> None:
    with hook() as receiver:
        url = receiver.url
    assert send_webhook(url, "", letter(), MESSAGE, NOW_MS).ended == "later"


def test_retry_after_may_be_a_date_and_makes_sense_or_nothing() -> None:
    assert seconds_of("Wed, 18 Nov 2026 05:34:20 GMT", 1_794_980_000_000) == 60
    assert seconds_of("Wed, 18 Nov 2020 05:34:20 GMT", NOW_MS) == 0
    assert seconds_of("99999999", NOW_MS) == 86_400
    for nonsense in ("", "soon", "-5", "1e9999"):
        assert seconds_of(nonsense, NOW_MS) == 0


def parts_of(mail: EmailMessage) -> dict[str, Any]:
    return {part.get_content_type(): part for part in mail.walk()}


def test_a_mail_has_text_and_html_with_its_pictures() -> None:
    message = msgspec.structs.replace(MESSAGE, pictures=(Picture("a", PNG),))
    with mail_server() as box:
        smtp = Smtp("127.0.0.1", "hubbub@city.example", box.port, "none")
        outcome = send_mail(smtp, "", letter("office@city.example"), message, NOW_MS)
    assert outcome.ended == "sent"
    (mail,) = box.mails
    assert box.recipients == [["office@city.example"]]
    assert mail["Subject"] == "New: Visitors, City portal"
    assert mail["Message-ID"] == f"<{KEY}@city.example>"
    assert (mail["Importance"], mail["Auto-Submitted"]) == ("high", "auto-generated")
    parts = parts_of(mail)
    assert mail.get_content_type() == "multipart/alternative"
    assert parts["text/plain"].get_content().strip() == "−40 % ± 5"
    assert "cid:a" in parts["text/html"].get_content()
    assert parts["image/png"]["Content-ID"] == "<a>"
    assert parts["image/png"].get_content() == PNG


@pytest.mark.parametrize(("name", "ended"), [("550", "never"), ("450", "later")])
def test_a_refused_recipient_is_tried_again_only_if_the_server_says_so(name: str, ended: str) -> None:
    with mail_server() as box:
        smtp = Smtp("127.0.0.1", "hubbub@city.example", box.port, "none")
        outcome = send_mail(smtp, "", letter(f"{name}@city.example"), MESSAGE, NOW_MS)
    assert outcome.ended == ended
    assert name in outcome.said


def test_a_mail_server_without_starttls_gets_nothing_when_it_is_asked_for() -> None:
    with mail_server() as box:
        smtp = Smtp("127.0.0.1", "hubbub@city.example", box.port, "starttls")
        outcome = send_mail(smtp, "", letter("office@city.example"), MESSAGE, NOW_MS)
    assert (outcome.ended, box.mails) == ("later", [])
    assert "STARTTLS" in outcome.said


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate of 127.0.0.1, in one folder."""
    folder = tmp_path_factory.mktemp("tls")
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem"), "-days", "2"]
    command += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.mark.filterwarnings("ignore:Session.login_data is deprecated")  # aiosmtpd's own use of it
def test_starttls_and_a_password(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")

    def check(_server: object, _session: object, _envelope: object, _mechanism: str, data: LoginPassword) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (b"hubbub", b"pass"), handled=False)

    with mail_server(tls_context=context, require_starttls=True, authenticator=check, auth_required=True) as box:
        smtp = Smtp("127.0.0.1", "hubbub@city.example", box.port, "starttls", "hubbub", "/x")
        untrusted = send_mail(smtp, "pass", letter("office@city.example"), MESSAGE, NOW_MS)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))
        wrong = send_mail(smtp, "wrong", letter("office@city.example"), MESSAGE, NOW_MS)
        right = send_mail(smtp, "pass", letter("office@city.example"), MESSAGE, NOW_MS)
    assert [each.ended for each in (untrusted, wrong, right)] == ["later", "later", "sent"]
    assert "no trusted TLS" in untrusted.said
    assert "neither user nor password" in wrong.said
    assert len(box.mails) == 1


def test_a_mail_server_that_is_down_is_tried_again() -> None:
    with mail_server() as box:
        port = box.port
    smtp = Smtp("127.0.0.1", "hubbub@city.example", port, "none")
    assert send_mail(smtp, "", letter("office@city.example"), MESSAGE, NOW_MS).ended == "later"


def test_a_service_of_apprise_and_nothing_in_logs(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    with hook() as receiver:
        place = receiver.url.removeprefix("http://")
        assert send_named(f"json://{place}/token-of-ours", letter(), MESSAGE).ended == "sent"
    body = msgspec.json.decode(receiver.posted[0].body)
    assert MESSAGE.text in body["message"]
    assert KEY in body["message"]
    assert body["type"] == "failure"
    assert send_named(f"json://{place}/token-of-ours", letter(), MESSAGE).ended == "later"
    assert send_named("nothing://token-of-ours", letter(), MESSAGE).ended == "later"
    assert "token-of-ours" not in caplog.text
    assert capfd.readouterr() == ("", "")


def test_each_channel_goes_its_way_and_failures_name_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HUBBUB_CHAT", raising=False)
    with hook() as receiver, mail_server() as box:
        (tmp_path / "secret").write_text("key of ours\nanother line\n")
        (tmp_path / "chat").write_text(receiver.url.replace("http://", "json://") + "/chat\n")
        (tmp_path / "empty").write_text("\n")
        channels = {
            "hook": Channel(webhook=Webhook(f"{receiver.url}/hook", str(tmp_path / "secret"))),
            "chat": Channel(url_file=str(tmp_path / "chat")),
            "mail": Channel(mail=Mail(("a@city.example",))),
            "env": Channel(url_env="HUBBUB_CHAT"),
            "lost": Channel(url_file=str(tmp_path / "none")),
            "empty": Channel(url_file=str(tmp_path / "empty")),
        }
        smtp = Smtp("127.0.0.1", "hubbub@city.example", box.port, "none")
        deliver = Deliverer(Settings(alerts=Alerts(channels, smtp=smtp)), Clock())
        ended = {name: deliver(letter("a@city.example", name), MESSAGE) for name in (*channels, "removed")}
        assert {name: outcome.ended for name, outcome in ended.items()} == {
            "hook": "sent",
            "chat": "sent",
            "mail": "sent",
            "env": "later",
            "lost": "later",
            "empty": "later",
            "removed": "never",
        }
        monkeypatch.setenv("HUBBUB_CHAT", receiver.url.replace("http://", "json://"))
        assert deliver(letter("", "env"), MESSAGE).ended == "sent"
    assert receiver.posted[0].headers["webhook-signature"] == sign(
        "key of ours", KEY, NOW_MS // 1000, receiver.posted[0].body
    )
    assert "HUBBUB_CHAT" in ended["env"].said
    assert "none cannot be read" in ended["lost"].said


def test_what_nobody_foresaw_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("token of ours")

    monkeypatch.setattr("hubbub.operate.delivery.channels.send_webhook", fails)
    deliver = Deliverer(Settings(alerts=Alerts({"a": Channel(webhook=Webhook("https://x.example"))})), Clock())
    outcome = deliver(letter(), MESSAGE)
    assert (outcome.ended, outcome.said) == ("later", "unforeseen RuntimeError")
