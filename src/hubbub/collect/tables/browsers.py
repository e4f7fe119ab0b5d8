"""From ua-parser's many families to the names on our lists. What stands nowhere here is "Other"."""

BROWSER_FAMILIES: dict[str, str] = {
    "Chrome": "Chrome",
    "Chrome Mobile": "Chrome",
    "Chrome Mobile iOS": "Chrome",
    "Chrome Frame": "Chrome",
    "Chromium": "Chrome",
    "Iron": "Chrome",
    "Chrome Mobile WebView": "Android WebView",
    "Safari": "Safari",
    "Mobile Safari": "Safari",
    "WebKit Nightly": "Safari",
    "Mobile Safari UI/WKWebView": "iOS WebView",
    "Edge": "Edge",
    "Edge Mobile": "Edge",
    "Edge WebView2": "Edge",
    "Iceweasel": "Firefox",
    "IceCat": "Firefox",
    "Bon Echo": "Firefox",
    "GranParadiso": "Firefox",
    "Waterfox": "Firefox",
    "LibreWolf": "Firefox",
    "Klar": "Firefox",
    "Focus": "Firefox",
    "IE": "Internet Explorer",
    "IE Mobile": "Internet Explorer",
    "IE Large Screen": "Internet Explorer",
    "Google": "Google app",
    "DuckDuckGo": "DuckDuckGo",
    "DuckDuckGo Mobile": "DuckDuckGo",
    "Ecosia Android": "Ecosia",
    "Ecosia iOS": "Ecosia",
    "Brave": "Brave",
    "Vivaldi": "Vivaldi",
    "Yandex Browser": "Yandex Browser",
    "YaBrowser": "Yandex Browser",
    "Amazon Silk": "Amazon Silk",
    "UC Browser": "UC Browser",
    "Huawei Browser": "Huawei Browser",
    "MiuiBrowser": "MIUI Browser",
    "Mint Browser": "MIUI Browser",
    "Whale": "Whale",
    "Facebook": "Facebook",
    "Facebook Messenger": "Facebook",
    "Instagram": "Instagram",
    "TikTok": "TikTok",
    "WeChat Browser": "WeChat",
}

BROWSER_MARKS: tuple[tuple[str, str], ...] = (
    # what ua-parser does not know or takes for something else
    ("[LinkedInApp]", "LinkedIn"),
    (" Whale/", "Whale"),
    (" YaBrowser/", "Yandex Browser"),
    (" YaSearchBrowser/", "Yandex Browser"),
    (" HuaweiBrowser/", "Huawei Browser"),
)

WRAPPED_MARKS: tuple[str, ...] = (
    # browsers on none of our lists that ua-parser takes for the WebView they are made of
    "Quark/",
    "OppoBrowser/",
    "HeyTapBrowser/",
    "VivoBrowser/",
    "RealmeBrowser/",
    "HonorBrowser/",
    "LieBaoFast/",
    "SogouMobileBrowser/",
    "MobileLenovoBrowser/",
    "SurfBrowser/",
    "Sleipnir/",
    "bdbrowser/",
)

BROWSER_PREFIXES: tuple[tuple[str, str], ...] = (
    ("Firefox", "Firefox"),
    ("Opera", "Opera"),
    ("Samsung Internet", "Samsung Internet"),
    ("QQ Browser", "QQ Browser"),
)

SYSTEM_FAMILIES: dict[str, str] = {
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "Mac OS": "macOS",
    "iOS": "iOS",
    "Android": "Android",
    "Chromecast Android": "Android",
    "FireOS": "Android",
    "Kindle": "Android",
    "Linux": "Linux",
    "Ubuntu": "Linux",
    "Kubuntu": "Linux",
    "Debian": "Linux",
    "Fedora": "Linux",
    "Red Hat": "Linux",
    "CentOS": "Linux",
    "Gentoo": "Linux",
    "SUSE": "Linux",
    "openSUSE": "Linux",
    "Mandriva": "Linux",
    "Mageia": "Linux",
    "Slackware": "Linux",
    "Arch Linux": "Linux",
    "Linux Mint": "Linux",
    "PCLinuxOS": "Linux",
    "Puppy": "Linux",
    "Raspbian": "Linux",
    "Chrome OS": "ChromeOS",
    "HarmonyOS": "HarmonyOS",
    "KaiOS": "KaiOS",
    "Tizen": "Tizen",
    "webOS": "webOS",
    "Web0S": "webOS",
}

DEVICE_PATTERNS: tuple[tuple[str, str], ...] = (
    # in order of precedence; regular expressions in the dialect of Rust's `regex`
    (
        "Other",  # nothing that one reads a page on at a desk or in a hand
        r"(?i)smart-?tv|apple ?tv|android ?tv|google ?tv|bravia|hbbtv|netcast|web0s|webos\.tv|crkey|roku|\btv\b"
        r"|\baft[a-z]{1,4}\b|large screen|xbox|playstation|nintendo|steam ?deck|\bquest\b|oculusbrowser|\bwatch\b"
        r"|watchos|tesla/|tv[ _-]?(?:box|stick)|\b(?:android|smart|mi|hi)tv|chromecast|vidaa|nettv|viera|bdplayer"
        r"|\bomi/\d|settop|\bstb\b",
    ),
    (
        "Tablet",
        r"(?i)ipad|\btablet(?:[^ 0-9a-z]|$| [^p])|kindle|playbook|\bkf[a-z]{2,4}\b|nexus (?:7|9|10)\b"
        r"|\bsm-[tpx]\d{3}|\bgt-[pn][1-8]\d{3}|mediapad|\bxoom\b|transformer|touchpad|\bpixel (?:c\b|tablet)",
    ),
    (
        "Mobile",
        r"(?i)iphone|ipod|mobi|phone|opera mini|blackberry|\bbb10\b|nokia|symbian|series ?[46]0|kaios|midp"
        r"|windows ce|palm|sonyericsson|samsung-|docomo|kddi-|netfront|ucweb|\bmot-|go ?browser|dalvik/",
    ),
)
