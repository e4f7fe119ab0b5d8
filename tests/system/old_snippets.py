"""The snippets that other trackers tell people to put on their pages, and a page that has one."""

from tracker_site import Site, Stats

UMAMI = "94db1cb1-74f4-4a40-ad6c-962362670409"
MATOMO = """<script>
  var _paq = window._paq = window._paq || [];
  SETTINGS
  _paq.push(['trackPageView']);
  _paq.push(['enableLinkTracking']);
  (function() {
    var u="{{STATS}}/";
    _paq.push(['setTrackerUrl', u+'matomo.php']);
    _paq.push(['setSiteId', '7']);
    var d=document, g=d.createElement('script'), s=d.getElementsByTagName('script')[0];
    g.async=true; g.src=u+'matomo.js'; s.parentNode.insertBefore(g,s);
  })();
</script>"""
PLAUSIBLE_INIT = """<script async src="{{STATS}}/js/pa-Ab_3-x.js"></script>
<script>
  window.plausible=window.plausible||function(){(plausible.q=plausible.q||[]).push(arguments)},
  plausible.init=plausible.init||function(i){plausible.o=i||{}};
  plausible.init(OPTIONS)
</script>"""
QUEUE = """window.plausible = window.plausible || function() {
  (window.plausible.q = window.plausible.q || []).push(arguments)
}"""


def show(portal: Site, head: str, body: str = "", name: str = "old.html") -> str:
    """The address of a page with a snippet in its head."""
    portal.shown[name] = f'<!doctype html><html><head><meta charset="utf-8">{head}</head><body>{body}</body></html>'
    return f"{portal.origin}/{name}"


def plausible(name: str = "script.local.js", more: str = "") -> str:
    return f'<script defer data-domain="portal.example" src="{{{{STATS}}}}/js/{name}" {more}></script>'


def umami(more: str = "") -> str:
    return f'<script defer src="{{{{STATS}}}}/script.js" data-website-id="{UMAMI.upper()}" {more}></script>'


def goatcounter(more: str = "", settings: str = "") -> str:
    said = f"data-goatcounter-settings='{{\"allow_local\": true{settings}}}'"
    return f'<script data-goatcounter="{{{{STATS}}}}/count" async src="{{{{STATS}}}}/count.js" {said} {more}></script>'


def matomo(settings: str = "") -> str:
    return MATOMO.replace("SETTINGS", settings)


def names(stats: Stats) -> list[str]:
    """The names of all events but engagement, sorted."""
    return [body["n"] for body in stats.happened()]
