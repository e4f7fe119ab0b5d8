"""Log files to rows: read, parse, decide, key, write. `import_logs` is the way in."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np

from hubbub.collect.datacenters import Ranges
from hubbub.collect.logs.candidates import NO_RANGES
from hubbub.collect.logs.detection import LOOK_AT, detect, format_of
from hubbub.collect.logs.formats import Format
from hubbub.collect.logs.lines import Block, check_file, read_blocks
from hubbub.collect.logs.parse import Parser
from hubbub.collect.logs.reading import LogSummary, Reading
from hubbub.collect.logs.screened import Calendar, Screened
from hubbub.collect.logs.times import END_MS
from hubbub.core.errors import InputError, Refused
from hubbub.core.ports import BulkSink, KeyRing
from hubbub.core.settings import Site

Progress = Callable[[str, int, int], None]
"""Told the stage ("read": bytes of the files; "write": days), what is done of it, and how much there is."""

_RUN = 20  # lines in a row that do not parse, before it is asked whether the format has changed


def import_logs(
    files: Sequence[Path],
    site: Site,
    zone: str,
    format: str,
    keyring: KeyRing,
    sink: BulkSink,
    is_closed: Callable[[date], bool],
    progress: Progress | None = None,
    *,
    log_zone: str = "",
    latest_ms: int = END_MS,
    datacenters: Ranges = NO_RANGES,
) -> LogSummary:
    """Import log files of one site: their pages, downloads and pages not found become rows of its local days.

    All files are read before the first day is written, so that a file that cannot be read imports nothing, and a
    day whose log was rotated is written once. `format` is a name of `formats.FORMATS` or "auto"; `log_zone` is the
    IANA zone of times without an offset, "" for the site's own `zone`; lines dated after `latest_ms` are dropped, and
    those from addresses in `datacenters`.

    Raises InputError when a file is missing, empty, damaged, given twice or in no known format, when it changes its
    format, or when all lines are of other hosts; Refused when all days of the files are closed, or the site counts
    live visits only. Then nothing was written.
    """
    if site.collect == "live":
        raise Refused(f"{site.name} counts visits as they happen (`collect: live`): a log would count them again")
    tell = progress or _silent
    reading = Reading(site, Calendar(zone, is_closed, log_zone or zone, latest_ms), datacenters)
    _read_all(reading, files, format, partial(tell, "read"))
    _check(reading, str(files[0]), site.name)
    reading.fill_gaps()
    return reading.write(keyring, sink, partial(tell, "write"))


def _read_all(reading: Reading, files: Sequence[Path], format: str, progress: Callable[[int, int], None]) -> None:
    sizes = _check_all(files)
    forms = [format_of(path, format) for path in files]
    parser = Parser()
    try:
        for place, (path, form) in enumerate(zip(files, forms, strict=True)):
            for read_bytes in _read_file(reading, path, form, parser):
                progress(sum(sizes[:place]) + read_bytes, sum(sizes))
    finally:
        parser.close()


def _read_file(reading: Reading, path: Path, form: Format, parser: Parser) -> Iterator[int]:
    """Read a file; gives how many of its bytes are read after each block."""
    file = reading.begin(str(path))
    for block in read_blocks(path):
        for first_line, screened in reading.take(block, form, file, parser):
            _check_format(path, form, block, first_line, screened)
        yield block.read_bytes
    if file.lines and file.bad == file.lines:
        problem = f"none of its {file.lines:,} lines can be read as {form.name} ({form.meaning})"
        raise InputError(str(path), problem, "Name the right --format. Nothing was imported.")


def _check_format(path: Path, form: Format, block: Block, first_line: int, screened: Screened) -> None:
    """Raises InputError when lines that do not parse are in another format, all together."""
    places, _ = screened.problems
    starts = np.flatnonzero(places[_RUN - 1 :] - places[: max(len(places) - _RUN + 1, 0)] == _RUN - 1)
    if not len(starts):
        return
    start = int(places[starts[0]]) + first_line - block.first_line
    found = detect(block.lines[start : start + LOOK_AT].to_pylist())
    if found is not None and (found.query, found.has_prefix) != (form.query, form.has_prefix):
        problem = f"from here on it is in another format ({found.name}, not {form.name})"
        remedy = "Cut the file in two there. Nothing was imported."
        raise InputError(f"{path} line {block.first_line + start}", problem, remedy)


def _check(reading: Reading, place: str, source: str) -> None:
    """Raises InputError or Refused when there is nothing to write."""
    if not reading.lines:
        raise InputError(place, "there is no request in it", "Name a log with lines.")
    if not reading.days:
        raise InputError(place, "all its times are in the future", "Set this machine's clock, or the server's.")
    if reading.is_all_of_other_hosts:
        problem = f"all its lines name other hosts than {source}"
        raise InputError(place, problem, "Name the site that it is of, or list the host under its `own_hosts`.")
    if reading.days <= reading.closed:
        raise Refused(_all_closed(source, reading.days))


def _check_all(files: Sequence[Path]) -> list[int]:
    if not files:
        raise InputError("import log", "no file is named", "Name one or more log files.")
    seen: set[Path] = set()
    for path in files:
        if path.resolve() in seen:
            raise InputError(str(path), "the file is named twice", "Name each file once.")
        seen.add(path.resolve())
    return [check_file(path) for path in files]


def _all_closed(source: str, days: set[date]) -> str:
    first, last = min(days), max(days)
    span = f"{first}" if first == last else f"{len(days)} days from {first} to {last}"
    return (
        f"nothing was imported: {span} of {source} {'is' if first == last else 'are'} closed already, "
        "or a log is followed there: neither takes more rows"
    )


def _silent(_stage: str, _done: int, _total: int) -> None:
    return
