"""What stands around every page: the city's name, the trial banner, the language."""

from msgspec import Struct

from hubbub.core.settings import Settings
from hubbub.serve.reading import ReadSide


class Frame(Struct, frozen=True):
    """Header and footer.

    is_trial     the numbers are not private, and every page says so
    has_targets  there is something to be seen on the page of targets
    """

    city: str
    is_trial: bool
    section: str = ""
    has_targets: bool = False


def make_frame(read_side: ReadSide, section: str) -> Frame:
    """The frame of a page in a section of the header ("overview", "targets", "measures" or "")."""
    return Frame(city_name(read_side.settings), read_side.ledger.is_trial(), section, bool(read_side.targets))


def city_name(settings: Settings) -> str:
    """The city, or what the program is called where none is set."""
    return settings.city or "hubbub"
