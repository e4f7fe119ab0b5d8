// Stands where pages load GoatCounter's count.js from: reads what its snippet says and leaves the rest to
// hubbub.more.js and hubbub.js, which follow it in the same answer. Written for hubbub; explained in docs/switching.md.
try {
  const tag = document.currentScript, said = window.goatcounter = window.goatcounter || {}
  Object.assign(said, JSON.parse(tag.dataset.goatcounterSettings || "{}"))
  const endpoint = () => new URL(tag.dataset.goatcounter || said.endpoint ||
    document.querySelector("script[data-goatcounter]")?.dataset.goatcounter || "/count", tag.src)
  const isLocal = /^(localhost|127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(location.hostname)

  // A value, or what a function makes of the usual one.
  const of = (vars, name, usual) => {
    const value = vars[name] === undefined ? said[name] : vars[name]
    return typeof value === "function" ? value(usual) : value === undefined || value === null ? usual : value
  }
  const here = () => {
    const canonical = document.querySelector('link[rel="canonical"][href]')
    const {host, pathname, search} = new URL(canonical ? canonical.href : location.href)
    const isOurs = host.replace(/^www\./, "") === location.host.replace(/^www\./, "")
    return isOurs ? pathname + search : location.pathname + location.search
  }
  let referrer
  said.filter = () => !said.allow_frame && window !== parent ? "frame" : !said.allow_local && isLocal ? "local" : false
  said.url = (vars = {}) => {
    const path = of(vars, "path", here()), url = endpoint()
    if (path === null) return
    url.search = new URLSearchParams({p: path, r: of(vars, "referrer", document.referrer)})
    if (vars.event || said.event) url.searchParams.set("e", "true")
    return url.href
  }
  said.count = (vars = {}) => {
    try {
      const path = of(vars, "path", here())
      if (said.filter() || path === null) return
      const name = path.replace(/^\/+/, "")
      referrer = of(vars, "referrer", document.referrer)
      if (vars.event || said.event) hubbub(name)
      else hubbub("pageview", {u: new URL("/" + name, location.href).href})
    } catch {}
  }
  said.get_query = name => new URLSearchParams(location.search).get(name) ?? undefined
  said.bind_events = () => {}

  // Who left himself out of the old tracker's counting stays out.
  const objects = () => { try { return localStorage.getItem("skipgc") === "t" } catch { return false } }
  const adapt = event => {
    if (objects()) return
    event.d = "goatcounter:" + endpoint().hostname.split(".")[0]
    if (event.n === "pageview") event.r = referrer
    return event
  }
  tag.dataset.api = new URL("api/event", endpoint()).href

  // <button data-goatcounter-click="signup">
  const click = ({button, target}) => {
    const element = target.closest("[data-goatcounter-click]")
    if (!element || button > 1) return
    const {goatcounterClick, goatcounterReferrer} = element.dataset
    said.count({event: true, path: goatcounterClick || element.name || element.id, referrer: goatcounterReferrer})
  }
  if (!said.no_events) for (const type of ["click", "auxclick"])
    addEventListener(type, event => { try { click(event) } catch {} }, true)

  window.hubbub = Object.assign((...call) => hubbub.q.push(call), {q: [], options: {manual: ""}, adapt})
  const begin = () => said.no_onload || said.count()
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", begin)
  else begin()
} catch {}
