"""What pages and API of a home read from."""

from hubbub.cli.home import Home
from hubbub.release.budget import priced
from hubbub.release.describe import describe
from hubbub.release.portal import PORTAL
from hubbub.serve.reading import ReadSide


def read_side(home: Home) -> ReadSide:
    """The read side of a home: marts, ledger, clock, and its plan in words."""
    plan = describe(priced(PORTAL, home.settings.budget))
    return ReadSide(home.settings, home.marts, home.ledger, home.clock, plan)
