"""What hubbub refuses to do (DESIGN.md), held where it could be broken: columns, keys, routes, secrets.

The lists below are written out on purpose: a new column or route has to be looked at here before it passes.
"""

from datetime import date
from pathlib import Path

import pytest
from api_samples import read_side

from hubbub.collect.visitors import visitor_key
from hubbub.core.keys import Dimension
from hubbub.core.refusals import why_refused
from hubbub.core.rows import COLUMNS
from hubbub.operate.state import metadata as of_operators
from hubbub.publish.tables import MART_SCHEMA
from hubbub.release.state import metadata
from hubbub.serve.collector import PATHS
from hubbub.serve.dashboard import dashboard_app
from hubbub.serve.tracker import SCRIPTS
from hubbub.store.keyfile import KeyFile

RAW = {
    "unit": "dies with its day's secret",
    "tag": "random, a row",
    "ms": "", "hour": "", "kind": "", "page": "", "name": "", "detail": "", "referrer": "", "channel": "",
    "campaign": "", "country": "", "device": "", "browser": "", "os": "", "language": "", "engaged_ms": "",
    "scroll": "", "amount": "", "returning": "",
}  # fmt: skip
RELEASED = {
    "source", "day", "hour", "measure", "key1", "key2", "value", "variance", "is_new", "threshold", "gap", "trial"
}  # fmt: skip
DIMENSIONS = {
    "page", "referrer", "channel", "campaign", "country", "device", "browser", "os", "language", "event", "visit",
    "duration", "views", "topic", "goal", "funnel", "step", "term", "returning", "engaged", "scroll", "most",
    "together", "combination",
}  # fmt: skip
STATE = {"ledger", "drawn", "key_lists", "ledger_meta", "known_keys", "plans", "plan_changes"}
ROUTES = {
    "/", "/sites/{name}", "/sites/{name}/list/{dimension}", "/what-we-measure", "/what-we-measure/verify",
    "/assets/{name}", "/api/v1/query", "/api/v1/sites", "/api/v1/ledger", "/api/v1/ledger/verify",
    "/api/v1/ledger/plans", "/api/v1/audit",
    "/api/v1/openapi.json", "/api/v1/docs", "/api/v2/query", "/tables/{name}", "/api/v1/tables",
    "/api/v1/tables/{table}/{measure}", "/targets", "/targets/{name}", "/api/v1/targets", "/api/v1/targets/{target}",
    "/what-is-changing", "/what-is-changing/{name}", "/api/v1/trends", "/api/v1/trends/{name}",
}  # fmt: skip
OPERATORS = {  # of staff, and of what they write: nothing of who is counted
    "accounts", "sessions", "sign_in_failures", "pending_sign_ins", "api_keys", "changes", "finding_remarks",
    "page_targets", "alert_states", "silences", "outbox", "reports_made",
}  # fmt: skip
COLLECTED = {
    "/api/event", "/hubbub.gif", "/api/send", "/api/batch", "/count", "/api/v0/count", "/matomo.php", "/piwik.php",
    "/matomo/matomo.php", "/matomo/piwik.php", "/piwik/matomo.php", "/piwik/piwik.php", "/api/v1/events",
    "/matomo/api/event", "/piwik/api/event", "/healthz", "/readyz",
}  # fmt: skip
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


class StandingClock:
    def now_ms(self) -> int:
        return 1_780_000_000_000


def test_a_raw_row_has_no_other_column() -> None:
    assert {name for name, _ in COLUMNS} == set(RAW)


def test_a_released_cell_has_no_other_column() -> None:
    assert set(MART_SCHEMA.names) == RELEASED
    assert {each.value for each in Dimension} == DIMENSIONS


def test_the_state_keeps_no_other_table_and_no_identifier() -> None:
    assert set(metadata.tables) == STATE
    for table in metadata.tables.values():
        for column in table.columns:
            assert why_refused(column.name) is None or column.name == "key", f"{table.name}.{column.name}"


def test_operators_have_no_other_table() -> None:
    assert set(of_operators.tables) == OPERATORS


def test_no_route_leads_from_a_number_to_a_person(tmp_path: Path) -> None:
    app = dashboard_app(read_side(tmp_path))
    plain = {route.path_format for route in app.routes}
    assert plain == ROUTES
    assert COLLECTED | SCRIPTS.keys() == PATHS


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("a.example", date(2026, 6, 1)), ("b.example", date(2026, 6, 1))),
        (("a.example", date(2026, 6, 1)), ("a.example", date(2026, 6, 2))),
    ],
)
def test_one_browser_has_unequal_keys_on_two_sites_and_on_two_days(
    tmp_path: Path, first: tuple[str, date], second: tuple[str, date]
) -> None:
    keys = KeyFile(tmp_path / "keys" / "keys.db", StandingClock())

    def unit(source: str, day: date) -> int:
        return visitor_key(keys.visitor_secret(source, day), source, "192.0.2.7", AGENT)

    assert unit(*first) == unit(*first)
    assert unit(*first) != unit(*second)


def test_the_same_secret_still_tells_two_sites_apart() -> None:
    secret = bytes(32)
    assert visitor_key(secret, "a.example", "192.0.2.7", AGENT) != visitor_key(secret, "b.example", "192.0.2.7", AGENT)
