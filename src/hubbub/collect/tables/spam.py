"""Referrer spam: requests that only want their address to be read in someone's statistics."""

DOMAINS = frozenset(
    """
    4webmasters.org abcdefh.xyz adviceforum.info backgroundpictures.net baixar-musicas-gratis.com
    best-seo-offer.com best-seo-solution.com bestwebsitesawards.com bizru.info blackhatworth.com
    blue-square.biz bot-traffic.icu bot-traffic.xyz brakehawk.com break-the-chains.com
    buttons-for-website.com buttons-for-your-website.com buy-cheap-online.info chinese-amezon.com
    claim-your-prize.com clickmonster.me cookie-law-enforcement-aa.xyz copyrightclaims.org dailyrank.net
    darodar.com dbutton.net depositfiles-porn.ga descargar-musica-gratis.net domaincrawler.com
    doska-vsem.ru ecommerce-seo.com econom.co edakgfvwql.ru eu-cookie-law.info event-tracking.com
    fbdownloader.com floating-share-buttons.com forum20.smailik.org free-share-buttons.com
    free-social-buttons.com free-traffic.xyz free-website-traffic.com generalporn.org
    get-free-social-traffic.com get-free-traffic-now.com gobongo.info googlsucks.com guardlink.org
    hulfingtonpost.com humanorightswatch.org hundejo.com hvd-store.com iedit.ilovevitaly.com
    ilovevitaly.co ilovevitaly.com ilovevitaly.ru iskalko.ru kambasoft.com
    keywords-monitoring-your-success.com law-enforcement-bot-ee.xyz lomb.co lombia.co lumb.co
    make-money-online.com makemoneyonline.com mirobuvi.com.ua monetizationking.net
    musicas.baixar-musicas-gratis.com netvibes.space o-o-6-o-o.com o-o-8-o-o.com onlinetvseries.me
    pops.foundation pornhub-forum.ga priceg.com prodvigator.ua qualitymarketzone.com rank-checker.online
    rankings-analytics.com ranksonic.info ranksonic.org resellerclub.com-seo.xyz residential-proxies.com
    residential-proxies.net residential-proxies.org residential-proxy.com residential-proxy.net
    residential-proxy.org savetubevideo.com screentoolkit.com search-error.com semalt.com
    semaltmedia.com seo-2-0.com seo-platform.com seo-smm.kz seoanalyses.com seoexperimenty.ru seopub.net
    sexyali.com sharebutton.net sharebutton.org simple-share-buttons.com site-auditor.online
    site5.com-traffic.xyz sitevaluation.org slftsdybbg.ru smailik.org snip.to social-buttons.com
    social-traffic.xyz socialseet.ru software2.ru.com success-seo.com superiends.org team-seo.ru
    theguardlan.com top1-seo-service.com topquality.cf torture.ml traffic2cash.xyz traffic2money.com
    trafficbot.life trafficbot.uno trafficgenius.xyz trafficmonetize.org trafficmonetizer.org
    uptime-alpha.net uptimebot.net uptimechecker.com video--production.com videos-for-your-business.com
    vitaly-is-great.com vodkoved.ru webmaster-traffic.com webmonetizer.net website-analyzer.info
    websites-reviews.com wordpress-crew.net xn--80ajghhoc2aj1c8b.xn--p1ai xrus.org xtraffic.plus
    yourserverisdown.com zahodi-ka.ru zastroyka.org zvetki.ru
    """.split()
)

RULES = (
    # what spammers have called themselves for a dozen years, as parts of a host
    r"share-?buttons|buttons-for|(?:free|cheap|buy|get|web|real)-?(?:seo|traffic|backlinks?)(?:[.-]|$)"
    r"|traffic-?(?:2|bot|money|monetiz|exchange|cash)|monetiz(?:e|er|ation)|semalt|seo-?(?:service|offer|platform|analy[sz])"
    r"|(?:rank|site|website|keyword)s?-?(?:checker|auditor|analy[sz]er|monitoring)(?:[.-]|$)|residential-prox"
    r"|(?:^|[.-])(?:xxx|porno?|sex)[.-]|porno|porn(?:tube|gig|hub-)|sex-?(?:chat|cam|video)|webcam-?(?:girl|sex)"
    r"|viagra|(?:^|[.-])cialis|adipex|levitra|tramadol|(?:pills|drugstore|pharmacy)(?:for|no)|cheap-?(?:meds|pills)"
    r"|(?:buy|write|cheap|order)-?(?:my-?)?(?:essays?|papers?|dissertation)|payday-?loans?|hyip|binary-?options?|binomo"
    r"|(?:^|[.-])(?:\d{1,3}-|auto-?|best-|for-|daily|success-|resell-)seo(?:[.-]|tips|blog|traffic|service|software|solution)"
    r"|(?:^|[.-])seo-?(?:checkup|tips|help|book|blog|software|solution|traffic)|social-?(?:buttons?|widget)(?:[.-]|\d)"
    r"|floating-buttons|cookie-law-|law-enforcement-|(?:^|[.-])compliance-[a-z]{3,8}\.|i-?love-?v?italy|o-o-\d+-o-o"
    r"|make-?money-?(?:online|fast|now)|get-?rich-?quick|(?:pills|meds)-?(?:online|order|24h?)|(?:buy|cheap)-?pills"
    r"|uptime-?(?:bot|checker)|growth-hacking[a-z]{1,3}\.|perform-like|free-?(?:video-tool|fb|fbook)|-liar\."
    r"|(?:best|free|top)-?torrents?|download(?:best|my)(?:files|torrent|software)|azartn|kazino|casino-?(?:online|bonus|x)"
)
