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
    r"(?i)slurp|\bscooter\b",
    r"(?i)harvest",
    r"(?i)search ?engine",
    r"(?i)\bb o t\b|checker|retriev(?:er|al)|(?:detect|inspect|extract)or\b|analy[sz]er|verif(?:ier|ication)",
    r"(?i)measurement|transcoder|prospect(?:ing|or)|lead ?discovery|\bcheck\b",
    r"(?i)(?:site|web|page|desk|link|url|meta|content)[ -]?(?:search\b|index|fetch|check|scan|audit|grab|copier)",
    r"(?i)(?:web|bing|link|page|url|site|google) ?-?preview",
    r"(?i)thumb(?:nail|shot)s?\b",
    r"(?i)(?:screen|web|moz) ?-?(?:shot|snap|thumb|screen|mon\b)",
    r"(?i)web-?capture|webkit2(?:png|pdf)|wkhtmlto|imgsizer|\bwpif\b",
    # an address of someone to ask: browsers carry none
    r"\+ ?https?://",
    r"(?i)[(;] ?https?://",
    r"(?i)(?:^|compatible; *|[(;] ?visit |MSIE \d\.\d; (?:Windows[^;]{0,20}; )?)www\.|mailto:|\[at\]|, [a-z]+\.com\)$",
    # where no browser says anything
    r"\(KHTML, like Gecko[;,] (?:compatible|Google)",
    r"Safari/[0-9.]+ \(compatible;",
    r"^Mozilla/5\.0 \([A-Z][A-Za-z.]+(?:/[0-9.]+|(?i: agent| check))?\)(?:$| AppleWebKit/537\.36 \([^()]*\)$)",
    r"(?i)[a-z0-9._-]+(?:@| at )[a-z0-9-]+(?:\.| dot )(?:com|org|net|edu|gov|info|io|de|ru|cn|fr|co|eu|uk)\b",
    r"(?i)[a-z0-9_-]@[a-z0-9-]+\.[a-z]{2,6}\b",
    r"^Mozilla/5\.0 \(Macintosh; Intel Mac OS X\) (?:Word|Excel|PowerPoint)/",
    # browsers without a person in front of them
    r"(?i)headless",
    r"(?i)phantomjs|slimerjs|casperjs|zombie\.js|jsdom|htmlunit|splash/|nightmare/",
    r"(?i)puppeteer|playwright|selenium|webdriver|cypress/|testcafe",
    r"(?i)prerender|rendertron",
    r"(?i)lighthouse|page ?speed|gtmetrix|webpagetest|\bptst\b|speedcurve|dareboost|yellowlab|catchpoint|debugbear",
    r"(?i)neustar|\bwpm\b|cloudflare|functionize|assetnote|convertify|whatcms|iplabel|pageburst|\bsiege/|wp ?tester",
    r"(?i)(?:url|link)(?:tester|peek|info|checker)|backlink|observatory/|kimonolabs|exalead|claude-web",
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
    r"(?i)newsblur|inoreader|quiterss|reeder(?:formac|/)|^netnewswire|tiny tiny rss|theoldreader|newsgator|bloglines",
    r"(?i)akregator|liferea|miniflux",
    r"(?i)facebookexternalhit|facebookcatalog|meta-externalagent|externalhit_uatext",
    r"(?i)embedly|iframely|quora link|skypeuripreview|bitlybot|vkshare|snap url|xing-contenttab",
    r"(?i)google(?:-read-aloud|-inspectiontool|-site-verification|other|imageproxy|-adwords|-xrawler|-safety|-amphtml)",
    r"(?i)google(?: favicon|-searchbyimage|[- ]keyword|[- ]ads-|-publisher|adsense|[- ]hotelads|messages/)",
    r"(?i)yandex\.translate",
    r"(?i)mediapartners|apis-google|feedfetcher|duplexweb|storebot|yahoomailproxy|yahoo! (?:link|pipes)",
    # archives, downloaders and libraries, also where they pose as a browser
    r"(?i)archiv(?:e|er|ing)[^;)]*(?:org|it\b)|heritrix|httrack|teleport ?pro|webcopier|webzip|offline explorer",
    r"(?i)download(?:er| demon| ninja|manager)|wget|\bcurl\b|libcurl|libwww(?:-perl|[/0-9])|lwp[:-]|winhttp|wininet",
    r"(?i)python|urllib|aiohttp|httpx|requests/|scrapy|mechanize",
    r"(?i)\bjava/?[0-9]|http[ -]?client|okhttp|fasthttp|^https[a-z_]+[ /]|jakarta|jersey/|apache-http",
    r"(?i)\bnode(?:\.js)?/|node-fetch|axios|undici|superagent|got \(",
    r"(?i)\bruby\b|typhoeus|faraday|\bphp[/ ]|guzzle|http_request|\bperl\b|\bgo-http|go 1\.1 package",
    r"(?i)nutch|larbin|webcollage|xenu|linkwalker|msiecrawler|ia_archiver|mshots|wordpress|drupal|joomla|cakephp",
    r"(?i)\bseo\b|seokicks|sistrix|majestic|semrush|ahrefs|moz\.com|\bryte|screaming frog|serpstat|sitebulb",
    # no browser at all: an exploit's payload, a header sent twice, a list printed as text
    r"<|\$\{|%(?:00|0[AaDd]|2[27]|3[CcEe])|\(\) *\{|(?i:select .{0,80} from|%20or%20)",
    r"^['=]|^\[['\"]|^(?i:user.?agent)",
    # Mozilla without a word on its platform
    r"^Mozilla/\d\.\d \(compatible; ?[^KMO;)][^;)]*\)?$",
    r"(?i)firefox mutant|\bdaum(?:oa)? ?\d",
    r"^Mozilla(?:/\d+\.\d+)?\+?(?: \(compatible;?\))?\s*$",
)

NARROWED: dict[str, str] = {
    # what `crawler-user-agents` says too broadly, and how we say it: words that are phones and apps of people, too.
    # An Android build that millions of phones have; meant is one scraper that always sends the same agent.
    r"AP3A\.240617\.008": r"Instagram 406\.0\.0\.58\.159 Android \(35/15; 480dpi; 1080x2400; OPPO; CPH2557;",
    "Sogou": r"(?i)sogou (?:\w+ )?spider",  # a browser, too
    "Blackboard": "^Blackboard Safeassign",  # an app for schools
    "Viber": "^Viber",
    "Fluid": r"Fluid/0\.9\.6 Safari/528\.16$",  # makes an app of a web page
    "Sonic": r"\bSonic/|RankSonic",
    "Butterfly": "Butterfly/",
    "Fever": "^Fever/",
    "Expanse": "^Expanse,",
    "speedy": r"(?i)speedy[ _]?spider",
    r"008\/": r"(?:^|[ ;])008/",
    r"RED\/": r"\bRED/",
}

MODEL = (
    # where an Android browser names the device: it may be called Spider 8, M bot 60, HTC Butterfly or Ruby
    r"Android [\d.]+; (?:[A-Za-z]{2}[-_][A-Za-z]{2,4}; ?)?[^;)/@+]{1,60}(?:\(\) )?(?= Build/|[;)])"
    # and parts of people's browsers that read like a robot's
    r"|RakutenWebsearch|Websearch Ultimate|(?:; )?http://(?:bsalsa\.com|www\.Abolimba\.de)"
)

BROWSERS_NOT_MOZILLA = (
    # the few that never said Mozilla and are driven by people: old Opera, text browsers, phones of before
    r"^(?:Opera/\d|E?Links \(|ELinks/|Lynx/|w3m/|Dillo/|NetSurf/|Midori/|[uU]zbl |iCab/|UCWEB|JUC |NetFront/|Nokia"
    r"|SonyEricsson|SAMSUNG-|BlackBerry|MOT-|LGE?[-/]|HTC[_-]|SIE-|ZTE|HUAWEI|Alcatel|DoCoMo/|KDDI-|SoftBank"
    r"|Vodafone|PSP |Bunjalloo/|AmigaVoyager/|Safari/\d+ \(|DuckDuckGo/\d+ CFN|Surf/|luakit|retawq|Emacs-W3/"
    r"|(?i:LNV-|lenovo|alcatel|pantech|motorola|bird[.-]|haier|philips|asus-|sony|LG ?[A-Z]{0,4}\d|LG Optimus|HTC )"
    r"|Konqueror/|ICE Browser/|NCSA[_ ]Mosaic/|HotJava/|Galeon/|(?:Microsoft )?Internet Explorer/|amaya/"
    r"|IBrowse/|Doris/)"
)

DEVICES_NOT_MOZILLA = (
    # apps and old phones that name the device in a person's hand, or a browser's engine, instead of Mozilla
    r"MIDP|CLDC|\bUP\.(?:Browser|Link)|\bWAP|Obigo|Teleca|NetFront|\bOpera[ /]|HbbTV|CE-HTML|Symb(?:ian|OS)"
    r"|Series ?[46]0|S60Version|iPhone|iPad|iPod|\bi(?:Pad)?OS[ /;,]|like Mac OS X|watchOS|(?i:android)[ /;,:)]"
    r"|Dalvik/|CFNetwork/\d|Windows (?:Phone|CE|Mobile)|\bBREW|AppleWebK[iI]t|MSIE \d.{0,12}Windows|Trident/|UCWEB"
    r"|UC ?Browser|QQBrowser|N(?:okia|OKIA)|SonyEricsson|[sS]amsung|SAMSUNG|BlackBerry|\bLGE?[-/]|FBAN/|Tizen|Roku"
)
