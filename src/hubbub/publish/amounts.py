"""Released sums of amounts, thousandths of the most that one device adds, as sums in their currency."""

import re

import pyarrow as pa
import pyarrow.compute as pc

from hubbub.core.vocabulary import AMOUNT_PARTS

_KEY = re.compile(r"(?P<event>.*) \((?P<currency>[A-Z]{3})\)", re.DOTALL)


def key_of(event: str, most: str) -> str:
    """How a row of amounts is named: "donation (EUR)"; the event alone where its amounts have no currency."""
    currency = most.partition(" ")[2]
    return f"{event} ({currency})" if currency else event


def event_and_currency(key: str) -> tuple[str, str]:
    """What a row's name says; the currency is three letters of ISO 4217, or "" for a plain number."""
    named = _KEY.fullmatch(key)
    return (named["event"], named["currency"]) if named else (key, "")


def in_currency(table: pa.Table) -> pa.Table:
    """The cells of a mart's measure `amounts` with values in whole units of the currency, named by `key_of`.

    The most of a day stands in its cells' second key, so a later change of the settings moves no number.
    """
    events, most = table["key1"].cast(pa.string()).to_pylist(), table["key2"].cast(pa.string()).to_pylist()
    factors = pa.array([float(each.partition(" ")[0]) / AMOUNT_PARTS if each else 0.0 for each in most], pa.float64())
    names = pa.array([key_of(event, each) for event, each in zip(events, most, strict=True)], pa.string())
    columns = {name: table[name] for name in table.column_names} | {
        "key1": names.dictionary_encode(),
        "key2": pa.array([""] * len(most), pa.string()).dictionary_encode(),
        "value": pc.multiply(table["value"].cast(pa.float64()), factors),
        "variance": pc.multiply(table["variance"], pc.multiply(factors, factors)),
    }
    return pa.table(columns)
