"""Who visits: devices, languages, countries, and where visits come from. Names are those of `core.vocabulary`."""

from msgspec import Struct

from hubbub.cli.demo.city import Portal


class Profile(Struct, frozen=True):
    """What a browser says of itself."""

    weight: float
    device: str
    browser: str
    os: str


class Source(Struct, frozen=True):
    """Where a visit comes from."""

    weight: float
    referrer: str
    channel: str
    campaign: str = ""


PROFILES = (
    Profile(22, "Mobile", "Chrome", "Android"),
    Profile(21, "Mobile", "Safari", "iOS"),
    Profile(18, "Desktop", "Chrome", "Windows"),
    Profile(9, "Desktop", "Firefox", "Windows"),
    Profile(8, "Desktop", "Edge", "Windows"),
    Profile(6, "Desktop", "Safari", "macOS"),
    Profile(4, "Mobile", "Samsung Internet", "Android"),
    Profile(3, "Desktop", "Chrome", "macOS"),
    Profile(3, "Desktop", "Firefox", "Linux"),
    Profile(2.5, "Tablet", "Safari", "iOS"),
    Profile(1.2, "Tablet", "Chrome", "Android"),
    Profile(1, "Mobile", "Firefox", "Android"),
    Profile(0.6, "Mobile", "DuckDuckGo", "iOS"),
    Profile(0.4, "Desktop", "Chrome", "ChromeOS"),
    Profile(0.3, "Other", "Other", "Other"),
)
SOCIAL_PROFILES = (
    Profile(34, "Mobile", "Chrome", "Android"),
    Profile(38, "Mobile", "Safari", "iOS"),
    Profile(8, "Mobile", "Instagram", "iOS"),
    Profile(5, "Mobile", "Facebook", "Android"),
    Profile(9, "Desktop", "Chrome", "Windows"),
    Profile(4, "Desktop", "Firefox", "Windows"),
    Profile(2, "Tablet", "Safari", "iOS"),
)

LANGUAGES = {"de": 740, "en": 90, "tr": 40, "uk": 25, "hr": 22, "sr": 20, "ar": 16, "hu": 14, "it": 10, "fr": 8,
             "pl": 6, "ro": 6, "other": 6}  # fmt: skip
COUNTRIES = {"AT": 860, "DE": 70, "CH": 14, "HU": 9, "IT": 9, "CZ": 8, "SK": 8, "US": 6, "FR": 4, "NL": 4, "GB": 4,
             "UA": 3, "ZZ": 4}  # fmt: skip
FAR_COUNTRIES = {"AT": 420, "DE": 260, "CH": 70, "US": 60, "GB": 40, "NL": 35, "FR": 30, "PL": 30, "IT": 25, "ES": 20,
                 "CA": 12, "AU": 8}  # fmt: skip

_EVERYWHERE = (
    Source(330, "", "Direct"),
    Source(300, "Google", "Organic Search"),
    Source(42, "Bing", "Organic Search"),
    Source(26, "DuckDuckGo", "Organic Search"),
    Source(22, "Ecosia", "Organic Search"),
    Source(10, "Startpage", "Organic Search"),
    Source(9, "Yahoo!", "Organic Search"),
    Source(34, "Facebook", "Organic Social"),
    Source(22, "Instagram", "Organic Social"),
    Source(12, "Mastodon", "Organic Social"),
    Source(9, "Reddit", "Organic Social"),
    Source(24, "ChatGPT", "AI Assistant"),
    Source(10, "Perplexity", "AI Assistant"),
    Source(9, "Microsoft Copilot", "AI Assistant"),
    Source(12, "YouTube", "Organic Video"),
    Source(12, "Wikipedia", "Referral"),
)
LAUNCH_SOURCES = (
    Source(45, "newsletter", "Email", "rooftop-solar"),
    Source(20, "Google", "Organic Search"),
    Source(15, "Facebook", "Organic Social", "rooftop-solar"),
    Source(12, "lindenfurter-bote.example", "Referral"),
    Source(8, "", "Direct"),
)
VIRAL_SOURCES = (
    Source(34, "Instagram", "Organic Social"),
    Source(24, "Reddit", "Organic Social"),
    Source(14, "Facebook", "Organic Social"),
    Source(10, "", "Direct"),
    Source(9, "radio.example", "Referral"),
    Source(6, "Google", "Organic Search"),
    Source(3, "Mastodon", "Organic Social"),
)


def sources_of(portal: Portal) -> tuple[Source, ...]:
    """Where a portal's ordinary visits come from: what every portal has, its referrals and its campaigns."""
    referrals = (Source(36 / (rank + 1), site, "Referral") for rank, site in enumerate(portal.referrals))
    campaigns = (Source(22 / (rank + 1), "newsletter", "Email", name) for rank, name in enumerate(portal.campaigns))
    return (*_EVERYWHERE, *referrals, *campaigns)
