"""What pages and API read from: released cells, the ledger, the plan in words. Nothing here reaches raw rows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Protocol

from msgspec import Struct, field

from hubbub.core.audit_text import AuditText
from hubbub.core.days import slot_of
from hubbub.core.keys import Dimension
from hubbub.core.plan_text import PlanText, PlanVersion
from hubbub.core.ports import Clock
from hubbub.core.settings import Settings
from hubbub.core.spending import DaySpent
from hubbub.core.tables import Table
from hubbub.core.targets import Target
from hubbub.insight.findings import Findings
from hubbub.insight.targets.board import Board, state_of
from hubbub.insight.targets.results import Evaluation
from hubbub.operate.notebook import BlankBook
from hubbub.operate.operators import Operators
from hubbub.operate.remarks import dismissed, without
from hubbub.publish.answers import answer
from hubbub.publish.marts import Marts
from hubbub.publish.query import Answer, Calendar, Query
from hubbub.publish.table_answers import answer_table
from hubbub.publish.table_questions import Question, TableAnswer


class LedgerReader(Protocol):
    """The public side of the ledger: everything in it may be read by anyone."""

    def entries(self) -> Iterable[Struct]:
        """All entries, oldest first, as Structs of plain values."""
        ...

    def latest(self, limit: int) -> Iterable[Struct]:
        """The newest entries, newest first."""
        ...

    def spent(self, limit: int) -> Iterable[DaySpent]:
        """What was paid a source and day, for the `limit` newest of them, newest day first."""
        ...

    def spent_since(self, first: date) -> Iterable[DaySpent]:
        """What was paid a source and day from the day `first` on, in order."""
        ...

    def plan_versions(self, source: str) -> Sequence[PlanVersion]:
        """The plans that a source was released by, oldest first, and what each one changed."""
        ...

    def plan_text(self, name: str) -> bytes:
        """The whole of a plan with its budget, as JSON, by its name in entries; b"" when it was not kept."""
        ...

    def count(self) -> int:
        """How many entries there are."""
        ...

    def waiting(self, source: str, dimension: Dimension | None = None) -> int:
        """How many new keys of a source, of one dimension or of all, are released and wait to be confirmed."""
        ...

    def verify(self) -> Struct:
        """Check the chain of hashes: a report of what was checked and where it breaks, if it does."""
        ...

    def head(self) -> str:
        """Hash of the newest entry; it names the ledger's state."""
        ...

    def is_trial(self) -> bool:
        """Whether this home ever ran on a budget too large for its numbers to be private."""
        ...


class FindingsReader(Protocol):
    """What the last scan found."""

    def state(self) -> str:
        """A name of what there is now."""
        ...

    def read(self) -> Findings:
        """The findings; none where nothing was scanned yet."""
        ...


class NoFindings:
    """Where nothing is ever scanned."""

    def state(self) -> str:
        """Always the same."""
        return ""

    def read(self) -> Findings:
        """None."""
        return Findings()


class ReadSide(Struct, frozen=True):
    """Everything that pages and API are made from.

    plan   of the first source, in words
    plans  of each site and table, by name
    audit  reads the last audit of the noise, if there is one; it may be another one at any time
    findings  what the last scan found to be changing
    operators  who may sign in; None where nobody may
    board  remembers how targets stand
    notebook  what analysts have written in the pages
    """

    settings: Settings
    marts: Marts
    ledger: LedgerReader
    clock: Clock
    plan: PlanText
    plans: Mapping[str, PlanText] = {}
    audit: Callable[[], AuditText | None] = lambda: None
    findings: FindingsReader = NoFindings()
    operators: Operators | None = None
    board: Board = field(default_factory=Board)
    notebook: BlankBook = BlankBook()

    def calendar(self) -> Calendar:
        """The present time with the sources' zones."""
        zones = {source.name: self.settings.zone_of(source.name) for source in self.settings.sources}
        return Calendar(self.clock.now_ms(), zones)

    def plan_of(self, source: str) -> PlanText:
        """The plan of one site or table, in words."""
        return self.plans.get(source, self.plan)

    def counts(self, site: str, measure: str) -> bool:
        """Whether the plan of a site has the measure."""
        return any(one.measure == measure for one in self.plan_of(site).measures)

    def ask(self, query: Query) -> Answer:
        """Answer a question from the marts. Raises `QueryError`."""
        return answer(self.marts, query, self.calendar())

    def ask_table(self, table: Table, question: Question) -> TableAnswer:
        """Answer a question about a declared table from the marts. Raises `QueryError`."""
        return answer_table(self.marts, table, question, self.calendar())

    @property
    def targets(self) -> tuple[Target, ...]:
        """What the city aims for: as hubbub.yaml says it, then as analysts have set it in the pages."""
        return (*self.settings.targets, *self.notebook.written().targets)

    def standing_findings(self) -> Findings:
        """What the last scan found, without what analysts have dismissed."""
        return without(self.findings.read(), dismissed(self.notebook.written().remarks))

    def standings(self) -> tuple[Evaluation, ...]:
        """How each target stands, in their order. Raises `QueryError`."""
        return self.board.standings(self.targets, self)

    def state_of_targets(self) -> str:
        """A name of everything that standings depend on."""
        return state_of(self.targets, self)

    def state_of(self, sources: Iterable[str]) -> str:
        """A name of everything an answer about these sources depends on but the question: for ETags and caches.

        It changes when cells are published, and with each local hour, since answers say what is not over yet.
        """
        calendar = self.calendar()
        parts = []
        for source in sorted(sources):
            today = calendar.today(source)
            slot = slot_of(calendar.now_ms, today, calendar.zone_of(source))
            parts.append(f"{source}={self.marts.version(source)}@{today}T{slot}")
        return ";".join(parts)
