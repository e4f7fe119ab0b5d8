"""The fixed lists: key spaces that are public before any row is read, so every cell of them is released.

What is not on its list becomes its last entry. A change of a list is a change of the plan.
"""

DEVICES = ("Desktop", "Mobile", "Tablet", "Other")

BROWSERS = (
    "Chrome",
    "Safari",
    "Edge",
    "Firefox",
    "Samsung Internet",
    "Opera",
    "Internet Explorer",
    "Android WebView",
    "iOS WebView",
    "Google app",
    "DuckDuckGo",
    "Ecosia",
    "Brave",
    "Vivaldi",
    "Yandex Browser",
    "Amazon Silk",
    "UC Browser",
    "Huawei Browser",
    "MIUI Browser",
    "QQ Browser",
    "Whale",
    "Facebook",
    "Instagram",
    "LinkedIn",
    "TikTok",
    "WeChat",
    "Other",
)

SYSTEMS = (
    "Windows",
    "macOS",
    "iOS",
    "Android",
    "Linux",
    "ChromeOS",
    "HarmonyOS",
    "KaiOS",
    "Tizen",
    "webOS",
    "Other",
)

LANGUAGES = (
    # primary subtags of BCP 47, those most spoken in cities
    *"ar bg bn bs ca cs da de el en es et fa fi fr he hi hr hu id it ja ko lt lv mk nl no pl pt".split(),
    *"ro ru sk sl sq sr sv ta th tl tr uk ur vi zh".split(),
    "other",
)

COUNTRIES = (
    # ISO 3166-1 alpha-2; ZZ: the registries do not say
    *"""
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS
    BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE
    EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM
    HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC
    LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
    NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
    SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO
    TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
    """.split(),
    "ZZ",
)

CHANNELS = (
    # GA4's default channel grouping, and AI assistants
    "Direct",
    "Organic Search",
    "Organic Social",
    "Organic Video",
    "Organic Shopping",
    "AI Assistant",
    "Referral",
    "Email",
    "Paid Search",
    "Paid Social",
    "Paid Video",
    "Paid Shopping",
    "Paid Other",
    "Display",
    "Affiliates",
    "Audio",
    "SMS",
    "Mobile Push Notifications",
    "Cross-network",
    "Unassigned",
)

REFERRERS = (
    # traffic sources known by name: search engines
    "Google",
    "Bing",
    "DuckDuckGo",
    "Yahoo!",
    "Ecosia",
    "Startpage",
    "Qwant",
    "Brave Search",
    "Swisscows",
    "MetaGer",
    "Mojeek",
    "Kagi",
    "Yandex",
    "Baidu",
    "Sogou",
    "360 Search",
    "Shenma",
    "Naver",
    "Daum",
    "Seznam",
    "Petal Search",
    "Ask",
    "AOL",
    "Rambler",
    "Mail.ru",
    "Presearch",
    "You.com",
    "Yep",
    "Google News",
    "Google Translate",
    # social networks
    "Facebook",
    "Instagram",
    "Threads",
    "X",
    "LinkedIn",
    "Reddit",
    "Pinterest",
    "WhatsApp",
    "Messenger",
    "Telegram",
    "Signal",
    "Snapchat",
    "Discord",
    "Mastodon",
    "Bluesky",
    "Tumblr",
    "Quora",
    "Nextdoor",
    "XING",
    "VK",
    "Odnoklassniki",
    "Weibo",
    "WeChat",
    "QQ",
    "Zhihu",
    "Douban",
    "LINE",
    "KakaoTalk",
    "Viber",
    "Skype",
    "Microsoft Teams",
    "Slack",
    "Hacker News",
    "Stack Overflow",
    "Meetup",
    "Flipboard",
    "Pocket",
    "Medium",
    "Substack",
    "WordPress",
    "Blogger",
    "Flickr",
    "Yelp",
    "Tripadvisor",
    "Foursquare",
    "Change.org",
    "Linktree",
    # video
    "YouTube",
    "TikTok",
    "Vimeo",
    "Twitch",
    "Dailymotion",
    "Bilibili",
    "Rumble",
    "Netflix",
    # shopping
    "Amazon",
    "eBay",
    "Etsy",
    "Shopify",
    "AliExpress",
    "Alibaba",
    "Walmart",
    "IKEA",
    "Mercado Libre",
    "Allegro",
    # mail
    "Gmail",
    "Outlook",
    "Yahoo! Mail",
    "Proton Mail",
    "GMX",
    "WEB.DE",
    "Orange Mail",
    "AOL Mail",
    "iCloud Mail",
    "Zoho Mail",
    # assistants
    "ChatGPT",
    "Claude",
    "Gemini",
    "Microsoft Copilot",
    "Perplexity",
    "Le Chat",
    "DeepSeek",
    "Grok",
    "Meta AI",
    "Kimi",
    "Qwen",
    "Doubao",
    "Poe",
    "Phind",
    "iAsk",
    "Duck.ai",
    "ChatGLM",
    # other places that send many visits
    "Wikipedia",
    "GitHub",
    "Apple",
    "Microsoft",
)

DURATION_BINS: tuple[tuple[str, int, int], ...] = (
    # label, from (inclusive) and to (exclusive) in seconds; a bounce has a bin of its own
    ("bounce", 0, 0),
    ("0-10 s", 0, 10),
    ("10-30 s", 10, 30),
    ("30-60 s", 30, 60),
    ("1-3 min", 60, 180),
    ("3-6 min", 180, 360),
    ("6-15 min", 360, 900),
    ("15-30 min", 900, 1800),
    ("over 30 min", 1800, 86_400),
)

CONTRIBUTION_BINS: tuple[tuple[str, int], ...] = (
    # label and the lowest number of page views a unit has in the bin; the last one is open
    *((str(views), views) for views in range(1, 11)),
    ("11-15", 11),
    ("16-25", 16),
    ("26-50", 26),
    ("over 50", 51),
)

RETURNING = ("first", "1 day", "2-7 days", "8-30 days", "over 30 days")
"""How long ago a consenting visitor's browser was here last; told by the browser, kept by nobody else."""

ENGAGED_BINS: tuple[tuple[str, int], ...] = (  # label, from (ms): visible and focused time of one page view
    ("under 5 s", 0),
    ("5 s", 5_000),
    ("15 s", 15_000),
    ("30 s", 30_000),
    ("1 min", 60_000),
    ("3 min", 180_000),
    ("10 min and over", 600_000),
)

SCROLL_BINS: tuple[tuple[str, int], ...] = (  # label, from (percent): how far down one page view went
    ("under 25 %", 0),
    ("25 %", 25),
    ("50 %", 50),
    ("75 %", 75),
    ("90 % and over", 90),
)

AMOUNT_PARTS = 1_000
"""Amounts are counted in thousandths of the most that one device's can be."""
