"""Matomo's tracking requests, from `matomo.js`, from servers and in bulk, and whatever else may come."""

from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protocol_samples import BEARER, KEY, NOON, SENDERS, WRONG_BEARER, get, one, post, reason

from hubbub.collect.hits import DOWNLOAD, ENGAGEMENT, OUTLINK, PAGEVIEW, SEARCH
from hubbub.collect.protocols import matomo
from hubbub.core.reasons import DropReason

IDENTIFYING = {
    "_id": "0123456789abcdef",
    "uid": "someone@portal.example",
    "cid": "fedcba9876543210",
    "res": "1920x1080",
    "cookie": "1",
    "pdf": "1",
    "uadata": '{"model":"SM-X"}',
    "country": "at",
    "city": "Linz",
    "lat": "48.3",
}
PAGE = {
    "idsite": "7",
    "rec": "1",
    "action_name": "Abfall",
    "url": "https://portal.example/abfall",
    "urlref": "https://www.google.com/",
    "pv_id": "aBcDeF",
    "pf_net": "10",
    "send_image": "0",
    **IDENTIFYING,
}


def asked(**more: str) -> str:
    return urlencode(PAGE | more)


def test_a_page_view_and_nothing_of_the_person() -> None:
    hit = one(matomo.read(get(asked()), SENDERS))
    assert (hit.site, hit.name) == ("matomo:7", PAGEVIEW)
    assert (hit.url, hit.referrer) == (PAGE["url"], PAGE["urlref"])
    assert not [value for value in IDENTIFYING.values() if len(value) > 2 and value in repr(hit)]


def test_a_form_says_the_same_and_the_address_goes_first() -> None:
    assert matomo.read(post(asked().encode()), SENDERS) == matomo.read(get(asked()), SENDERS)
    assert one(matomo.read(post(asked().encode(), "idsite=9"), SENDERS)).site == "matomo:9"


@pytest.mark.parametrize(
    ("more", "name", "properties", "amount"),
    [
        ({"ping": "1"}, ENGAGEMENT, {}, 0),
        ({"download": "https://portal.example/a.pdf"}, DOWNLOAD, {"url": "https://portal.example/a.pdf"}, 0),
        ({"link": "https://other.example/"}, OUTLINK, {"url": "https://other.example/"}, 0),
        ({"e_c": "Form", "e_a": "sent"}, "Form", {"action": "sent"}, 0),
        (
            {"e_c": "Form", "e_a": "sent", "e_n": "waste", "e_v": "3.5", "ca": "1", "dimension2": "web"},
            "Form",
            {"action": "sent", "name": "waste", "dimension2": "web"},
            3.5,
        ),
        ({"idgoal": "3", "revenue": "20"}, "Goal 3", {}, 20),
        ({"idgoal": "0", "ec_id": "A1", "revenue": "20.5"}, "Ecommerce Order", {}, 20.5),
        ({"idgoal": "0", "revenue": "20.5"}, "Ecommerce Cart Update", {}, 20.5),
        ({"ping": "1", "e_c": "a", "e_a": "b"}, ENGAGEMENT, {}, 0),
        (
            {"download": "https://p.example/a.zip", "link": "https://o.example/"},
            DOWNLOAD,
            {"url": "https://p.example/a.zip"},
            0,
        ),
        ({"e_c": "a", "e_a": "b", "search": "c"}, "a", {"action": "b"}, 0),
        ({"bots": "1", "new_visit": "1", "queuedtracking": "0"}, PAGEVIEW, {}, 0),
    ],
)
def test_actions(more: dict[str, str], name: str, properties: dict[str, str], amount: float) -> None:
    hit = one(matomo.read(get(asked(**more)), SENDERS))
    assert (hit.name, hit.properties, hit.amount) == (name, properties, amount)


def test_a_site_search() -> None:
    hit = one(matomo.read(get(asked(search="müll", search_cat="all", search_count="3")), SENDERS))
    assert (hit.name, hit.search) == (SEARCH, "müll")


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"rec": "0"}, DropReason.IGNORED),
        ({"rec": ""}, DropReason.IGNORED),
        ({"rec": "true"}, DropReason.IGNORED),
        ({"recMode": "1"}, DropReason.IGNORED),
        ({"ca": "1", "pf_net": "4"}, DropReason.IGNORED),
        ({"c_n": "banner", "c_p": "a.png"}, DropReason.IGNORED),
        ({"c_n": "banner", "c_i": "click"}, DropReason.IGNORED),
        ({"idsite": ""}, DropReason.UNKNOWN_SITE),
        ({"idsite": "0"}, DropReason.UNKNOWN_SITE),
        ({"idsite": "portal"}, DropReason.UNKNOWN_SITE),
        ({"e_c": "Form"}, DropReason.BAD_EVENT),
        ({"e_c": " ", "e_a": "a"}, DropReason.BAD_EVENT),
        ({"e_c": "pageview", "e_a": "a"}, DropReason.UNKNOWN_EVENT),
    ],
)
def test_what_is_no_hit(more: dict[str, str], why: DropReason) -> None:
    assert reason(matomo.read(get(asked(**more)), SENDERS)) is why


def test_a_picture_without_an_address_is_of_the_page_that_shows_it() -> None:
    hit = one(matomo.read(get("idsite=7&rec=1", referer="https://portal.example/plain"), SENDERS))
    assert hit.url == "https://portal.example/plain"


def test_campaigns_in_matomos_own_parameters() -> None:
    url = "https://portal.example/a?mtm_campaign=x&pk_source=y&mtm_medium=z&rpk_source=q#mtm_cpn=w"
    hit = one(matomo.read(get(asked(url=url)), SENDERS))
    expected = "https://portal.example/a?utm_campaign=x&utm_source=y&utm_medium=z&rpk_source=q#utm_campaign=w"
    assert hit.url == expected


def test_nothing_asked_is_nothing_to_count() -> None:
    assert matomo.read(get(""), SENDERS) == []
    assert matomo.read(post(b""), SENDERS) == []


SPOKEN = {"cip": "192.0.2.7", "ua": "Mozilla/5.0", "lang": "de", "cdt": str(NOON // 1000 - 100_000)}


@pytest.mark.parametrize(
    "request_",
    [
        get(asked(**SPOKEN, token_auth=KEY)),
        get(asked(**SPOKEN), **BEARER),
        post(asked(**SPOKEN, token_auth=KEY).encode()),
        post(asked(**SPOKEN).encode(), urlencode({"token_auth": KEY})),
        post({"requests": ["?" + asked(**SPOKEN)], "token_auth": KEY}),
        post({"requests": [PAGE | SPOKEN | {"token_auth": KEY, "idsite": 7, "rec": True}]}),
        post({"requests": ["?" + asked(**SPOKEN)]}, **BEARER),
    ],
)
def test_a_sender_with_a_key_speaks_for_visitors(request_: Any) -> None:
    hit = one(matomo.read(request_, SENDERS))
    assert (hit.address, hit.user_agent, hit.language) == ("192.0.2.7", "Mozilla/5.0", "de")
    assert hit.ms == NOON - 100_000_000


def test_times_of_a_sender() -> None:
    def at(**more: str) -> Any:
        return matomo.read(get(asked(token_auth=KEY, **more)), SENDERS)

    assert one(at(cdt="2023-11-15 09:00:00")).ms == NOON - 3_600_000
    assert one(at(cdt="2023-11-15 09:00:00", cdo="60")).ms == NOON - 3_660_000
    assert one(at(cdo="-60")).ms == NOON - 60_000
    assert reason(at(cdt="tomorrow")) is DropReason.BAD_TIME


def test_without_a_key_nobody_is_spoken_for() -> None:
    hit = one(matomo.read(get(asked(cip="192.0.2.7", ua="x", lang="de", cdt=str(NOON // 1000 - 60))), SENDERS))
    assert (hit.address, hit.user_agent, hit.language, hit.ms) == ("", "", "", 0)
    assert reason(matomo.read(get(asked(cdt=SPOKEN["cdt"])), SENDERS)) is DropReason.NOT_ALLOWED
    assert reason(matomo.read(get(asked(cip="192.0.2.7", token_auth="wrong")), SENDERS)) is DropReason.NOT_ALLOWED
    assert reason(matomo.read(get(asked(cip="192.0.2.7"), **WRONG_BEARER), SENDERS)) is DropReason.NOT_ALLOWED
    assert one(matomo.read(get(asked(token_auth="wrong")), SENDERS)).name == PAGEVIEW


def test_many_requests_keep_their_places() -> None:
    sent = ["?" + asked(), "matomo.php?" + asked(idsite="0"), PAGE | {"idsite": 8}, 5, "no parameters", asked(ping="1")]
    read = matomo.read(post({"requests": sent, "send_image": 0}), SENDERS)
    assert isinstance(read, list)
    assert [getattr(found, "site", found) for found in read] == [
        "matomo:7",
        DropReason.UNKNOWN_SITE,
        "matomo:8",
        *[DropReason.UNKNOWN_SITE] * 3,
    ]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'{"requests"', DropReason.BAD_JSON),
        (b' "requests"', DropReason.BAD_JSON),
        (b'{"requests": 5}', DropReason.BAD_JSON),
        (b'["requests"]', DropReason.BAD_JSON),
        (b'{"requests":' + b"[" * 60_000, DropReason.BAD_JSON),
        (b'{"requests":[' + b"1," * matomo.MOST_REQUESTS + b"1]}", DropReason.TOO_LARGE),
    ],
)
def test_bulk_that_is_none(body: bytes, why: DropReason) -> None:
    assert matomo.read(post(body), SENDERS) is why


def test_line_breaks_within_bulk_are_forgiven() -> None:
    assert (
        one(matomo.read(post(b'{"requests":["?idsite=7&rec=1&\nurl=https://a.example/"]}'), SENDERS)).site == "matomo:7"
    )


NAMES = st.sampled_from(sorted(matomo.WANTED))


@given(st.dictionaries(NAMES, st.text()), st.booleans())
def test_no_parameters_raise(more: dict[str, str], is_sender: bool) -> None:
    query = "&".join(f"{name}={quote(value, errors='replace')}" for name, value in more.items())
    headers = BEARER if is_sender else {}
    matomo.read(get(query, **headers), SENDERS)
    matomo.read(get("idsite=7&rec=1&" + query, **headers), SENDERS)
    matomo.read(post({"requests": ["?" + query, more, PAGE | more]}, **headers), SENDERS)


@given(st.binary(), st.text())
def test_no_bytes_raise(body: bytes, query: str) -> None:
    matomo.read(post(body, query), SENDERS)
    matomo.read(post(b'{"requests":' + body, query), SENDERS)
