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
    TOPIC = "topic"  # a topic of `hubbub.yaml`
    GOAL = "goal"  # a goal of the site
    FUNNEL = "funnel"  # a funnel of the site
    STEP = "step"  # "1", "2", …: a step of a funnel
    TERM = "term"  # what was searched for on the site
    RETURNING = "returning"  # a bucket of `core.vocabulary.RETURNING`
    ENGAGED = "engaged"  # a bin of `core.vocabulary.ENGAGED_BINS`
    SCROLL = "scroll"  # a bin of `core.vocabulary.SCROLL_BINS`
    MOST = "most"  # "500 EUR", "500": the most that a device's amounts of an event counted with that day
    TOGETHER = "together"  # "channel+device": attributes that are counted together, see `core.combinations`
    COMBINATION = "combination"  # "Direct|Mobile": a value of each of them


class Measure(StrEnum):
    """The measures of a portal's plan; the value is what `hubbub export --measure` takes."""

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
    ENGAGEMENT = "engagement"
    SCROLLING = "scrolling"
    SET_ASIDE = "set_aside"
    TOPICS = "topics"
    GOALS = "goals"
    FUNNELS = "funnels"
    SEARCH_TERMS = "search_terms"
    AMOUNTS = "amounts"
    RETURNING = "returning"
    COMBINATIONS = "combinations"
