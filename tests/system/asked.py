"""Asking a running server as any client would: raw requests, whole answers; and what is then stored in its home."""

import http.client
import json
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
from served_home import FIREFOX

from hubbub.cli.home import Home
from hubbub.core.reasons import DropReason

PATIENCE_S = 60.0


class Answer(NamedTuple):
    """A whole answer; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> Any:
        """The body's JSON."""
        return json.loads(self.body)


def ask(port: int, method: str, path: str, body: bytes | str | object = None, **headers: str) -> Answer:
    """Send a request from a browser at 198.51.100.1, unless the headers say otherwise; an object goes as JSON."""
    named = {"User-Agent": FIREFOX, "X-Forwarded-For": "198.51.100.1"}
    named |= {name.replace("_", "-").title(): value for name, value in headers.items()}
    if isinstance(body, str):
        body = body.encode()
    elif body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
        named.setdefault("Content-Type", "application/json")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    try:
        connection.request(method, path, body, named)
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, found, answer.read())
    finally:
        connection.close()


def stored(home: Path) -> list[dict[str, Any]]:
    """All raw rows of a home whose server has ended, in the order of their time."""
    raw = Home.open(home).raw
    sealed = [raw.seal(found.source, found.day) for found in raw.days() if found.source]
    rows = raw.read_many(sealed) if sealed else pa.table({"ms": []})
    return sorted(rows.to_pylist(), key=lambda row: row["ms"])


def dropped(home: Path) -> Counter[DropReason]:
    """All drops of a home, by reason."""
    found: Counter[DropReason] = Counter()
    for counted in Home.open(home).raw.counters().values():
        found.update(counted.dropped)
    return found


def seconds_ago(seconds: int) -> int:
    """Unix seconds."""
    return int(time.time()) - seconds
