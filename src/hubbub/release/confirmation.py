"""Which new keys need no one's word before they are shown (docs/adr/0002).

One sender can pose as many devices and so bring a text of his own above the threshold. What is shown at once must
therefore be vouched for by someone else than the sender: a simulation vouches for all, a department for its own files,
a site's own log for what it answered with 200, live visits for nothing.
"""

from collections.abc import Callable

from hubbub.core.keys import Dimension

Confirmed = Callable[[str, str], bool]
DOWNLOAD = "download:"


def any_key(_dimension: str, _key: str) -> bool:
    """Everything is confirmed."""
    return True


def no_key(_dimension: str, _key: str) -> bool:
    """Nothing is."""
    return False


def answered(dimension: str, key: str) -> bool:
    """A log line says that the site has the page or the file; referrer, campaign and what was not found are the
    visitor's word, as is what was searched for or sent.
    """
    return dimension == Dimension.PAGE or (dimension == Dimension.EVENT and key.startswith(DOWNLOAD))
