"""Whatever Umami's, Matomo's or GoatCounter's readers make of a request, the pipeline makes a row of it or a drop."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from hypothesis import given, settings
from hypothesis import strategies as st
from protocol_samples import BEARER, SENDERS, get, post

from hubbub.collect.arrivals import Arrival
from hubbub.collect.hits import Hit
from hubbub.collect.pipeline import Pipeline
from hubbub.collect.protocols import goatcounter, matomo, umami
from hubbub.collect.requests import Request
from hubbub.core.reasons import DropReason
from hubbub.core.rows import Row
from hubbub.core.settings import Amount, Settings, Site

WEBSITE = "b59e9c65-ae32-47f1-8400-119fcf4861c4"
SITE = Site(
    "portal.example",
    umami=(WEBSITE,),
    matomo=(7,),
    goatcounter=("portal",),
    events={"Signup": {"action": ("sent",)}, "Goal 3": {}},
    amounts={"Goal 3": Amount(100, "EUR"), "Signup": Amount(100)},
)
HOST = {"host": "portal.stats.example"}


class Ring:
    def visitor_secret(self, source: str, day: date) -> bytes:
        return b"secret"


PIPELINE = Pipeline(Settings((SITE,)), Ring())
words = st.text() | st.sampled_from(
    [
        "Signup",
        "3",
        "0",
        "1e400",
        "-1",
        "nan",
        "https://portal.example/a",
        "//x",
        "/a?b#c",
        "192.0.2.7",
        "::1",
        "https://[",
    ]
)


def run(request: Request, read: Sequence[Hit | DropReason] | DropReason) -> None:
    for hit in [] if isinstance(read, DropReason) else read:
        if isinstance(hit, Hit):
            assert isinstance(PIPELINE.run(Arrival(request, hit)), Row | DropReason)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(matomo.WANTED)), words), st.booleans())
def test_matomo(more: dict[str, str], is_sender: bool) -> None:
    request = get(urlencode({"idsite": 7, "rec": 1, **more}, errors="replace"), **(BEARER if is_sender else {}))
    run(request, matomo.read(request, SENDERS))


@settings(deadline=None)
@given(
    st.dictionaries(st.sampled_from(["url", "hostname", "referrer", "name", "ip", "userAgent", "language"]), words),
    st.dictionaries(words, words | st.integers() | st.floats()) | st.none(),
    st.sampled_from(["event", "engagement"]),
    st.floats() | st.integers(),
)
def test_umami(more: dict[str, str], data: dict[str, Any] | None, kind: str, number: float) -> None:
    payload = {"website": WEBSITE, "data": data, "engagement": number, "timestamp": number, **more}
    request = post({"type": kind, "payload": payload}, **BEARER)
    run(request, umami.read(request, SENDERS))


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from("perqbh"), words), words)
def test_goatcounter(more: dict[str, str], referer: str) -> None:
    request = get(urlencode({"p": "/a", **more}, errors="replace"), referer=referer, **HOST)
    run(request, goatcounter.read(request, SENDERS))


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["ref", "query", "language", "created_at", "path", "ip", "user_agent"]), words))
def test_goatcounters_batch(more: dict[str, str]) -> None:
    hit = {"path": "/a", "ip": "192.0.2.7", "user_agent": "Mozilla/5.0", **more}
    request = post({"hits": [hit]}, **HOST, **BEARER)
    run(request, goatcounter.read_batch(request, SENDERS))
