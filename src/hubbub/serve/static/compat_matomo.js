// Stands where pages load matomo.js or piwik.js from: reads what their queue `_paq` says and leaves the rest to
// hubbub.more.js and hubbub.js, which follow it in the same answer. Written for hubbub; explained in docs/switching.md.
try {
  const tag = document.currentScript, options = {manual: ""}
  const FILES = "pdf|csv|zip|doc|docx|xls|xlsx|ppt|pptx|odt|ods|odp|json|gpx|ics|mp3|mp4"
  let site = "", tracker = new URL("matomo.php", tag.src), page, referrer, isHeld = false, held = []
  // What a visitor told Matomo holds on: that he objected, or agreed to be asked no more.
  const has = cookie => document.cookie.split("; ").some(pair => pair.startsWith(cookie + "="))
  let isOut = has("mtm_consent_removed")

  const absolute = url => new URL(url, location.href).href
  const send = (name, event = {}) => {
    if (isHeld) held.push([name, event])
    else hubbub(name, event)
  }
  const release = () => {
    isHeld = false
    for (const call of held.splice(0)) hubbub(...call)
  }
  const list = extensions => [].concat(extensions).join("|")
  const said = {
    setTrackerUrl(url) {
      tracker = new URL(url, location.href)
      tag.dataset.api = new URL("api/event", tracker).href
    },
    setSiteId(id) { site = id },
    setCustomUrl(url) { page = absolute(url) },
    setReferrerUrl(url) { referrer = url },
    trackPageView() { send("pageview", page && {u: page}) },
    trackEvent(category, action, name, value) {
      send(category, {p: {action, ...name && {name: String(name)}}, ...value && {$: {amount: value}}})
    },
    trackGoal(id, revenue) { send("Goal " + id, revenue ? {$: {amount: revenue}} : {}) },
    trackEcommerceOrder(_id, total) { send("Ecommerce Order", {$: {amount: total}}) },
    trackEcommerceCartUpdate(total) { send("Ecommerce Cart Update", {$: {amount: total}}) },
    trackSiteSearch(search) {
      if (navigator.globalPrivacyControl || navigator.doNotTrack == 1 || window.hubbubOptOut || isHeld || isOut) return
      const url = new URL(tracker)
      url.search = new URLSearchParams({idsite: site, rec: 1, send_image: 0, url: page || location.href, search})
      fetch(url, {keepalive: true, credentials: "omit", mode: "no-cors"}).catch(() => {})
    },
    trackLink(url, type) {
      send(type === "download" ? "File Download" : "Outbound Link: Click", {p: {url: absolute(url)}})
    },
    setDownloadExtensions(extensions) { options.downloads = list(extensions).replaceAll("|", ",") },
    addDownloadExtensions(extensions) { said.setDownloadExtensions(`${list(extensions)}|${FILES}`) },
    requireConsent() { isHeld = !has("mtm_consent") },
    setConsentGiven: release,
    rememberConsentGiven: release,
    forgetConsentGiven() { isHeld = true },
    optUserOut() { isOut = true },
    forgetUserOptOut() { isOut = false },
    isUserOptedOut: () => isOut,
    getSiteId: () => site,
    getTrackerUrl: () => tracker.href,
    getVisitorId: () => "",
  }
  // All else that Matomo knows (cookies, user ids, custom variables, heartbeats, content …) is heard and not done.
  const api = new Proxy(said, {get: (known, name) => known[name] || (name === "then" ? undefined : () => {})})

  const run = command => {
    try {
      const [what, ...given] = command
      if (typeof what === "function") what.apply(api, given)
      else api[what.split(/::|\./).pop()](...given)
    } catch {}
  }
  // Campaigns have names of their own in addresses made for Matomo.
  const campaign = /([?&])(?:mtm|pk|matomo|piwik)_(campaign|source|medium|cpn)=/g
  const adapt = event => {
    if (isOut) return
    event.d = "matomo:" + site
    event.u = event.u.replace(campaign, (_, mark, name) => `${mark}utm_${name === "cpn" ? "campaign" : name}=`)
    if (event.n === "pageview" && referrer !== undefined) event.r = referrer
    return event
  }
  said.setTrackerUrl(tracker.href)

  window.hubbub = Object.assign((...call) => hubbub.q.push(call), {q: [], options, adapt})
  // What sets things up comes first, in whatever order the page said it.
  const queue = [].concat(window._paq || []), isSetup = ([what]) => /^(set(?!Consent)|require|addDownload)/.test(what)
  for (const command of [...queue.filter(isSetup), ...queue.filter(command => !isSetup(command))]) run(command)
  window._paq = {push: (...commands) => commands.forEach(run)}
  const connect = (url, id) => {
    if (url) said.setTrackerUrl(url)
    if (id) said.setSiteId(id)
    return api
  }
  window.Matomo = window.Piwik = {
    initialized: true, getTracker: connect, getAsyncTracker: connect, addTracker: () => api, on() {}, off() {},
  }
  for (const ready of ["matomoAsyncInit", "piwikAsyncInit"]) window[ready]?.()
} catch {}
