"""Which new keys need no one's word before they are shown (docs/adr/0002).

One sender can pose as many devices and so bring a text of his own above the threshold. What is shown at once must
therefore be vouched for by someone else than the sender.
"""

from collections.abc import Callable

from hubbub.core.keys import Dimension

Confirmed = Callable[[str, str], bool]
DOWNLOAD = "download:"


def confirmed_by(origins: frozenset[str]) -> Confirmed:
    """What the origins of a day's rows vouch for: a simulation for all, a site's own log for what it answered with
    200, live rows for nothing. The rows of a declared table are their department's own: no stranger sent them.
    """
    if origins in ({"simulated"}, {"table"}):
        return any_key
    return _no_key if "live" in origins else _answered


def any_key(_dimension: str, _key: str) -> bool:
    """Everything is confirmed."""
    return True


def _no_key(_dimension: str, _key: str) -> bool:
    return False


def _answered(dimension: str, key: str) -> bool:
    """A log line says that the site has the page or the file; referrer, campaign and what was not found are the
    visitor's word, as is what was searched for or sent.
    """
    return dimension == Dimension.PAGE or (dimension == Dimension.EVENT and key.startswith(DOWNLOAD))
