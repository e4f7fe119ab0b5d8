// Stands where pages load Umami's script from: reads what its snippet says and leaves the rest to hubbub.more.js and
// hubbub.js, which follow it in the same answer. Written for hubbub; explained in docs/switching.md.
try {
  const tag = document.currentScript, data = tag.dataset, isByHand = data.autoTrack === "false"
  const root = data.hostUrl || tag.src.split("?")[0].replace(/\/[^/]*$/, "")
  const hosts = (data.domains || "").split(",").map(host => host.trim()).filter(Boolean)
  data.api = root.replace(/\/$/, "") + "/api/event"

  const path = url => url && url.startsWith(location.origin) ? url.slice(location.origin.length) : url
  const properties = event => ({
    website: data.websiteId, hostname: location.hostname, url: path(event?.u || location.href),
    referrer: event?.r ?? document.referrer, ...event?.name && {name: event.name, data: event.p},
  })
  // Who left himself out of the old tracker's counting stays out.
  const objects = () => { try { return !!localStorage.getItem("umami.disabled") } catch { return false } }
  const adapt = event => {
    if (objects()) return
    if (hosts.length && !hosts.includes(location.hostname)) return
    event.d = "umami:" + data.websiteId.toLowerCase()
    if (data.excludeSearch === "true") event.u = event.u.split("?")[0]
    const change = window[data.beforeSend]
    if (typeof change !== "function" || event.n === "engagement") return event
    const asked = properties({...event, name: event.n === "pageview" ? "" : event.n})
    const changed = change("event", asked)
    if (!changed) return
    if (typeof changed.url === "string") event.u = new URL(changed.url, location.href).href
    if (changed.name) event.n = changed.name
    if (changed.data) event.p = changed.data
    return event
  }

  const send = ({name, url, data: said}) => {
    const event = {p: said}
    if (url) event.u = new URL(url, location.href).href
    if (said?.revenue) event.$ = {amount: said.revenue, currency: said.currency}
    hubbub(name || "pageview", event)
  }
  const track = async (what, said) => {
    try {
      if (typeof what === "function") send(what(properties()))
      else send(typeof what === "string" ? {name: what, data: said} : what || {})
    } catch {}
  }
  const ignore = async () => {}  // identify: who someone is, is not asked here
  const umami = Object.assign((...call) => track(...call), {
    track, identify: ignore, trackEvent: track, trackView: url => track({url}),
  })

  // <button data-umami-event="Signup" data-umami-event-plan="basic">
  const click = ({button, target}) => {
    const element = target.closest("[data-umami-event]")
    if (!element || button > 1) return
    const said = {}
    for (const {name, value} of element.attributes) {
      const key = name.split("data-umami-event-")[1]
      if (key) said[key] = value
    }
    track(element.dataset.umamiEvent, said)
  }
  if (!isByHand) for (const type of ["click", "auxclick"])
    addEventListener(type, event => { try { click(event) } catch {} }, true)

  window.hubbub = Object.assign((...call) => hubbub.q.push(call), {q: [], options: isByHand ? {manual: ""} : {}, adapt})
  if (!window.umami) window.umami = umami
} catch {}
