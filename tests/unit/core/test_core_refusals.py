"""Names that are refused, and everyday names that are not."""

import pytest

from hubbub.core.refusals import why_refused


@pytest.mark.parametrize(
    "name",
    ["user_id", "userId", "UID", "e_mail", "email", "Customer-Number", "session", "sessionId", "deviceID", "phone",
     "card", "account_no", "ip", "clientip", "token", "fingerprint", "citizen id", "plate", "household key"],
)  # fmt: skip
def test_identifiers_are_refused(name: str) -> None:
    reason = why_refused(name)
    assert reason is not None
    assert "identifier" in reason


@pytest.mark.parametrize("name", ["sex", "Gender", "age", "income", "religion", "ageGroup"])
def test_traits_are_refused(name: str) -> None:
    reason = why_refused(name)
    assert reason is not None
    assert "trait" in reason


@pytest.mark.parametrize("name", ["plan", "method", "language", "service", "page", "result", "district", "stage", "id"])
def test_everyday_names_pass(name: str) -> None:
    assert why_refused(name) is None
