"""Why something that came in did not become a row, or a part of it no part of one. Every drop is counted."""

from enum import StrEnum


class DropReason(StrEnum):
    """One reason a drop; the value is what the operator reads in `hubbub status`."""

    TOO_LARGE = "too_large"  # body over 64 kB
    BAD_JSON = "bad_json"  # not JSON, or not an object of the expected shape
    BAD_EVENT = "bad_event"  # JSON, but a field is missing or of a wrong type
    BAD_URL = "bad_url"  # the page's address is not an http(s) URL
    UNKNOWN_SITE = "unknown_site"  # no such source in hubbub.yaml
    UNKNOWN_EVENT = "unknown_event"  # an event name that hubbub.yaml does not declare
    NO_ADDRESS = "no_address"  # no unit can be made: the peer's address is unknown
    BOT = "bot"
    DATACENTER = "datacenter"  # from a cloud provider's address: a program that says it is a browser
    SPAM_REFERRER = "spam_referrer"
    PREFETCH = "prefetch"
    OPT_OUT = "opt_out"  # Sec-GPC or DNT
    DAY_CLOSED = "day_closed"  # came after its day was closed
    BAD_TIME = "bad_time"  # dated in the future, or longer ago than rows are kept
    NOT_ALLOWED = "not_allowed"  # says more than its sender may, or lacks the key to say it
    IGNORED = "ignored"  # well-formed and nothing to count: a ping, an identification, a performance sample
    BAD_LINE = "bad_line"  # a log line that does not parse
    NO_UNIT = "no_unit"  # a row of a table that does not say whose it is
    BAD_NUMBER = "bad_number"  # a row of a table with something else where a number should be
    METHOD = "method"  # a log line that is not a GET
    STATUS = "status"  # a log line of a redirect or an error other than 404
    ASSET = "asset"  # a log line for an image, script, style sheet, feed or the like

    # Of these the row is kept without it: see `BESIDE`.
    UNKNOWN_PROPERTY = "unknown_property"  # properties of which hubbub.yaml does not declare name and value
    REFUSED_TERM = "refused_term"  # a search term that looks like a person's, a long number or a token
    REFUSED_AMOUNT = "refused_amount"  # an amount that is not declared, negative, no number or of another currency


BESIDE = frozenset({DropReason.UNKNOWN_PROPERTY, DropReason.REFUSED_TERM, DropReason.REFUSED_AMOUNT})
"""What was left out of rows that are kept: counted beside what was received, accepted and dropped, not in it."""
