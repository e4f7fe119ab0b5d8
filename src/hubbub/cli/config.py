"""Reads `hubbub.yaml` into frozen settings, or says where it is wrong and what is allowed there."""

import ipaddress
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import yaml
from msgspec.structs import replace

from hubbub.cli.config_alerts import check_messages
from hubbub.cli.config_errors import config_error
from hubbub.cli.config_sign_in import check_sign_in
from hubbub.cli.config_site import check_zone, checked_site
from hubbub.cli.config_table import checked_table
from hubbub.cli.config_targets import check_targets
from hubbub.cli.config_values import check_count, check_label, check_pattern
from hubbub.cli.places import check_places
from hubbub.collect.datacenters import datacenters_of
from hubbub.collect.refused_values import region_of
from hubbub.core.errors import ConfigError, InputError
from hubbub.core.settings import Server, Settings, Site
from hubbub.core.tables import Table
from hubbub.insight.calendar import check_region
from hubbub.release.budget import allowance

FILE = "hubbub.yaml"
_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$")
_HASH = re.compile(r"[0-9a-fA-F]{64}")
MOST_TOPICS, MOST_PATTERNS = 30, 100


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
    return parse_settings(read_settings_text(folder / FILE))


def read_settings_text(path: Path) -> str:
    """What stands in a settings file. Raises InputError."""
    try:
        return path.read_text("utf-8")
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


def parse_settings(text: str) -> Settings:
    """The settings that the YAML `text` stands for, checked whole."""
    return settings_in(read_tree(text))


def read_tree(text: str) -> Any:
    """What the YAML `text` holds, as it is. Raises InputError or ConfigError."""
    try:
        tree = yaml.load(text, _Loader)  # noqa: S506, a subclass of the safe loader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{FILE}, line {mark.line + 1}" if mark else FILE
        problem = getattr(error, "problem", None) or "a sign that YAML does not know"
        raise InputError(place, f"this is not YAML: {problem}", "Mend the line.") from None
    except ValueError:  # a date or a number that YAML takes for one and Python does not
        problem = "a value looks like a date or a number and is none"
        raise InputError(FILE, problem, "Put it in quotation marks.") from None
    except RecursionError:
        raise InputError(FILE, "lists within lists without end", "See docs/settings.md.") from None
    if tree is None:
        raise ConfigError(FILE, "nothing", "settings, at the least `sites: [{name: portal.example}]`")
    return tree


def settings_in(tree: Any) -> Settings:
    """The settings that a tree of YAML stands for, checked whole. Raises ConfigError or Refused."""
    try:
        settings = msgspec.convert(tree, Settings)
    except msgspec.ValidationError as error:
        raise config_error(str(error), tree, FILE) from None
    return _checked(settings)


def _checked(settings: Settings) -> Settings:
    """The settings with everything checked that types cannot say, and public keys as rows have them."""
    if not settings.sources:
        raise ConfigError("sites", "none", "at least one site with a name, or a table in `tables`")
    check_zone("timezone", settings.timezone)
    named: tuple[tuple[str, tuple[Site | Table, ...]], ...] = (("sites", settings.sites), ("tables", settings.tables))
    for kind, sources in named:
        for index, source in enumerate(sources):
            if source.timezone:
                check_zone(f"{kind}[{index}].timezone", source.timezone)
    allowance(settings.budget)  # refuses what cannot be released
    _check_hashes("access.key_hashes", settings.access.key_hashes)
    _check_hashes("server.sender_keys", settings.server.sender_keys)
    if not 0 <= settings.server.metrics_port <= 65535:
        raise ConfigError("server.metrics_port", str(settings.server.metrics_port), "a port, or 0 for none")
    for index, network in enumerate(settings.server.trusted_proxies):
        try:
            ipaddress.ip_network(network)
        except ValueError:
            allowed = "a network such as 127.0.0.1/32 or 10.0.0.0/8"
            raise ConfigError(f"server.trusted_proxies[{index}]", repr(network), allowed) from None
    _check_datacenters(settings.server)
    if not 1 <= settings.keep_hours <= 48:
        raise ConfigError("keep_hours", str(settings.keep_hours), "1 to 48: raw rows die within two days")
    if not 1 <= settings.close_after_minutes <= 720:
        raise ConfigError("close_after_minutes", str(settings.close_after_minutes), "1 to 720")
    if region := check_region(settings.holidays):
        raise ConfigError("holidays", repr(settings.holidays), region)
    check_places(settings)
    check_messages(settings)
    check_sign_in(settings)
    _check_topics(settings)
    _check_names(settings.sites, settings.tables)
    sites = tuple(
        checked_site(f"sites[{index}]", site, site.timezone or settings.timezone)
        for index, site in enumerate(settings.sites)
    )
    tables = tuple(
        checked_table(f"tables[{index}]", table, table.timezone or settings.timezone)
        for index, table in enumerate(settings.tables)
    )
    check_targets(replace(settings, sites=sites, tables=tables))
    return replace(
        settings,
        address=settings.address.rstrip("/"),
        sites=sites,
        tables=tables,
        access=replace(settings.access, key_hashes=tuple(map(str.lower, settings.access.key_hashes))),
        server=replace(settings.server, sender_keys=tuple(map(str.lower, settings.server.sender_keys))),
    )


def _check_topics(settings: Settings) -> None:
    check_count("topics", len(settings.topics), MOST_TOPICS, "topics")
    hosts = [host for site in settings.sites for host in (site.name, *site.own_hosts)]
    region = region_of(settings.timezone)
    for name, patterns in settings.topics.items():
        check_label("topics", name, region)
        if not 1 <= len(patterns) <= MOST_PATTERNS:
            found = f"{len(patterns)} patterns" if patterns else "no patterns"
            raise ConfigError(f"topics.{name}", found, f"1 to {MOST_PATTERNS} patterns, such as [/transport/**]")
        for index, pattern in enumerate(patterns):
            check_pattern(f"topics.{name}[{index}]", pattern, hosts)


def _check_names(sites: Sequence[Site], tables: Sequence[Table]) -> None:
    """All that hits call a site by is one site's alone, or they would be counted for the wrong one."""
    owners: dict[object, str] = {}
    for index, table in enumerate(tables):
        if table.name in owners or any(site.name == table.name for site in sites):
            raise ConfigError(f"tables[{index}].name", repr(table.name), "a name that no other source has")
        owners[table.name] = f"tables[{index}].name"
    for index, site in enumerate(sites):
        path = f"sites[{index}]"
        bare = site.name.removeprefix("www.")
        if bare in owners:
            raise ConfigError(
                f"{path}.name", repr(site.name), "a name used once, with www. or without: one source a host"
            )
        owners[bare] = f"{path}.name"
    for index, site in enumerate(sites):
        for setting in ("umami", "matomo", "goatcounter", "own_hosts"):
            for place, value in enumerate(getattr(site, setting)):
                name = value.removeprefix("www.") if setting == "own_hosts" else (setting, str(value).lower())
                path = f"sites[{index}].{setting}[{place}]"
                if name in owners:
                    allowed = f"one that no other setting has; {owners[name]} has it"
                    raise ConfigError(path, repr(value), allowed)
                owners[name] = path


def _check_datacenters(server: Server) -> None:
    """A file of ranges is read at once, so that a mistake in it does not wait for the first visit."""
    place = server.datacenter_ranges
    if not place:
        return
    if not Path(place).is_absolute():
        raise ConfigError("server.datacenter_ranges", repr(place), "an absolute path, such as /etc/hubbub/ranges.txt")
    datacenters_of(replace(server, datacenters="none"))


def _check_hashes(place: str, hashes: Sequence[str]) -> None:
    for index, digest in enumerate(hashes):
        if not _HASH.fullmatch(digest):
            allowed = "a SHA-256 in 64 hexadecimal digits, as `hubbub apikey` prints it"
            raise ConfigError(f"{place}[{index}]", "something else", allowed)
