"""Every text a reader sees goes through here: gettext catalogues, and how numbers and dates are written."""

import gettext
from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path

DOMAIN = "hubbub"
LOCALE_FOLDER = Path(__file__).parent / "locale"
SOURCE_LANGUAGE = "en"
NO_BREAK = "\u00a0"
MINUS = "\u2212"
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def _(text: str) -> str:
    """Mark a text for translation where it is defined; it is translated where it is written out."""
    return text


MONTHS = (
    _("January"), _("February"), _("March"), _("April"), _("May"), _("June"),
    _("July"), _("August"), _("September"), _("October"), _("November"), _("December"),
)  # fmt: skip
SHORT_MONTHS = (
    _("Jan"), _("Feb"), _("Mar"), _("Apr"), _("May"), _("Jun"),
    _("Jul"), _("Aug"), _("Sep"), _("Oct"), _("Nov"), _("Dec"),
)  # fmt: skip
WEEKDAYS = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))


class Texts:
    """One language: its catalogue, and its way of writing counts, shares, durations and dates."""

    def __init__(self, language: str, catalogue: gettext.NullTranslations) -> None:
        self.language = language
        self.catalogue = catalogue
        self.translate: Callable[[str], str] = catalogue.gettext

    def say(self, text: str, /, **values: object) -> str:
        """The text in this language, with `{name}` replaced by the values."""
        return self.translate(text).format(**values)

    def many(self, one: str, several: str, count: int) -> str:
        """The text for this many, with `{count}` replaced."""
        return self.catalogue.ngettext(one, several, count).format(count=self.count(count))

    def listed(self, names: Sequence[str]) -> str:
        """Several names as a list: `a, b and c`."""
        if len(names) < 2:
            return "".join(names)
        return self.say("{names} and {last}", names=", ".join(names[:-1]), last=names[-1])

    def count(self, value: float) -> str:
        """A count with thousands apart: `12,345`."""
        return f"{value:,.0f}".replace("-", MINUS) if round(value) else "0"

    def decimal(self, value: float, places: int) -> str:
        """A number with this many places after the point."""
        text = f"{value:,.{places}f}"
        return text.replace("-", MINUS) if float(text.replace(",", "")) else text.lstrip("-")

    def percent(self, share: float, places: int = 0) -> str:
        """A share of 1 as percent: `.123` is `12 %`."""
        return f"{self.decimal(100 * share, places)}{NO_BREAK}%"

    def power_of_ten(self, value: float) -> str:
        """A very small number: `10⁻⁹`, `5 × 10⁻¹⁰`."""
        if value <= 0:
            return "0"
        factor, exponent = f"{value:.0e}".split("e")
        power = "10" + str(int(exponent)).translate(SUPERSCRIPTS)
        return power if factor == "1" else f"{factor}{NO_BREAK}×{NO_BREAK}{power}"

    def duration(self, seconds: float) -> str:
        """A duration: `2 min 14 s`."""
        whole = max(0, round(seconds))
        minutes, rest = divmod(whole, 60)
        if not minutes:
            return self.say("{seconds} s", seconds=rest)
        return self.say("{minutes} min {seconds} s", minutes=minutes, seconds=rest)

    def day(self, day: date) -> str:
        """A day: `17 May 2026`."""
        return self.say("{day} {month} {year}", day=day.day, month=self._month(day), year=day.year)

    def weekday(self, day: date) -> str:
        """A day with its weekday: `Sun 17 May 2026`."""
        return self.say("{weekday} {date}", weekday=self.translate(WEEKDAYS[day.weekday()]), date=self.day(day))

    def short_day(self, day: date) -> str:
        """A day on an axis: `17 May`."""
        month = self.translate(SHORT_MONTHS[day.month - 1])
        return self.say("{day} {short_month}", day=day.day, short_month=month)

    def month(self, day: date) -> str:
        """The month of a day: `May 2026`."""
        return self.say("{month} {year}", month=self._month(day), year=day.year)

    def short_month(self, day: date) -> str:
        """The month of a day on an axis: `May`, and with its year in January."""
        name = self.translate(SHORT_MONTHS[day.month - 1])
        return self.say("{short_month} {year}", short_month=name, year=day.year) if day.month == 1 else name

    def days(self, first: date, last: date) -> str:
        """A range of days, saying no more than it must: `11–17 May 2026`."""
        if first == last:
            return self.weekday(first)
        if (first.year, first.month) == (last.year, last.month):
            return self.say("{first}–{last}", first=first.day, last=self.day(last))
        if first.year == last.year:
            start = self.say("{day} {month}", day=first.day, month=self._month(first))
            return self.say("{first} – {last}", first=start, last=self.day(last))
        return self.say("{first} – {last}", first=self.day(first), last=self.day(last))

    def _month(self, day: date) -> str:
        return self.translate(MONTHS[day.month - 1])


@lru_cache(maxsize=1)
def languages(folder: Path = LOCALE_FOLDER) -> tuple[str, ...]:
    """The languages there are: English, and each folder that has a compiled catalogue."""
    found = (path.parent.parent.name for path in folder.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))
    return (SOURCE_LANGUAGE, *sorted(set(found) - {SOURCE_LANGUAGE}))


@lru_cache(maxsize=64)
def texts_in(language: str, folder: Path = LOCALE_FOLDER) -> Texts:
    """The texts of one language; English where there is no catalogue."""
    catalogue = gettext.translation(DOMAIN, str(folder), [language], fallback=True)
    return Texts(language, catalogue)


@lru_cache(maxsize=512)
def choose_language(accept_language: str, available: tuple[str, ...] = (SOURCE_LANGUAGE,)) -> str:
    """The first available language in the order of an Accept-Language header; English otherwise."""
    if len(available) == 1:
        return available[0]
    wishes: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept_language[:500].split(",")):
        tag, _, weight = part.strip().partition(";q=")
        try:
            wishes.append((-float(weight or 1), place, tag.split("-")[0].lower()))
        except ValueError:
            continue
    return next((tag for _, _, tag in sorted(wishes) if tag in available), available[0])
