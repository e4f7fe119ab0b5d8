"""hubbub.yaml: what is read, and how a wrong one is answered."""

import re
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hubbub.cli.config import load_settings, parse_settings
from hubbub.core.errors import ConfigError, InputError, Refused
from hubbub.core.settings import Budget, Condition, Settings

MINIMAL = "sites: [{name: portal.example}]\n"
ADDRESSED = MINIMAL + "address: https://stats.city.example\n"
SIGN_IN = (
    "sign_in: {issuer: 'https://id.example', client_id: hubbub, client_secret_file: /etc/hubbub/secret,"
    " roles: {admin: [it]}}"
)
PAY = "events: {Pay: {kind: [tax]}}, "


def test_the_least_that_works() -> None:
    settings = parse_settings(MINIMAL)
    assert settings.sites[0].name == "portal.example"
    assert settings.budget == "standard"


def test_numbers_in_scientific_notation_are_numbers() -> None:
    settings = parse_settings(MINIMAL + "budget: {epsilon: 1e6, delta: 1e-9}\n")
    assert settings.budget == Budget(1e6, 1e-9)


def test_a_public_page_keeps_the_parameters_that_are_kept() -> None:
    settings = parse_settings("sites: [{name: a.example, query_keep: [topic], pages: ['/find?topic=bins&q=x']}]")
    assert settings.sites[0].pages == ("/find?topic=bins",)


def test_public_pages_pass_the_cleaner() -> None:
    settings = parse_settings("sites: [{name: a.example, pages: [/x, /case/12345678, /case/87654321]}]")
    assert settings.sites[0].pages == ("/x", "/case/*")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("sites: []", "sites"),
        ("{}", "sites"),
        ("sites: [{name: 5}]", "sites[0].name"),
        ("sites: [{name: Portal Example}]", "sites[0].name"),
        ("sites: [{name: a.example}, {name: a.example}]", "sites[1].name"),
        ("sites: [{name: a.example}, {name: www.a.example}]", "sites[1].name"),
        ("sites: [{name: a.example, colour: red}]", "sites[0].colour"),
        ("sites: [{name: a.example, timezone: Mars/North}]", "sites[0].timezone"),
        ("sites: [{name: a.example, pages: [contact]}]", "sites[0].pages[0]"),
        ("sites: [{name: a.example, events: {Signup: {plan: []}}}]", "sites[0].events.Signup.plan"),
        (MINIMAL + "budget: loose", "budget"),
        (MINIMAL + "budget: {epsilon: -1}", "budget.epsilon"),
        (MINIMAL + "budget: {epsilon: 1, delta: 0.5}", "budget.delta"),
        (MINIMAL + "keep_hours: 72", "keep_hours"),
        (MINIMAL + "address: http://stats.city.example", "address"),
        (MINIMAL + "address: https://stats.city.example/pages", "address"),
        (MINIMAL + "address: https://user@stats.city.example", "address"),
        (MINIMAL + SIGN_IN, "address"),
        (ADDRESSED + SIGN_IN.replace("https:", "http:"), "sign_in.issuer"),
        (ADDRESSED + SIGN_IN.replace("client_id: hubbub", "client_id: ''"), "sign_in.client_id"),
        (ADDRESSED + SIGN_IN.replace("/etc/hubbub/", ""), "sign_in.client_secret_file"),
        (ADDRESSED + SIGN_IN.replace("admin: [it]", "claim: groups"), "sign_in.roles"),
        (ADDRESSED + SIGN_IN.replace("admin: [it]", "admin: [it], claim: ''"), "sign_in.roles.claim"),
        (ADDRESSED + SIGN_IN.replace("admin: [it]", "owner: [it]"), "sign_in.roles.owner"),
        (ADDRESSED + SIGN_IN.replace("client_id: hubbub", "client_secret: abc"), "sign_in.client_secret"),
        ("", "hubbub.yaml"),
        ("sites: [{name: a.example, events: {Signup: {plan: basic}}}]", "sites[0].events.Signup.plan"),
        ("sites: [{name: a.example, events: {Signup: {plan: [basic, 5]}}}]", "sites[0].events.Signup.plan[1]"),
        ("sites: [{name: a.example, events: {engagement: {}}}]", "sites[0].events.engagement"),
        ("sites: [{name: a.example, check_url: 'https://editor:secret@a.example'}]", "sites[0].check_url"),
        ("sites: [{name: a.example, 5: x}]", "sites[0]"),
        *(
            (f"sites: [{{name: a.example, combinations: {setting}}}]", f"sites[0].{path}")
            for setting, path in (
                ("{weight: 5}", "combinations.attributes"),
                ("{attributes: [device]}", "combinations.attributes"),
                ("{attributes: [device, device]}", "combinations.attributes"),
                ("{attributes: [device, page]}", "combinations.attributes"),
                ("{attributes: [device, os], values: {browser: [Chrome]}}", "combinations.attributes"),
                ("{attributes: [device, country]}", "combinations.values.country"),
                ("{attributes: [device, country], values: {country: [Austria]}}", "combinations.values.country"),
                ("{attributes: [device, country], values: {country: [AT, AT]}}", "combinations.values.country"),
                ("{attributes: [device, os], depth: 3}", "combinations.depth"),
                ("{attributes: [device, os, channel], depth: 1}", "combinations.depth"),
                ("{attributes: [device, os], weight: 0}", "combinations.weight"),
                ("{attributes: [language, device]}", "combinations.values.language"),
                ("{attributes: [channel, browser, os, device], depth: 4}", "combinations"),
            )
        ),
        (
            "sites: [{name: a.example, combinations: {attributes: [device, os]}, plan: {bounds: {combinations: 1}}}]",
            "sites[0].plan.bounds.combinations",
        ),
        (MINIMAL + "access: {mode: private, key_hashes: [abc]}", "access.key_hashes[0]"),
        (MINIMAL + "access: {mode: secret}", "access.mode"),
        (MINIMAL + "server: {metrics_port: 70000}", "server.metrics_port"),
        (MINIMAL + "server: {trusted_proxies: [nginx]}", "server.trusted_proxies[0]"),
        (MINIMAL + "server: {sender_keys: [abc]}", "server.sender_keys[0]"),
        (MINIMAL + "server: {datacenters: all}", "server.datacenters"),
        (MINIMAL + "server: {datacenter_ranges: ranges.txt}", "server.datacenter_ranges"),
        (MINIMAL + "topics: {transport: []}", "topics.transport"),
        (MINIMAL + "topics: {transport: [transport/*]}", "topics.transport[0]"),
        (MINIMAL + "topics: {transport: ['other.example/*']}", "topics.transport[0]"),
        (MINIMAL + "topics: {'': [/a]}", "topics"),
        (MINIMAL + f"topics: {{{', '.join(f't{n}: [/t{n}]' for n in range(31))}}}", "topics"),
        (
            "sites: [{name: a.example, matomo: [1]}, {name: b.example, matomo: [2, 1]}]",
            "sites[1].matomo[1]",
        ),
        ("sites: [{name: a.example, own_hosts: [b.example]}, {name: b.example}]", "sites[0].own_hosts[0]"),
    ]
    + [
        (f"sites: [{{name: a.example, {PAY if 'events' not in setting else ''}{setting}}}]", f"sites[0].{path}")
        for setting, path in [
            ("collect: sometimes", "collect"),
            ("umami: ['']", "umami[0]"),
            ("umami: [portal]", "umami[0]"),
            ("goatcounter: [a_b]", "goatcounter[0]"),
            ("matomo: [0]", "matomo[0]"),
            ("matomo: [one]", "matomo[0]"),
            ("goatcounter: [a/b]", "goatcounter[0]"),
            ("own_hosts: ['https://b.example']", "own_hosts[0]"),
            ("return_hosts: [b.example, B.example]", "return_hosts[1]"),
            ("paths: [case/*]", "paths[0]"),
            ("paths: [/case]", "paths[0]"),
            ("paths: [/case/**]", "paths[0]"),
            ("paths: ['/case/*?id=*']", "paths[0]"),
            ("query_keep: [q], search_query: [q]", "search_query"),
            ("search_terms: ['']", "search_terms[0]"),
            ("amounts: {Paid: {most: 5}}", "amounts.Paid"),
            ("amounts: {Pay: {most: 0}}", "amounts.Pay.most"),
            ("amounts: {Pay: {most: 2000000000}}", "amounts.Pay.most"),
            ("amounts: {Pay: {most: 1.5}}", "amounts.Pay.most"),
            ("amounts: {Pay: {most: 5, currency: euro}}", "amounts.Pay.currency"),
            ("events: {search: {}}", "events.search"),
            ("goals: {Paid: {}}", "goals.Paid"),
            ("goals: {Paid: {page: /a, event: Pay}}", "goals.Paid"),
            ("goals: {Paid: {page: paid}}", "goals.Paid.page"),
            ("goals: {Paid: {page: /a, property: kind}}", "goals.Paid"),
            ("goals: {Paid: {event: Paid}}", "goals.Paid.event"),
            ("goals: {Paid: {event: Pay, property: colour}}", "goals.Paid.property"),
            ("goals: {Paid: {event: Pay, property: kind, value: fee}}", "goals.Paid.value"),
            ("goals: {Paid: {event: Pay, value: tax}}", "goals.Paid.value"),
            ("goals: {Paid: {pgae: /a}}", "goals.Paid.pgae"),
            ("goals: {'': {page: /a}}", "goals"),
            (f"goals: {{{', '.join(f'g{n}: {{page: /a}}' for n in range(21))}}}", "goals"),
            ("funnels: {Move: [{page: /a}]}", "funnels.Move"),
            (f"funnels: {{Move: [{', '.join(['{page: /a}'] * 9)}]}}", "funnels.Move"),
            ("funnels: {Move: [{page: /a}, {event: Moved}]}", "funnels.Move[1].event"),
            ("funnels: {Move: [{page: '/**/**/**'}, {page: /b}]}", "funnels.Move[0].page"),
            ("returning: maybe", "returning"),
            ("plan: {weights: {visitor: 5}}", "plan.weights.visitor"),
            ("plan: {weights: {visitors: 0}}", "plan.weights.visitors"),
            ("plan: {weights: {visitors: 1001}}", "plan.weights.visitors"),
            ("plan: {weights: {visitors: 2.5}}", "plan.weights.visitors"),
            ("plan: {bounds: {visitors: 2}}", "plan.bounds.visitors"),
            ("plan: {bounds: {page_visitors: 0}}", "plan.bounds.page_visitors"),
            ("plan: {bounds: {page_visitors: 101}}", "plan.bounds.page_visitors"),
            ("plan: {bounds: {page_pageviews: 10001}}", "plan.bounds.page_pageviews"),
            ("plan: {bounds: {visitors_hour: 26}}", "plan.bounds.visitors_hour"),
            ("plan: {bounds: {visits: 25}}", "plan.bounds.visits"),
            ("plan: {bounds: {entry_pages: 2}}", "plan.bounds.entry_pages"),
            ("plan: {bounds: {topics: 101}}", "plan.bounds.topics"),
            ("plan: {wieghts: {visitors: 5}}", "plan.wieghts"),
        ]
    ],
)
def test_a_wrong_setting_names_its_place(text: str, path: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_settings(text)
    assert caught.value.path == path
    assert caught.value.found
    assert caught.value.allowed


def test_a_wrong_setting_shows_what_was_found_in_plain_words() -> None:
    with pytest.raises(ConfigError, match=r"^budget: found 'loose'; allowed: standard, strict, or \{epsilon: E"):
        parse_settings(MINIMAL + "budget: loose")
    with pytest.raises(ConfigError, match=r"^keep_hours: found 1\.5; allowed: a whole number$"):
        parse_settings(MINIMAL + "keep_hours: 1.5")


def test_a_setting_given_twice_is_not_read_as_the_last() -> None:
    with pytest.raises(InputError, match=r"line 2.*'sites' is set twice"):
        parse_settings(MINIMAL + "sites: [{name: b.example}]")


def test_lists_without_end_are_an_error_like_others() -> None:
    with pytest.raises(InputError, match="without end"):
        parse_settings("sites: " + "[" * 5000)


def test_campaigns_are_known_as_links_are_read() -> None:
    assert parse_settings("sites: [{name: a.example, campaigns: [Spring, spring]}]").sites[0].campaigns == ("spring",)


def test_names_of_events_may_have_signs() -> None:
    events = parse_settings("sites: [{name: a.example, events: {'Buy / sell?': {}}}]").sites[0].events
    assert list(events) == ["Buy / sell?"]


def test_broken_yaml_names_the_line() -> None:
    with pytest.raises(InputError, match="line 2"):
        parse_settings("sites:\n  - name: a: b\n")


def test_a_missing_file_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="hubbub init"):
        load_settings(tmp_path)


@pytest.mark.parametrize(
    "site",
    [
        "{name: a.example, events: {Signup: {user_id: [a]}}}",
        "{name: a.example, events: {Signup: {plan: [jane@mail.example]}}}",
        "{name: a.example, query_keep: [session]}",
        "{name: a.example, events: {jane@mail.example: {}}}",
        "{name: a.example, campaigns: [jane@mail.example]}",
        "{name: a.example, visitor_id: cookie}",
        "{name: a.example, search_query: [user_id]}",
        "{name: a.example, pages: [/people/jane@mail.example]}",
        "{name: a.example, pages: [/a/DE89370400440532013000]}",
        "{name: a.example, search_terms: ['+43 664 1234567']}",
        "{name: a.example, campaigns: ['4111 1111 1111 1111']}",
        "{name: a.example, events: {Pay: {kind: [AB 12 34 56 C]}}}",
        "{name: a.example, timezone: Europe/Vienna, events: {Pay: {kind: [0664 1234567]}}}",
        "{name: a.example, goals: {jane@mail.example: {page: /a}}}",
        "{name: a.example, funnels: {jane@mail.example: [{page: /a}, {page: /b}]}}",
        "{name: a.example, paths: ['/jane@mail.example/*']}",
        "{name: a.example}], topics: {housing: [/jane@mail.example/*]}, x: [{}",
    ],
)
def test_identifiers_are_refused(site: str) -> None:
    place = r"events|query_keep|campaigns|visitor_id|search|pages|goals|funnels|paths|topics"
    with pytest.raises(Refused, match=place) as caught:
        parse_settings(f"{{sites: [{site}]}}".replace(", x: [{}]", ""))
    assert "jane" not in str(caught.value)


def test_what_is_looked_up_is_written_as_rows_have_it() -> None:
    site = parse_settings(
        "sites: [{name: a.example, paths: [/case/*], pages: [/case/17-b/letters], search_terms: [Housing  BENEFIT]}]"
    ).sites[0]
    assert site.pages == ("/case/*/letters",)
    assert site.search_terms == ("housing benefit",)


def test_all_of_it_together() -> None:
    settings = parse_settings(documented_example())
    site = settings.sites[0]
    assert site.goals
    assert site.funnels
    assert site.amounts
    assert settings.topics


def documented_example() -> str:
    """The whole file that docs/settings.md shows."""
    text = (Path(__file__).parents[3] / "docs" / "settings.md").read_text()
    return max((block.split("```")[0] for block in text.split("```yaml\n")[1:]), key=len)


def settings_of(kind: Any, prefix: str = "") -> Iterator[str]:
    """Every setting that the types know, as the table of docs/settings.md names it."""
    for field in msgspec.structs.fields(kind):
        name = f"{prefix}{field.encode_name}"
        inner = [
            field.type,
            *typing.get_args(field.type),
            *(a for t in typing.get_args(field.type) for a in typing.get_args(t)),
        ]
        structs = [each for each in inner if isinstance(each, type) and issubclass(each, msgspec.Struct)]
        if not structs:
            yield name
        for struct in structs:
            many = (
                "[]"
                if typing.get_origin(field.type) is tuple
                else ".NAME"
                if typing.get_origin(field.type) is dict
                else ""
            )
            if struct in (Budget, Condition):
                yield name
            else:
                yield from settings_of(struct, f"{name}{many}.")


def test_every_setting_is_documented() -> None:
    text = (Path(__file__).parents[3] / "docs" / "settings.md").read_text()
    documented = set(re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE))
    known = set(settings_of(Settings))
    assert known - documented == set()
    assert documented - known == set()


def test_hashes_of_keys_may_be_written_in_capitals() -> None:
    digest = "AB" * 32
    settings = parse_settings(MINIMAL + f"access: {{key_hashes: [{digest}]}}\nserver: {{sender_keys: [{digest}]}}\n")
    assert settings.access.key_hashes == settings.server.sender_keys == (digest.lower(),)
