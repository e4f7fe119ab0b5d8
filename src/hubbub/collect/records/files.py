"""Files of a declared table as batches of texts: only the columns that the settings name are read."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from msgspec import Struct

from hubbub.core.errors import InputError

BLOCK_BYTES = 32 << 20
ROWS_AT_ONCE = 1_000_000
PARQUET = (".parquet", ".pq")
SEPARATORS = ",;\t|"


class Batch(Struct, frozen=True):
    """Some rows of a file: columns as dictionaries of texts without nulls (a text may stand in one twice), or instants;
    `first` is the number of the first row, from 1.
    """

    columns: dict[str, pa.Array]
    count: int
    first: int
    file: str


def read_batches(path: Path, wanted: Sequence[str]) -> Iterator[Batch]:
    """The file's rows, in order, in batches; the first column tells the time. Raises InputError when the file cannot be
    read, or lacks a column.
    """
    reader = _parquet(path, wanted) if path.suffix.lower() in PARQUET else _csv(path, wanted)
    first = 1
    with _told(path):
        for table in reader:
            columns = {name: _values(table[name], is_time=name == wanted[0]) for name in wanted}
            yield Batch(columns, table.num_rows, first, str(path))
            first += table.num_rows


def _csv(path: Path, wanted: Sequence[str]) -> Iterator[pa.Table]:
    with _told(path), pa.input_stream(str(path), compression="detect") as stream:
        head = stream.read(1 << 16)
    line = head.split(b"\n", 1)[0].decode("utf-8-sig", "replace").rstrip("\r")
    separator = max(SEPARATORS, key=line.count)
    names = [name.strip().strip('"') for name in line.split(separator)]
    _check_columns(path, wanted, names)
    with _told(path), pa.input_stream(str(path), compression="detect") as stream:
        reader = pa_csv.open_csv(
            stream,
            read_options=pa_csv.ReadOptions(block_size=BLOCK_BYTES, column_names=names, skip_rows=1),
            parse_options=pa_csv.ParseOptions(delimiter=separator, newlines_in_values=True),
            convert_options=pa_csv.ConvertOptions(
                include_columns=list(wanted),
                column_types=dict.fromkeys(wanted, pa.string()),
                strings_can_be_null=False,
            ),
        )
        for batch in reader:
            yield pa.Table.from_batches([batch])


def _parquet(path: Path, wanted: Sequence[str]) -> Iterator[pa.Table]:
    with _told(path), pq.ParquetFile(path) as file:
        _check_columns(path, wanted, file.schema_arrow.names)
        for batch in file.iter_batches(ROWS_AT_ONCE, columns=list(wanted)):
            yield pa.Table.from_batches([batch])


def _check_columns(path: Path, wanted: Sequence[str], names: Sequence[str]) -> None:
    """Raises InputError for a column that is not there. Only names of the settings are told: where a file has no line
    of names, its first one is somebody's row.
    """
    missing = [name for name in wanted if name not in names]
    if missing:
        there = ", ".join(name for name in wanted if name in names) or "none"
        raise InputError(
            str(path),
            f"it has no column {', '.join(map(repr, missing))}; of those that are named it has {there}",
            "Name its columns by `time`, `unit` and `header` in hubbub.yaml. Nothing was imported.",
        )


def _values(column: pa.ChunkedArray, *, is_time: bool) -> pa.Array:
    """The column as distinct texts without blanks around them, what is null empty; instants stay what they are."""
    if is_time and pa.types.is_timestamp(column.type):
        return column.combine_chunks()
    if not pa.types.is_dictionary(column.type):
        column = column.cast(pa.string()).fill_null("").dictionary_encode()
    whole = column.unify_dictionaries().combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = whole.chunk(0) if whole.num_chunks else pa.array([], pa.string()).dictionary_encode()
    texts = pc.utf8_trim_whitespace(whole.dictionary.cast(pa.string()).fill_null(""))
    if whole.null_count:
        texts = pa.concat_arrays([texts, pa.array([""])])
        return pa.DictionaryArray.from_arrays(whole.indices.fill_null(len(texts) - 1), texts)
    return pa.DictionaryArray.from_arrays(whole.indices, texts)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """What goes wrong with a file, without a word of its content."""
    try:
        yield
    except FileNotFoundError:
        raise InputError(str(path), "there is no such file", "Name a CSV or Parquet file.") from None
    except OSError as error:
        told = error.strerror or "it is damaged or not what its name says"
        raise InputError(str(path), f"cannot be read: {told}", "Check the file. Nothing was imported.") from None
    except pa.ArrowNotImplementedError:
        problem = "a column holds lists or structs, not one value a row"
        raise InputError(str(path), problem, "Write one value a row. Nothing was imported.") from None
    except pa.ArrowInvalid as error:
        place = _row_of(str(error))
        problem = f"a line has another number of columns than the first one{place}, or is no UTF-8"
        raise InputError(str(path), problem, "Mend the line, or export the file again. Nothing was imported.") from None


def _row_of(message: str) -> str:
    """The row that Arrow names; nothing else of its message, which quotes the line."""
    _, found, rest = message.partition("Row #")
    number = rest.split(":", 1)[0].strip()
    return f" (row {number})" if found and number.isdigit() else ""
