"""The error tree. Every error says where it happened and what to do about it.

    HubbubError
    ├── ConfigError       hubbub.yaml: path in the file, what was found, what is allowed
    ├── InputError        a file or request: the place and the remedy
    ├── Refused           hubbub could but will not: the reason
    ├── Overloaded        try again later: seconds to wait
    ├── StoreError        raw rows or keys at rest are not as they should be
    │   └── DayClosed     the day's secrets are gone; it takes no more rows
    ├── LedgerError       the ledger refuses or does not verify
    │   └── BudgetSpent   a release would cost more than the day has left
    └── QueryError        a question about released cells: field, what was found, what is allowed

The command line prints the message of any of them on one line and exits with 1.
No message quotes raw content: it names line numbers and kinds of characters only.
"""

from datetime import date


class HubbubError(Exception):
    """Root of all errors that a person can act on."""


class ConfigError(HubbubError):
    """A setting is wrong; `path` is its place in the file, like `sites[0].timezone`."""

    def __init__(self, path: str, found: str, allowed: str) -> None:
        self.path, self.found, self.allowed = path, found, allowed
        super().__init__(f"{path}: found {found}; allowed: {allowed}")


class InputError(HubbubError):
    """What came in cannot be used; `place` names the file and line, `remedy` what to do."""

    def __init__(self, place: str, problem: str, remedy: str) -> None:
        self.place, self.problem, self.remedy = place, problem, remedy
        super().__init__(f"{place}: {problem}. {remedy}")


class Refused(HubbubError):
    """hubbub will not do this, and says why."""


class Overloaded(HubbubError):
    """Rows cannot be made durable now; ask again after `retry_after` seconds."""

    def __init__(self, reason: str, retry_after: int = 1) -> None:
        self.reason, self.retry_after = reason, retry_after
        super().__init__(f"{reason}; try again in {retry_after} s")


class StoreError(HubbubError):
    """Raw rows or keys at rest are not as they should be."""


class DayClosed(StoreError):
    """The day of this source takes no more rows: its secrets are destroyed or sealed."""

    def __init__(self, source: str, day: date) -> None:
        self.source, self.day = source, day
        super().__init__(f"{source} {day}: the day is closed and takes no more rows")


class LedgerError(HubbubError):
    """The ledger refuses a release or does not verify."""


class BudgetSpent(LedgerError):
    """A release would cost more than this source and day have left."""


class QueryError(HubbubError):
    """A question that released cells cannot answer."""

    def __init__(self, field: str, found: str, allowed: str) -> None:
        self.field, self.found, self.allowed = field, found, allowed
        super().__init__(f"{field}: found {found}; allowed: {allowed}")
