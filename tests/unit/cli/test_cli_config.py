"""hubbub.yaml: what is read, and how a wrong one is answered."""

from pathlib import Path

import pytest

from hubbub.cli.config import load_settings, parse_settings
from hubbub.core.errors import ConfigError, InputError, Refused
from hubbub.core.settings import Budget

MINIMAL = "sites: [{name: portal.example}]\n"


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
        ("sites: [{name: a.example, colour: red}]", "sites[0].colour"),
        ("sites: [{name: a.example, timezone: Mars/North}]", "sites[0].timezone"),
        ("sites: [{name: a.example, pages: [contact]}]", "sites[0].pages[0]"),
        ("sites: [{name: a.example, events: {Signup: {plan: []}}}]", "sites[0].events.Signup.plan"),
        (MINIMAL + "budget: loose", "budget"),
        (MINIMAL + "budget: {epsilon: -1}", "budget.epsilon"),
        (MINIMAL + "budget: {epsilon: 1, delta: 0.5}", "budget.delta"),
        (MINIMAL + "keep_hours: 72", "keep_hours"),
        (MINIMAL + "access: {mode: private}", "access.key_hashes"),
        ("", "hubbub.yaml"),
        ("sites: [{name: a.example, events: {Signup: {plan: basic}}}]", "sites[0].events.Signup.plan"),
        ("sites: [{name: a.example, events: {Signup: {plan: [basic, 5]}}}]", "sites[0].events.Signup.plan[1]"),
        ("sites: [{name: a.example, events: {engagement: {}}}]", "sites[0].events.engagement"),
        ("sites: [{name: a.example, check_url: 'https://editor:secret@a.example'}]", "sites[0].check_url"),
        ("sites: [{name: a.example, 5: x}]", "sites[0]"),
        (MINIMAL + "access: {mode: private, key_hashes: [abc]}", "access.key_hashes[0]"),
        (MINIMAL + "access: {mode: secret}", "access.mode"),
        (MINIMAL + "server: {metrics_port: 70000}", "server.metrics_port"),
        (MINIMAL + "server: {trusted_proxies: [nginx]}", "server.trusted_proxies[0]"),
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
    ],
)
def test_identifiers_are_refused(site: str) -> None:
    with pytest.raises(Refused, match=r"events|query_keep|campaigns|visitor_id"):
        parse_settings(f"sites: [{site}]")
