"""A message to people or programs, as it is kept until it is sent. It holds released numbers only."""

from datetime import date
from typing import Literal

from msgspec import Struct

from hubbub.core.alerts import Severity
from hubbub.insight.findings import Finding
from hubbub.insight.targets.state import TargetState


class Item(Struct, frozen=True, omit_defaults=True):
    """One alert in a message.

    event            of `insight.alerting.Event`
    thing            `finding/…` or `target/…`: what it is silenced by
    sentence         what it is, for people
    as_of            the last released day that was looked at
    finding, target  the one that it is about, without what stands under it
    """

    event: str
    rule: str
    severity: Severity
    thing: str
    sentence: str
    link: str
    as_of: date
    finding: Finding | None = None
    target: TargetState | None = None


class Picture(Struct, frozen=True):
    """A PNG that the HTML names as `cid:NAME`."""

    name: str
    png: bytes


class Message(Struct, frozen=True):
    """What is sent.

    title  the subject, on one line
    text   the whole of it as plain text; `html` the same, "" for none
    link   the page it is about; "" when `address` is not set
    """

    kind: Literal["alert", "report", "test"]
    severity: Severity
    title: str
    text: str
    html: str = ""
    link: str = ""
    items: tuple[Item, ...] = ()
    pictures: tuple[Picture, ...] = ()
