"""What handlers of forms share: the operator who sent one, and its fields."""

from typing import Any

from hubbub.operate.roles import Operator
from hubbub.serve.pages.replies import AnyRequest
from hubbub.serve.signed_in import operator_of

LONGEST_FIELD = 4_000


async def read_fields(request: AnyRequest, *names: str) -> tuple[str, ...]:
    """Texts of a form that a guard has checked, in the order of `names`; "" for what is missing or too long."""
    form = await request.form()
    values: list[Any] = [form.get(name) for name in names]
    return tuple(value if isinstance(value, str) and len(value) <= LONGEST_FIELD else "" for value in values)


def signed_in(request: AnyRequest) -> Operator:
    """The operator whom `needs` has let in."""
    operator = operator_of(request)
    assert operator is not None, "the guard lets nobody else in"
    return operator
