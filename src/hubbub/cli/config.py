"""Reads `hubbub.yaml` into frozen settings, or says where it is wrong and what is allowed there."""

import ipaddress
import re
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import msgspec
import yaml

from hubbub.cli.config_errors import config_error
from hubbub.collect.happenings import RESERVED, WITHOUT_NAME
from hubbub.collect.pages import parse_page
from hubbub.collect.paths import clean_segment
from hubbub.core.errors import ConfigError, InputError, Refused
from hubbub.core.refusals import why_refused
from hubbub.core.settings import Settings, Site
from hubbub.release.budget import allowance

FILE = "hubbub.yaml"
_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+")
_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*")
_HASH = re.compile(r"[0-9a-fA-F]{64}")
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]+)?|https?://\[[0-9a-f:]+\](:[0-9]+)?")
_SENT_BY_TRACKERS = frozenset({*WITHOUT_NAME, *RESERVED})


class _Loader(yaml.SafeLoader):
    """YAML's safe subset, numbers such as 1e-9, which YAML 1.1 takes for text, and no name given twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A mapping; YAML would silently keep the last of two values."""
        names = set[str]()
        for key, _ in node.value:
            if key.value in names and isinstance(key.value, str):
                raise yaml.constructor.ConstructorError(None, None, f"{key.value!r} is set twice", key.start_mark)
            names.add(str(key.value))
        return super().construct_mapping(node, deep)


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
    except OSError as error:
        raise InputError(str(path), f"cannot be read: {error.strerror}", "Check its kind and its rights.") from None
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
    except RecursionError:
        raise InputError(FILE, "lists within lists without end", "See docs/settings.md.") from None
    if tree is None:
        raise ConfigError(FILE, "nothing", "settings, at the least `sites: [{name: portal.example}]`")
    try:
        settings = msgspec.convert(tree, Settings)
    except msgspec.ValidationError as error:
        raise config_error(str(error), tree, FILE) from None
    return _checked(settings)


def _checked(settings: Settings) -> Settings:
    """The settings with everything checked that types cannot say, and public keys as rows have them."""
    if not settings.sites:
        raise ConfigError("sites", "none", "at least one site with a name")
    _check_zone("timezone", settings.timezone)
    allowance(settings.budget)  # refuses what cannot be released
    if settings.access.mode == "private" and not settings.access.key_hashes:
        raise ConfigError("access.key_hashes", "none", "at least one hash; `hubbub apikey` makes a key and its hash")
    for index, digest in enumerate(settings.access.key_hashes):
        if not _HASH.fullmatch(digest):
            allowed = "a SHA-256 in 64 hexadecimal digits, as `hubbub apikey` prints it"
            raise ConfigError(f"access.key_hashes[{index}]", "something else", allowed)
    if not 0 <= settings.server.metrics_port <= 65535:
        raise ConfigError("server.metrics_port", str(settings.server.metrics_port), "a port, or 0 for none")
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


def _check_zone(path: str, zone: str) -> None:
    if zone not in available_timezones():
        raise ConfigError(path, repr(zone), "an IANA time zone such as Europe/Vienna")
    ZoneInfo(zone)


def _checked_site(path: str, site: Site) -> Site:
    if not _HOST.fullmatch(site.name):
        raise ConfigError(f"{path}.name", repr(site.name), "a host name in lower case, such as portal.example")
    if site.check_url and not _ORIGIN.fullmatch(site.check_url):
        raise ConfigError(f"{path}.check_url", repr(site.check_url), "an origin such as https://portal.example")
    if site.timezone:
        _check_zone(f"{path}.timezone", site.timezone)
    for index, page in enumerate(site.pages):
        if not page.startswith("/"):
            raise ConfigError(f"{path}.pages[{index}]", repr(page), "a path that starts with /")
    for index, campaign in enumerate(site.campaigns):
        _refuse_value(f"{path}.campaigns[{index}]", campaign)
    for event, properties in site.events.items():
        if event in _SENT_BY_TRACKERS or not event:
            raise ConfigError(f"{path}.events.{event}", repr(event), "a name of your own: trackers send this one")
        _refuse_value(f"{path}.events", event)
        for name, values in properties.items():
            place = f"{path}.events.{event}.{name}"
            _refuse(place, name)
            if not values:
                raise ConfigError(place, "no values", "the list of values to count, such as [basic, plus]")
            for value in values:
                _refuse_value(place, value)
    for name in site.query_keep:
        _refuse(f"{path}.query_keep", name)
    keep = frozenset(site.query_keep)
    pages = (parse_page(f"https://{site.name}{page}", keep) for page in site.pages)
    return msgspec.structs.replace(
        site,
        pages=tuple(dict.fromkeys(page.path for page in pages if page)),
        campaigns=tuple(dict.fromkeys(campaign.lower() for campaign in site.campaigns)),  # as links are read
    )


def _refuse(place: str, name: str) -> None:
    if reason := why_refused(name):
        raise Refused(f"{place}: `{name}` is refused: {reason}")


def _refuse_value(place: str, value: str) -> None:
    if clean_segment(value) != value:
        raise Refused(f"{place}: a value looks like an e-mail, a long number or a token; name kinds, not people")
