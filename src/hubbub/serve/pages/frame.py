"""What stands around every page: the city's name, the trial banner, the language."""

from msgspec import Struct

from hubbub.core.settings import Settings
from hubbub.serve.reading import ReadSide


class Frame(Struct, frozen=True):
    """Header and footer. `is_trial`: the numbers are not private, and every page says so."""

    city: str
    is_trial: bool
    section: str = ""


def make_frame(read_side: ReadSide, section: str) -> Frame:
    """The frame of a page in a section of the header ("overview", "measures" or "")."""
    return Frame(city_name(read_side.settings), read_side.ledger.is_trial(), section)


def city_name(settings: Settings) -> str:
    """The city, or what the program is called where none is set."""
    return settings.city or "hubbub"
