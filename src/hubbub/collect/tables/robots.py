"""What gives a program away in its user agent. Regular expressions in the dialect of Rust's `regex`.

They add to the list of `crawler-user-agents`, which knows crawlers by name; these know them by kind.
"""

ANYWHERE: tuple[str, ...] = (
    # words of the trade; a phone brand called Cubot is not one of them
    r"(?i)(?:^|[^u]|[^c]u)bot(?:[^a-z]|s\b|$)",
    r"(?i)robot",
    r"(?i)crawl",
    r"(?i)spider",
    r"(?i)scrap(?:e|ing|y)",
    r"(?i)slurp",
    r"(?i)harvest",
    r"(?i)search ?engine",
    r"(?i)(?:site|web|page|desk|link|url|meta|content)[ -]?(?:search\b|index|fetch|check|scan|audit|grab|copier)",
    r"(?i)(?:web|bing|link|page|url|site|google) ?-?preview",
    r"(?i)thumb(?:nail|shot)s?\b",
    r"(?i)screen ?shot",
    # an address of someone to ask: browsers carry none
    r"\+ ?https?://",
    r"(?i)[(;] ?https?://",
    r"(?i)(?:^|compatible;) *www\.",
    r"(?i)[a-z0-9._-]+(?:@| at )[a-z0-9-]+(?:\.| dot )(?:com|org|net|edu|gov|info|io|de|ru|cn|fr|co|eu|uk)\b",
    # browsers without a person in front of them
    r"(?i)headless",
    r"(?i)phantomjs|slimerjs|casperjs|zombie\.js|jsdom|htmlunit|splash/|nightmare/",
    r"(?i)puppeteer|playwright|selenium|webdriver|cypress/|testcafe",
    r"(?i)prerender|rendertron",
    r"(?i)lighthouse|pagespeed|gtmetrix|webpagetest|ptst/|speedcurve|dareboost|yellowlab|catchpoint",
    # monitors and checks
    r"(?i)monitor(?:ing)?\b",
    r"(?i)uptime|pingdom|statuscake|site24x7|newrelic|datadog|dynatrace|ruxit|alertsite|gomezagent|hetrixtools",
    r"(?i)\bping(?:er)?[ /]",
    r"(?i)validator",
    r"(?i)link ?check|check_http|healthcheck|health check|kube-probe|elb-health",
    r"(?i)scanner|nessus|nikto|sqlmap|nmap|masscan|zgrab|openvas|qualys|acunetix|netsparker|\bburp",
    r"(?i)security(?:trails|headers)|censys|shodan|internet-measurement|\bexpanse\b",
    # feed readers and previews of links
    r"(?i)feed(?:ly|bin|burner|fetch|parser|press|demon|wrangler|hq|blitz|mon|validator|spot)",
    r"(?i)\b(?:rss|atom|feed)s?[ -]?(?:reader|owl|fetch|aggregat|client|sync|box|graffiti|radar)",
    r"(?i)newsblur|inoreader|netnewswire|tiny tiny rss|theoldreader|newsgator|bloglines|akregator|liferea|miniflux",
    r"(?i)facebookexternalhit|facebookcatalog|meta-externalagent|externalhit_uatext",
    r"(?i)embedly|iframely|quora link|skypeuripreview|bitlybot|vkshare|snap url|xing-contenttab",
    r"(?i)google(?:-read-aloud|-inspectiontool|-site-verification|other|imageproxy|-adwords|-xrawler|-safety)",
    r"(?i)mediapartners|apis-google|feedfetcher|duplexweb|storebot|yahoomailproxy|yahoo! (?:link|pipes)",
    # archives, downloaders and libraries, also where they pose as a browser
    r"(?i)archiv(?:e|er|ing)[^;)]*(?:org|it\b)|heritrix|httrack|teleport ?pro|webcopier|webzip|offline explorer",
    r"(?i)download(?:er| demon| ninja)|wget|\bcurl\b|libcurl|libwww(?:-perl|[/0-9])|lwp[:-]|winhttp|wininet",
    r"(?i)python|urllib|aiohttp|httpx|requests/|scrapy|mechanize",
    r"(?i)\bjava[/0-9]|httpclient|http-client|okhttp|jakarta|jersey/|apache-http",
    r"(?i)\bnode(?:\.js)?/|node-fetch|axios|undici|superagent|got \(",
    r"(?i)\bruby\b|typhoeus|faraday|\bphp[/ ]|guzzle|http_request|\bperl\b|\bgo-http|go 1\.1 package",
    r"(?i)nutch|larbin|webcollage|xenu|linkwalker|msiecrawler|ia_archiver|mshots|wordpress|drupal|joomla|cakephp",
    r"(?i)\bseo\b|seokicks|sistrix|majestic|semrush|ahrefs|moz\.com|\bryte|screaming frog|serpstat|sitebulb",
    # no browser at all: an exploit's payload, a header sent twice, a list printed as text
    r"[<>]|\$\{|%[0-9A-Fa-f]{2}|\(\)|(?i:select .{0,80} from)",
    r"^['\"=\[]|^(?i:user.?agent)",
    # Mozilla without a word on its platform
    r"^Mozilla/\d\.\d \(compatible; ?[^KMO;)][^;)]*\)?$",
    r"(?i)firefox mutant|\bdaum(?:oa)? ?\d",
    r"^Mozilla(?:/\d+\.\d+)?\+?(?: \(compatible;?\))?\s*$",
)

BROWSERS_NOT_MOZILLA = (
    # the few that never said Mozilla and are driven by people: old Opera, text browsers, phones of before
    r"^(?:Opera/\d|E?Links \(|ELinks/|Lynx/|w3m/|Dillo/|NetSurf/|Midori/|[uU]zbl |iCab/|UCWEB|JUC |NetFront/|Nokia"
    r"|SonyEricsson|SAMSUNG-|BlackBerry|MOT-|LGE?-|LG/|HTC[_-]|SIE-|ZTE|HUAWEI|Alcatel|DoCoMo/|KDDI-|SoftBank"
    r"|Vodafone|PSP |Bunjalloo/|AmigaVoyager/|Safari/\d+ \(|DuckDuckGo/\d+ CFN|Surf/|luakit|retawq|Emacs-W3/)"
)
