"""Lines to columns: DuckDB cuts the lines of a block into fields and says which of them may become rows."""

from collections.abc import Iterator, Mapping

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct

from hubbub.collect.logs.formats import PREFIX, Format, read_sql
from hubbub.collect.logs.lines import Block
from hubbub.core.errors import InputError

PROBLEMS = (
    "no quoted request",
    "no time in brackets",
    "no status after the request",
    "quotation marks that do not pair",
    "not as many fields as #Fields names",
    "no date and time",
    "not a JSON object",
    "no time",
    "no status",
    "no method",
    "no fields of an HTTP log",
)
"""Kinds of problem of a line that does not parse; the queries name them."""

VERDICTS = ("candidate", "method", "status", "opt_out", "prefetch", "blank", *PROBLEMS)
TEXTS = ("address", "target", "referrer", "agent", "host", "language")
_ENUM = ", ".join(f"'{verdict}'" for verdict in VERDICTS)
_BATCHES = 8  # of a block, so that all processors have one to work on

_W3C_FIELDS = {
    "date": ("date",),
    "time": ("time",),
    "method": ("cs-method",),
    "status": ("sc-status",),
    "address": ("c-ip",),
    "stem": ("cs-uri-stem", "cs-uri"),
    "query": ("cs-uri-query",),
    "referrer": ("cs(Referer)", "cs(Referrer)"),
    "agent": ("cs(User-Agent)",),
    "host": ("x-host-header", "cs-host", "cs(Host)"),
    "language": ("cs(Accept-Language)",),
    "gpc": ("cs(Sec-GPC)",),
    "dnt": ("cs(DNT)",),
    "purpose": ("cs(Sec-Purpose)", "cs(Purpose)", "cs(X-Moz)", "cs(X-Purpose)"),
    "first_byte": ("sc-range-start",),
}
_W3C_NEEDED = ("date", "time", "method", "status", "address", "stem")


class Parsed(Struct, frozen=True):
    """Some lines as columns, one row a line, blank lines included.

    first_line  number of the first of them in the file
    columns     verdict, hour, seconds, is_missing, is_part, and of those that may become rows the texts `TEXTS`
    """

    first_line: int
    columns: pa.Table


class Parser:
    """Parses the blocks of one file after the other. Everything stays in memory: nothing is spilled to a disk."""

    def __init__(self) -> None:
        self._engine = duckdb.connect(":memory:")
        self._engine.execute("set temp_directory = ''")
        self._engine.execute("set autoinstall_known_extensions = false")
        self._engine.execute(f"create type verdict as enum ({_ENUM})")
        self._screen = read_sql("screen.sql")

    def parse(self, block: Block, form: Format, fields: "FieldsLine") -> Iterator[Parsed]:
        """The lines of a block as columns; `fields` is what the file's `#Fields:` lines have said so far."""
        query = f"with fields as ({form.sql()})\n{self._screen}"
        if not form.has_fields_line:
            lines = block.lines
            if form.has_prefix:
                lines = pc.replace_substring_regex(lines, PREFIX, "", max_replacements=1)
            yield Parsed(block.first_line, self._run(query, lines, form.parameters))
            return
        for start, lines in fields.split(block):
            yield Parsed(start, self._run(query, lines, fields.parameters))

    def close(self) -> None:
        """Let go of the memory."""
        self._engine.close()

    def _run(self, query: str, lines: pa.Array, parameters: Mapping[str, int | str]) -> pa.Table:
        batches = pa.table({"line": lines}).to_batches(max_chunksize=len(lines) // _BATCHES + 1)
        self._engine.register("block", pa.Table.from_batches(batches))
        try:
            return self._engine.sql(query, params=parameters or None).to_arrow_table()
        finally:
            self._engine.unregister("block")


class FieldsLine:
    """Where the fields stand in a W3C file; a server that restarts writes a new `#Fields:` line, perhaps another."""

    def __init__(self, place: str) -> None:
        self._place = place
        self.parameters: dict[str, int | str] = {}

    def split(self, block: Block) -> Iterator[tuple[int, pa.Array]]:
        """The stretches of lines under one `#Fields:` line, each with the number of its first line.

        `parameters` are set for a stretch when it is given.
        """
        lines = block.lines
        start = 0
        heads = np.flatnonzero(pc.starts_with(lines, "#Fields:").to_numpy(zero_copy_only=False)).tolist()
        for head in [*heads, len(lines)]:
            if self.parameters and head > start:
                self._separate(lines[start:head])
                yield block.first_line + start, lines[start:head]
            elif head > start:
                self._refuse_requests(lines[start:head], block.first_line + start)
            if head < len(lines):
                self.read(lines[head].as_py(), block.first_line + head)
                start = head

    def read(self, head: str, line: int) -> None:
        """Take over a `#Fields:` line, which stands at `line`. Raises InputError when needed fields are missing."""
        names = head.removeprefix("#Fields:").split()
        places = {name: place for place, name in enumerate(names, start=1)}
        parameters: dict[str, int | str] = {"fields": len(names)}
        for field, spellings in _W3C_FIELDS.items():
            parameters[field] = next((places[name] for name in spellings if name in places), 0)
        missing = [_W3C_FIELDS[field][0] for field in _W3C_NEEDED if not parameters[field]]
        if missing:
            problem = f"#Fields does not name {', '.join(missing)}"
            raise InputError(f"{self._place} line {line}", problem, "Let the server log these fields too.")
        self.parameters = parameters

    def _separate(self, lines: pa.Array) -> None:
        """Find out by what fields are separated, from the first request after the `#Fields:` line."""
        if self.parameters.get("separator", " ") == " ":  # until a request has told
            request = lines.filter(pc.invert(_is_aside(lines)))[:1].to_pylist()
            self.parameters["separator"] = "\t" if request and "\t" in request[0] else " "

    def _refuse_requests(self, lines: pa.Array, line: int) -> None:
        if not pc.all(_is_aside(lines)).as_py():
            problem = "a W3C log without a #Fields line before its first request"
            raise InputError(f"{self._place} line {line}", problem, "Add the #Fields line that its server writes.")


def _is_aside(lines: pa.Array) -> pa.Array:
    return pc.or_(pc.starts_with(lines, "#"), pc.equal(pc.utf8_trim_whitespace(lines), ""))
