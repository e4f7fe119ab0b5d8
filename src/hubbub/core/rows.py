"""The raw row: one fact about one unit, as it is sealed and as engines read it."""

from enum import IntEnum
from typing import Literal

from msgspec import Struct

ColumnType = Literal["int64", "int32", "int16", "int8", "string"]


class Kind(IntEnum):
    """What a row says happened."""

    PAGEVIEW = 1
    EVENT = 2  # `name` is a declared event, `detail` its declared properties
    ENGAGEMENT = 3  # `engaged_ms` and `scroll` of the page; never opens a visit
    OUTLINK = 4  # `name` is the registrable domain
    DOWNLOAD = 5  # `name` is the cleaned path of the file
    MISSING = 6  # `name` is the cleaned path that was not found
    FORM = 7  # a form was sent; `name` is the cleaned path of its page
    SEARCH = 8  # a search on the site; `name` is the cleaned term


class Row(Struct, frozen=True, array_like=True, gc=False):
    """One raw fact. The fields, in this order, are the columns of a segment.

    unit        keyed hash of the visitor on this source and day, signed 64 bits
    tag         64 bits, the random order that bounds keep rows in: drawn when the row is made, its lowest bit 0; or,
                of a row that its sender may send again, a keyed hash of what makes it the same one, its lowest bit 1
                (see `SENT_ONCE`)
    ms          receive time (log: request time), milliseconds since 1970 UTC
    hour        slot of the source's local day, 0..24 (a day has 23, 24 or 25 slots)
    kind        a `Kind`
    page        cleaned path
    name        what the event, outlink, download, 404, form or search is about; of a page view the cleaned search term
                that it shows the results of, "" without
    detail      declared properties, `key=value` joined by U+001F; "" without
    referrer    traffic source: a known name, a registrable domain, or "" (direct)
    channel, country, device, browser, os, language    from the lists in `core.vocabulary`
    campaign    utm_campaign, cleaned; "" without
    engaged_ms  visible and focused time, of an engagement row; `BY_ITSELF` marks what its page did unasked
    scroll      deepest scroll in percent, of an engagement row
    amount      of an event that declares amounts: hundredths of its currency's unit, 0 … the declared most; else 0
    returning   a bucket of `core.vocabulary.RETURNING` that a consenting visitor's browser told; "" without
    """

    unit: int
    tag: int
    ms: int
    hour: int
    kind: int
    page: str
    name: str = ""
    detail: str = ""
    referrer: str = ""
    channel: str = "Direct"
    campaign: str = ""
    country: str = "ZZ"
    device: str = "Desktop"
    browser: str = "Other"
    os: str = "Other"
    language: str = "other"
    engaged_ms: int = 0
    scroll: int = 0
    amount: int = 0
    returning: str = ""


COLUMNS: tuple[tuple[str, ColumnType], ...] = (
    ("unit", "int64"),
    ("tag", "int64"),
    ("ms", "int64"),
    ("hour", "int8"),
    ("kind", "int8"),
    ("page", "string"),
    ("name", "string"),
    ("detail", "string"),
    ("referrer", "string"),
    ("channel", "string"),
    ("campaign", "string"),
    ("country", "string"),
    ("device", "string"),
    ("browser", "string"),
    ("os", "string"),
    ("language", "string"),
    ("engaged_ms", "int32"),
    ("scroll", "int16"),
    ("amount", "int64"),
    ("returning", "string"),
)
DETAIL_SEPARATOR = "\x1f"
BY_ITSELF = -1  # what its page does by itself does not keep a visit from being a bounce
SENT_ONCE = 1  # the bit of a tag whose row counts once, however often it stands among its unit's rows
