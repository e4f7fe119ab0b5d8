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
        (MINIMAL + "server: {trusted_proxies: [nginx]}", "server.trusted_proxies[0]"),
    ],
)
def test_a_wrong_setting_names_its_place(text: str, path: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_settings(text)
    assert caught.value.path == path
    assert caught.value.found
    assert caught.value.allowed


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
    ],
)
def test_identifiers_are_refused(site: str) -> None:
    with pytest.raises(Refused, match=r"events|query_keep"):
        parse_settings(f"sites: [{site}]")
