"""The audit on the public page and in the API."""

import sys
from pathlib import Path

import pytest
from litestar.testing import TestClient
from msgspec.structs import replace

sys.path.insert(0, str(Path(__file__).parents[1] / "release"))

from audit_samples import sample_audit
from page_samples import sample_read_side

from hubbub.core.audit_text import AuditText
from hubbub.core.settings import Access
from hubbub.publish.marts import Marts
from hubbub.serve.dashboard import dashboard_app
from hubbub.serve.reading import ReadSide

PAGE, JSON = "/what-we-measure", "/api/v1/audit"


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory) -> Marts:
    return Marts(tmp_path_factory.mktemp("marts"))


def with_audit(marts: Marts, audit: AuditText | None, access: Access | None = None) -> ReadSide:
    """A read side with this audit."""
    return replace(sample_read_side(marts.folder, marts=marts, access=access), audit=lambda: audit)


def test_the_page_says_what_was_tried_and_what_came_of_it(marts: Marts) -> None:
    with TestClient(dashboard_app(with_audit(marts, sample_audit()))) as client:
        page = client.get(PAGE).text
    for words in (
        "On 18 May 2026 all 2 ways in which numbers are released kept what is declared, and all 3 copies",
        "releases made-up numbers 200,000 times",
        "OpenDP 0.16.0",
        "one number",
        "at most 2.75",
        "at least 2.03",
        "between 0.31\u00a0% and 0.42\u00a0%",
        "holds",
        "half the noise; no noise on empty cells",
        "2 of 2 caught",
        f'href="{JSON}"',
    ):
        assert words in page
    assert "does not hold" not in page


def test_an_audit_that_does_not_hold_is_shown_too(marts: Marts) -> None:
    with TestClient(dashboard_app(with_audit(marts, sample_audit(holds=False, caught=False)))) as client:
        page = client.get(PAGE).text
    assert "1 of 2 ways in which numbers are released kept what is declared, and 2 of 3 copies" in page
    assert "does not hold" in page
    assert "1 of 2 caught" in page


def test_without_an_audit_the_page_has_no_such_section(marts: Marts) -> None:
    with TestClient(dashboard_app(with_audit(marts, None))) as client:
        assert 'id="audit"' not in client.get(PAGE).text
        missing = client.get(JSON)
    assert missing.status_code == 404
    assert "hubbub audit --run" in missing.json()["error"]


def test_a_new_audit_is_shown_at_once(marts: Marts) -> None:
    audits = [sample_audit(), sample_audit(holds=False)]
    read_side = replace(with_audit(marts, None), audit=lambda: audits[0])
    with TestClient(dashboard_app(read_side)) as client:
        assert "does not hold" not in client.get(PAGE).text
        audits.pop(0)
        assert "does not hold" in client.get(PAGE).text


def test_the_api_has_all_of_it(marts: Marts) -> None:
    with TestClient(dashboard_app(with_audit(marts, sample_audit()))) as client:
        answer = client.get(JSON)
        body = answer.json()
        assert (body["holds"], body["broken"], body["caught"]) == (True, 3, 3)
        assert body["audit"]["day"] == "2026-05-18"
        first = body["audit"]["mechanisms"][0]
        assert (first["name"], first["declared"], first["lowest"]) == ("count", 2.753, 2.03)
        assert first["broken"][0] == {"fault": "half the noise", "runs": 40_000, "found": 4.1, "caught": True}
        assert client.get(JSON, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


def test_a_private_instance_keeps_it_private(marts: Marts) -> None:
    with TestClient(dashboard_app(with_audit(marts, sample_audit(), access=Access("private")))) as client:
        assert client.get(JSON).status_code == 401
        assert client.get(PAGE).status_code == 401
