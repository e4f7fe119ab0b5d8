// What a portal may want beyond hubbub.js, each by an attribute of this script's tag, which stands before that of
// hubbub.js: data-returning, data-forms, data-downloads, data-hash, data-manual; and amounts of events. Explained in
// docs/tracker.md. Nothing is kept in the browser but, after hubbub.consent(true), the day number of the last visit.
try {
  const OUTLINK = "Outbound Link: Click", DOWNLOAD = "File Download", KEPT = "hubbub", DAY_MS = 864e5
  if (typeof window.hubbub !== "function") window.hubbub = function () { (hubbub.q = hubbub.q || []).push(arguments) }
  // The scripts that stand in for other trackers' (compat_*.js) come before this one, with options and an `adapt`.
  const early = hubbub, {adapt} = early, has = early.options || document.currentScript.dataset

  const refused = () => navigator.globalPrivacyControl || navigator.doNotTrack == 1 || window.hubbubOptOut

  // Returning visitors. `bucket` waits for the next page view, or for the report on the one that is being read.
  let bucket
  const today = () => {
    const now = new Date()
    return Date.UTC(now.getFullYear(), now.getMonth(), now.getDate()) / DAY_MS
  }
  const look = () => {
    const last = localStorage.getItem(KEPT), days = today() - last
    localStorage.setItem(KEPT, today())
    if (last === null) bucket = 0
    else if (days > 0) bucket = days < 2 ? 1 : days < 8 ? 2 : days < 31 ? 3 : 4
  }
  const forget = () => {
    bucket = undefined
    localStorage.removeItem(KEPT)
  }
  const consent = given => {
    if (document.prerendering) return listen("prerenderingchange", () => consent(given))
    try { given && "returning" in has && !refused() ? look() : forget() } catch {}
  }
  const tellReturning = event => {
    if (refused()) return forget()
    if (document.prerendering) return
    if (localStorage.getItem(KEPT) !== null) look()
    if (bucket !== undefined) event.hr = bucket
    bucket = undefined
  }

  // Page views by hand: those of hubbub.js, which tell the page before, are left out; reports go with those called for.
  let shown, before
  const isByHand = event => {
    if ("r" in event && (event.n === "pageview" || event.n === "404")) {
      before = before ?? event.r
      shown = undefined
    } else if (event.n === "pageview") {
      event.r = before || ""
      before = ""
      shown = event.u
    } else if (event.n === "engagement") {
      event.u = shown
    } else return true
    return shown !== undefined
  }

  // Downloads by the site's own list of extensions.
  const isFile = ({pathname}) =>
    has.downloads.toLowerCase().split(/[\s,]+/).includes(pathname.split(".").pop().toLowerCase())
  let isOwn
  const isMeant = event => {
    const url = new URL(event.p.url)
    if (url.host === location.host) return isOwn
    event.n = isFile(url) ? DOWNLOAD : OUTLINK
    return true
  }
  const listen = (types, handle) => types.split(" ").map(type => addEventListener(type, happened => {
    try { handle(happened) } catch {}
  }, true))
  listen("click auxclick", ({button, target}) => {
    const link = "downloads" in has && button < 2 && target.closest("a[href]")
    if (!link || link.host !== location.host || !isFile(link)) return
    isOwn = true
    hubbub(DOWNLOAD, {p: {url: link.origin + link.pathname}})
    isOwn = false
  })

  listen("submit", ({target}) => {
    if ("forms" in has && !target.matches("[data-hubbub-event]")) hubbub("Form: Submission")
  })

  // What the element says that the event is worth, when it is one of an element.
  const addAmount = event => {
    const element = window.event?.target?.closest?.("[data-hubbub-event]"), said = element?.dataset
    if (said?.hubbubAmount && said.hubbubEvent === event.n && !event.$)
      event.$ = {amount: said.hubbubAmount, currency: said.hubbubCurrency}
  }

  // hubbub.js hands over each event before it is sent; what is given back is sent, and nothing when that is undefined.
  const change = event => {
    hubbub.consent = consent
    early.h = end()
    if ("manual" in has && !isByHand(event)) return
    if ("downloads" in has && (event.n === OUTLINK || event.n === DOWNLOAD) && !isMeant(event)) return
    if ("hash" in has) event.h = 1
    addAmount(event)
    if ("returning" in has && (event.n === "pageview" || event.n === "engagement")) tellReturning(event)
    return adapt ? adapt(event) : event
  }
  const end = () => "hash" in has && " "  // no address has a space: all of it tells pages apart
  early.consent = consent
  early.h = end()
  early.w = (key, value) => {
    if (key || !value?.n) return value
    try { return change(value) || undefined } catch { return adapt ? undefined : value }
  }
} catch {}
