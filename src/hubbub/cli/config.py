"""Reads `hubbub.yaml` into frozen settings, or says where it is wrong and what is allowed there."""

import ipaddress
import re
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import msgspec
import yaml

from hubbub.collect.pages import parse_page
from hubbub.collect.paths import clean_path
from hubbub.core.errors import ConfigError, InputError, Refused
from hubbub.core.refusals import why_refused
from hubbub.core.settings import PRESETS, Budget, Settings, Site

FILE = "hubbub.yaml"
_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+")
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*")
_PLACE = re.compile(r"(?P<problem>.*) - at `\$\.?(?P<path>.*)`", re.DOTALL)
_EXPECTED = re.compile(r"Expected `(?P<allowed>.*)`, got `(?P<found>.*)`")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<field>.*)`")
_MISSING = re.compile(r"Object missing required field `(?P<field>.*)`")


class _Loader(yaml.SafeLoader):
    """YAML's safe subset, and numbers such as 1e-9, which YAML 1.1 takes for text."""


_Loader.add_implicit_resolver("tag:yaml.org,2002:float", _NUMBER, list("-+0123456789"))


def load_settings(folder: Path) -> Settings:
    """The settings of the home `folder`. Raises InputError (no such file), ConfigError or Refused."""
    path = folder / FILE
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise InputError(
            str(path),
            "there is no such file",
            "Run `hubbub init DIR --site NAME`, or name the home with --home.",
        ) from None
    except UnicodeDecodeError:
        raise InputError(str(path), "the file is not UTF-8 text", "Save it as UTF-8.") from None
    return parse_settings(text)


def parse_settings(text: str) -> Settings:
    """The settings that the YAML `text` stands for, checked whole."""
    try:
        tree = yaml.load(text, _Loader)  # noqa: S506, a subclass of the safe loader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{FILE}, line {mark.line + 1}" if mark else FILE
        problem = getattr(error, "problem", None) or "a sign that YAML does not know"
        raise InputError(place, f"this is not YAML: {problem}", "Mend the line.") from None
    try:
        settings = msgspec.convert(tree, Settings)
    except msgspec.ValidationError as error:
        raise _config_error(str(error)) from None
    return _checked(settings)


def _config_error(message: str) -> ConfigError:
    """msgspec's message as path, found and allowed."""
    match = _PLACE.fullmatch(message)
    problem, path = (match["problem"], match["path"]) if match else (message, "")
    path = path.replace("[...]", "").strip(".") or FILE
    prefix = "" if path == FILE else f"{path}."
    if unknown := _UNKNOWN.fullmatch(problem):
        return ConfigError(f"{prefix}{unknown['field']}", "a setting hubbub does not know", "see docs/settings.md")
    if missing := _MISSING.fullmatch(problem):
        return ConfigError(f"{prefix}{missing['field']}", "nothing", "this setting is required")
    if expected := _EXPECTED.fullmatch(problem):
        return ConfigError(path, expected["found"], expected["allowed"])
    return ConfigError(path, problem, "see docs/settings.md")


def _checked(settings: Settings) -> Settings:
    """The settings with everything checked that types cannot say, and public paths cleaned."""
    if not settings.sites:
        raise ConfigError("sites", "none", "at least one site with a name")
    _check_zone("timezone", settings.timezone)
    if isinstance(settings.budget, Budget):
        _check_budget(settings.budget)
    if settings.access.mode == "private" and not settings.access.key_hashes:
        raise ConfigError("access.key_hashes", "none", "at least one hash; `hubbub apikey` makes a key and its hash")
    for index, network in enumerate(settings.server.trusted_proxies):
        try:
            ipaddress.ip_network(network)
        except ValueError:
            allowed = "a network such as 127.0.0.1/32 or 10.0.0.0/8"
            raise ConfigError(f"server.trusted_proxies[{index}]", repr(network), allowed) from None
    if not 1 <= settings.keep_hours <= 48:
        raise ConfigError("keep_hours", str(settings.keep_hours), "1 to 48: raw rows die within two days")
    if not 1 <= settings.close_after_minutes <= 720:
        raise ConfigError("close_after_minutes", str(settings.close_after_minutes), "1 to 720")
    names = [site.name for site in settings.sites]
    for index, site in enumerate(settings.sites):
        if names.index(site.name) != index:
            raise ConfigError(f"sites[{index}].name", repr(site.name), "a name used once: one source a host name")
    sites = tuple(_checked_site(f"sites[{index}]", site) for index, site in enumerate(settings.sites))
    return msgspec.structs.replace(settings, sites=sites)


def _check_budget(budget: Budget) -> None:
    if not 0 < budget.epsilon < float("inf"):
        raise ConfigError("budget.epsilon", str(budget.epsilon), f"a number over 0, or a preset: {PRESETS}")
    if not 0 < budget.delta < 1e-3:
        raise ConfigError("budget.delta", str(budget.delta), "a number over 0 and under 0.001, such as 1e-9")


def _check_zone(path: str, zone: str) -> None:
    if zone not in available_timezones():
        raise ConfigError(path, repr(zone), "an IANA time zone such as Europe/Vienna")
    ZoneInfo(zone)


def _checked_site(path: str, site: Site) -> Site:
    if not _HOST.fullmatch(site.name):
        raise ConfigError(f"{path}.name", repr(site.name), "a host name in lower case, such as portal.example")
    if site.check_url and not re.fullmatch(r"https?://[^/\s]+", site.check_url):
        raise ConfigError(f"{path}.check_url", repr(site.check_url), "an origin such as https://portal.example")
    if site.timezone:
        _check_zone(f"{path}.timezone", site.timezone)
    for index, page in enumerate(site.pages):
        if not page.startswith("/"):
            raise ConfigError(f"{path}.pages[{index}]", repr(page), "a path that starts with /")
    for event, properties in site.events.items():
        for name, values in properties.items():
            place = f"{path}.events.{event}.{name}"
            _refuse(place, name)
            if not values:
                raise ConfigError(place, "no values", "the list of values to count, such as [basic, plus]")
            for value in values:
                if clean_path("/" + value) != "/" + value:
                    raise Refused(
                        f"{place}: a value looks like an e-mail, a long number or a token; name kinds, not people"
                    )
    for name in site.query_keep:
        _refuse(f"{path}.query_keep", name)
    keep = frozenset(site.query_keep)
    pages = (parse_page(f"https://{site.name}{page}", keep) for page in site.pages)
    return msgspec.structs.replace(site, pages=tuple(dict.fromkeys(page.path for page in pages if page)))


def _refuse(place: str, name: str) -> None:
    if reason := why_refused(name):
        raise Refused(f"{place}: `{name}` is refused: {reason}")
