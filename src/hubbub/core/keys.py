"""Names of measures and dimensions, shared by the plan, the marts and the questions asked of them."""

from enum import StrEnum


class Dimension(StrEnum):
    """What a measure's cells are told apart by. `referrer` is the traffic source; a *source* is a site."""

    PAGE = "page"
    REFERRER = "referrer"
    CHANNEL = "channel"
    CAMPAIGN = "campaign"
    COUNTRY = "country"
    DEVICE = "device"
    BROWSER = "browser"
    OS = "os"
    LANGUAGE = "language"
    EVENT = "event"
    VISIT = "visit"  # "1", "2", …: which of the unit's visits that day
    DURATION = "duration"  # a bin of `core.vocabulary.DURATION_BINS`
    VIEWS = "views"  # a bin of `core.vocabulary.CONTRIBUTION_BINS`


class Measure(StrEnum):
    """The measures of the portal plan; the value is what `hubbub export --measure` takes."""

    VISITORS = "visitors"
    VISITORS_HOUR = "visitors_hour"
    PAGEVIEWS = "pageviews"
    PAGEVIEWS_HOUR = "pageviews_hour"
    PAGE_VISITORS = "page_visitors"
    PAGE_PAGEVIEWS = "page_pageviews"
    NEW_PAGES = "new_pages"
    VISITS = "visits"
    ENTRY_PAGES = "entry_pages"
    EXIT_PAGES = "exit_pages"
    CHANNELS = "channels"
    REFERRERS = "referrers"
    CAMPAIGNS = "campaigns"
    COUNTRIES = "countries"
    DEVICES = "devices"
    BROWSERS = "browsers"
    SYSTEMS = "systems"
    LANGUAGES = "languages"
    EVENTS = "events"
    CONTRIBUTIONS = "contributions"
