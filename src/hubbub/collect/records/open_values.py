"""Values of open columns as rows keep them, whether a file, the settings or a list of known ones names them."""

import csv
from io import StringIO

from hubbub.collect.paths import STAR, clean_path
from hubbub.collect.refused_values import clean_free
from hubbub.core.errors import InputError
from hubbub.core.tables import Column

SEPARATORS = ",;\t|"


def clean_open(text: str, column: Column) -> str:
    """The value without what could name a person; "" for nothing."""
    if column.open == "path":
        return clean_path(text.partition("?")[0]) if text else ""
    return clean_free(text)


def read_values(data: bytes, place: str, name: str, column: Column) -> list[str]:
    """Distinct values of a list, a value a line, or of a CSV file's column of that name, cleaned as rows are.

    Raises InputError when the text is no UTF-8 or has no value that may be kept.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(place, "the file is not UTF-8 text", "Save it as UTF-8.") from None
    lines = [line for line in text.splitlines() if line.strip()]
    head = lines[0] if lines else ""
    separator = max(SEPARATORS, key=head.count)
    names = [each.strip().strip('"') for each in head.split(separator)]
    place_of = next((names.index(each) for each in (column.header, name) if each and each in names), None)
    found = lines
    if place_of is not None:
        rows = list(csv.reader(StringIO(text), delimiter=separator))[1:]
        found = [row[place_of] for row in rows if len(row) > place_of]
    cleaned = dict.fromkeys(clean_open(each.strip(), column) for each in found)
    kept = [value for value in cleaned if value and value != STAR]
    if not kept:
        raise InputError(place, "no value in it that may be kept", "Give a list with a value a line, or a CSV file.")
    return kept
