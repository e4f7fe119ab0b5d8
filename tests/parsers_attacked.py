"""Every parser of what strangers send, as one function of a text.

What the fuzz tests and `benchmarks/parsers.py` share. A parser takes any text and returns or, where its docstring says
so, raises an error of hubbub's own; nothing else leaves it.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from urllib.parse import quote

from hubbub.cli.config import parse_settings
from hubbub.collect import agents, bots, countries, hosts, languages, pages, paths, refused_values, traffic, visitors
from hubbub.collect.arrivals import Arrival
from hubbub.collect.clients import Clients
from hubbub.collect.datacenters import Ranges, read_ranges
from hubbub.collect.hits import Hit
from hubbub.collect.logs.detection import detect
from hubbub.collect.logs.formats import FORMATS, W3C
from hubbub.collect.logs.lines import block_of
from hubbub.collect.logs.parse import FieldsLine, Parser
from hubbub.collect.pipeline import Pipeline
from hubbub.collect.protocols import goatcounter, matomo, pixel, plausible, server_events, umami
from hubbub.collect.requests import Request
from hubbub.collect.senders import Senders
from hubbub.collect.sitemaps import read_page_list
from hubbub.core.errors import HubbubError
from hubbub.core.patterns import fold
from hubbub.core.settings import Amount, Settings, Site

SIZE = 65_536  # bytes: the most that is read of a body
KEY = "0" * 64
SITE, UUID = "portal.example", "3f0f0d4c-5a0e-4f7e-9d53-6f1f4a3c2b10"
NOW = 1_700_042_400_000
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
SETTINGS = Settings(
    sites=(
        Site(
            SITE,
            events={"Signup": {"plan": ("free", "paid")}},
            query_keep=("topic", "page"),
            umami=(UUID,),
            matomo=(1,),
            goatcounter=("city",),
            paths=("/case/*", "/a/*/b/**", "/x*/y"),
            search_query=("q",),
            amounts={"Signup": Amount(most=100)},
        ),
    )
)
Parse = Callable[[str], object]


class _Ring:
    def visitor_secret(self, source: str, day: date) -> bytes:
        return f"{source} {day}".encode()


@cache
def _pipeline() -> Pipeline:
    return Pipeline(SETTINGS, _Ring())


@cache
def _senders() -> Senders:
    return Senders()


class _AnySender(Senders):
    def knows(self, key: str) -> bool:
        return True


def _request(body: str = "", query: str = "", headers: Mapping[str, str] | None = None) -> Request:
    sent = {"user-agent": FIREFOX, "host": SITE} | dict(headers or {})
    return Request("POST", "/", query, sent, body.encode("utf-8", "surrogatepass")[:SIZE], "192.0.2.7", NOW)


def _hit(**said: object) -> object:
    """A hit of the site through the whole pipeline, with one text in one place."""
    fields = {"site": SITE, "name": "pageview", "url": f"https://{SITE}/a"} | said
    return _pipeline().run(Arrival(_request(), Hit(**fields)))  # type: ignore[arg-type]


def _header(name: str, text: str) -> object:
    return _pipeline().run(Arrival(_request(headers={name: text}), Hit(SITE, "pageview", f"https://{SITE}/a")))


def _keyed(text: str) -> Request:
    return _request(text, headers={"authorization": f"Bearer {KEY}", "idempotency-key": "a"})


def _own_errors(parse: Callable[[], object]) -> object:
    """What a parser for operators says: its result, or its own error."""
    try:
        return parse()
    except HubbubError as error:
        return str(error)


@cache
def _log_parser() -> Parser:
    return Parser()


def _log(name: str, text: str) -> object:
    """One line of a log, cut into fields; a W3C file begins with the names of its fields."""
    form, fields = FORMATS[name], FieldsLine("log")
    if form.query == W3C.query:
        fields.read("#Fields: date time c-ip cs-method cs-uri-stem cs-uri-query sc-status cs(User-Agent)", 1)
    found = detect([text], form) or form
    line = text.replace("\n", " ").encode("utf-8", "surrogatepass")[: SIZE - 1] + b"\n"
    return [parsed.columns.num_rows for parsed in _log_parser().parse(block_of(line), found, fields)]


def _json(text: str) -> str:
    return json.dumps(text)


def parsers() -> dict[str, Parse]:
    """Each by its name; of protocols the whole body or query, and every field of a well-formed one."""
    found: dict[str, Parse] = {
        "path": paths.clean_path,
        "value": paths.clean_value,
        "page": pages.parse_page,
        "page, its path": lambda text: pages.parse_page(
            f"https://{SITE}/{text}", frozenset({"q"}), ("/case/*", "/*/b")
        ),
        "page, its query": lambda text: pages.parse_page(f"https://{SITE}/?{text}", frozenset({"q"}), (), ("s",)),
        "page, its host": lambda text: pages.parse_page(f"https://{text}/"),
        "folding": lambda text: fold(("/case/*", "/a/*/b/**", "/**a**b**c*"), text),
        "search term": refused_values.clean_term,
        "declared value": lambda text: refused_values.why_personal(text, "AT"),
        "place of a host": hosts.place_of,
        "same site": lambda text: hosts.is_same_site(text, SITE),
        "spam": hosts.is_spam,
        "referrer": lambda text: traffic.classify(text, pages.Page(SITE, "/")),
        "referrer, its host": lambda text: traffic.classify(f"https://{text}.example/", pages.Page(SITE, "/")),
        "referrer, an app": lambda text: traffic.classify(f"android-app://{text}", pages.Page(SITE, "/")),
        "tags": lambda text: traffic.classify("", pages.Page(SITE, "/", text, text, text)),
        "robots": lambda text: bots.is_bot(text[: agents.LONGEST].encode("utf-8", "replace").decode()),
        "user agent": agents.describe,
        "user agent, behind Mozilla": lambda text: agents.describe("Mozilla/5.0 (Linux; Android 10; " + text),
        "languages": languages.primary_language,
        "country": countries.country_of,
        "network": visitors.network_of,
        "data centre": Ranges(["198.51.100.0/24", "2001:db8::/32"]).hold,
        "client": lambda text: Clients(["127.0.0.1/32"]).address("127.0.0.1", {"x-forwarded-for": text}),
        "data centres' file": lambda text: _own_errors(lambda: read_ranges(text, "file")),
        "sitemap": lambda text: _own_errors(lambda: read_page_list(text.encode("utf-8", "surrogatepass"), "file")),
        "settings": lambda text: _own_errors(lambda: parse_settings(text[:4096])),
        "settings, one value": lambda text: _own_errors(
            lambda: parse_settings(f"sites: [{{name: {_json(text[:4096])}}}]")
        ),
    }
    found |= _protocols()
    for name in ("site", "name", "url", "referrer", "search", "currency", "returning"):
        found[f"pipeline, {name}"] = lambda text, name=name: _hit(**{name: text})  # type: ignore[misc]
    found["pipeline, properties"] = lambda text: _hit(name="Signup", properties={text[:256]: text, "plan": text})
    found["pipeline, outlink"] = lambda text: _hit(name="Outbound Link: Click", properties={"url": f"https://{text}"})
    found["pipeline, download"] = lambda text: _hit(name="File Download", properties={"url": f"https://{SITE}/{text}"})
    for header in ("user-agent", "accept-language", "sec-purpose"):
        found[f"pipeline, {header}"] = lambda text, header=header: _header(header, text)  # type: ignore[misc]
    for form in ("combined", "common", "vhost", "w3c", "json", "alb", "haproxy"):
        found[f"log, {form}"] = lambda text, form=form: _log(form, text)  # type: ignore[misc]
    found["log, what format"] = lambda text: detect(text.splitlines())
    return found


def _protocols() -> dict[str, Parse]:
    senders, any_sender = _senders(), _AnySender()
    event = '{"n":"pageview","d":"portal.example","u":'
    message = f'{{"type":"event","payload":{{"website":"{UUID}","hostname":"{SITE}","url":'
    return {
        "plausible": lambda text: plausible.read(_request(text), senders),
        "plausible, its faults": lambda text: plausible.faults(_request(text).body),
        "plausible, url": lambda text: plausible.read(_request(f"{event}{_json(text)}}}"), senders),
        "plausible, hash": lambda text: plausible.read(
            _request(f'{event}{_json("https://a/#" + text)},"h":1}}'), senders
        ),
        "plausible, m": lambda text: plausible.read(_request(f'{event}"https://a/","m":{_json(text)}}}'), senders),
        "plausible, $": lambda text: plausible.read(_request(f'{event}"https://a/","$":{_json(text)}}}'), senders),
        "plausible, d": lambda text: plausible.read(
            _request(f'{{"n":"a","u":"https://a/","d":{_json(text)}}}'), senders
        ),
        "pixel": lambda text: pixel.read(_request(query=text), senders),
        "umami": lambda text: umami.read(_request(text), senders),
        "umami, url": lambda text: umami.read(_request(f"{message}{_json(text)}}}}}"), any_sender),
        "umami, data": lambda text: umami.read(_request(f'{message}"/","name":"a","data":{text}}}}}'), senders),
        "umami, batch": lambda text: umami.read_batch(_request(f"[{text}]"), senders),
        "matomo": lambda text: matomo.read(_request(query=text), senders),
        "matomo, form": lambda text: matomo.read(_request(text), senders),
        "matomo, url": lambda text: matomo.read(
            _request(query=f"idsite=1&rec=1&url={quote(text, errors='replace')}"), senders
        ),
        "matomo, cdt": lambda text: matomo.read(_request(query=f"idsite=1&rec=1&url=a&cdt={text}"), any_sender),
        "matomo, link": lambda text: matomo.read(_request(query=f"idsite=1&rec=1&url=a&link={text}"), senders),
        "matomo, bulk": lambda text: matomo.read(_request(f'{{"requests":[{_json(text)}]}}'), senders),
        "matomo, bulk as it comes": lambda text: matomo.read(_request(f'{{"requests":{text}'), senders),
        "goatcounter": lambda text: goatcounter.read(_request(query=text), senders),
        "goatcounter, p": lambda text: goatcounter.read(_request(query=f"p={text}"), senders),
        "goatcounter, q": lambda text: goatcounter.read(_request(query=f"p=/&q={text}&s={text}"), senders),
        "goatcounter, batch": lambda text: goatcounter.read_batch(_keyed(text), any_sender),
        "goatcounter, key": lambda text: goatcounter.sender_key(_request(headers={"authorization": f"Basic {text}"})),
        "server events": lambda text: server_events.read(_keyed(text), any_sender),
        "server events, url": lambda text: server_events.read(
            _keyed(f'[{{"name":"pageview","url":{_json(text)}}}]'), any_sender
        ),
        "server events, their faults": lambda text: server_events.faults(_keyed(text)),
    }
