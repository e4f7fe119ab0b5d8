"""What stands around every page: the city's name, the trial banner, the language."""

from msgspec import Struct

from hubbub.core.settings import Settings
from hubbub.operate.roles import Operator
from hubbub.serve.reading import ReadSide


class Frame(Struct, frozen=True):
    """Header and footer.

    is_trial     the numbers are not private, and every page says so
    operator     who is signed in
    may_sign_in  there is a way to sign in
    has_targets  there is something to be seen on the page of targets
    """

    city: str
    is_trial: bool
    section: str = ""
    operator: Operator | None = None
    may_sign_in: bool = False
    has_targets: bool = False


def make_frame(read_side: ReadSide, section: str, operator: Operator | None = None) -> Frame:
    """The frame of a page in a section of the header ("overview", "trends", …, or "" for none), for an operator."""
    city, is_trial = city_name(read_side.settings), read_side.ledger.is_trial()
    may_sign_in, has_targets = read_side.operators is not None, bool(read_side.targets)
    return Frame(city, is_trial, section, operator, may_sign_in, has_targets)


def city_name(settings: Settings) -> str:
    """The city, or what the program is called where none is set."""
    return settings.city or "hubbub"
