"""A POST of JSON to an address of the city's own, signed as Standard Webhooks 1.0.0 describes it.

Headers: `webhook-id` (the outbox key; also as `Idempotency-Key`), `webhook-timestamp` (seconds), `webhook-signature`:
`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`. A secret `whsec_…` is base64 after its prefix; any other
text is taken as it is. Without a secret there is no signature.
"""

import base64
import binascii
import hmac
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib import import_module

import msgspec
from msgspec import Struct

from hubbub.core.alerts import Severity
from hubbub.operate.messages import Item, Message
from hubbub.operate.outbox import Letter, Outcome

TIMEOUT_S = 10.0
PREFIX = "whsec_"
TRY_AGAIN = (408, 429)
LONGEST_RETRY_AFTER_S = 86_400.0


class Body(Struct, frozen=True):
    """What is posted. `type` is `hubbub.alert`, `hubbub.report` or `hubbub.test`; `timestamp` when it was made."""

    type: str
    timestamp: datetime
    data: "Data"


class Data(Struct, frozen=True):
    """The message."""

    title: str
    severity: Severity
    text: str
    link: str
    items: tuple[Item, ...]


def sign(secret: str, key: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`."""
    known = secret.encode()
    if secret.startswith(PREFIX):
        try:
            known = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            known = secret.encode()
    signed = hmac.digest(known, f"{key}.{timestamp}.".encode() + body, "sha256")
    return f"v1,{base64.b64encode(signed).decode()}"


def send_webhook(url: str, secret: str, letter: Letter, message: Message, now_ms: int) -> Outcome:
    """Post once. 2xx is taken; what is refused with another 4xx than 408 and 429 is not tried again; redirects are not
    followed, for the signature is for who the address names.
    """
    httpx = import_module("httpx")  # 0.2 s
    data = Data(message.title, message.severity, message.text, message.link, message.items)
    made = datetime.fromtimestamp(letter.created_ms / 1000, UTC)
    body = msgspec.json.encode(Body(f"hubbub.{message.kind}", made, data))
    timestamp = now_ms // 1000
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "hubbub",
        "Idempotency-Key": letter.key,
        "webhook-id": letter.key,
        "webhook-timestamp": str(timestamp),
    }
    if secret:
        headers["webhook-signature"] = sign(secret, letter.key, timestamp, body)
    try:
        with (
            httpx.Client(timeout=TIMEOUT_S, follow_redirects=False) as client,
            client.stream("POST", url, content=body, headers=headers) as response,
        ):
            status, retry_after = response.status_code, response.headers.get("retry-after", "")
    except httpx.TimeoutException:
        return Outcome("later", f"no answer within {TIMEOUT_S:.0f} s")
    except httpx.HTTPError as error:
        return Outcome("later", f"no connection ({type(error).__name__})")
    if 200 <= status < 300:
        return Outcome("sent", f"answered {status}")
    if 400 <= status < 500 and status not in TRY_AGAIN:
        return Outcome("never", f"refused with {status}")
    said = f"answered {status}" + (", redirects are not followed" if 300 <= status < 400 else "")
    return Outcome("later", said, seconds_of(retry_after, now_ms))


def seconds_of(retry_after: str, now_ms: int) -> float:
    """What a Retry-After asks for, in seconds or as a date; 0 when it says nothing that makes sense, a day at most."""
    try:
        seconds = float(retry_after) if retry_after.strip().isdigit() else _until(retry_after, now_ms)
    except (ValueError, TypeError):
        return 0.0
    return min(max(0.0, seconds), LONGEST_RETRY_AFTER_S)


def _until(when: str, now_ms: int) -> float:
    moment = parsedate_to_datetime(when)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.timestamp() - now_ms / 1000
