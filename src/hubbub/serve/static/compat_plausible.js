// Stands where pages load Plausible's script from: reads what its snippets say and leaves the rest to hubbub.more.js
// and hubbub.js, which follow it in the same answer. Written for hubbub; explained in docs/switching.md.
try {
  const tag = document.currentScript, data = tag.dataset, stub = window.plausible || {}
  const features = new URL(tag.src).pathname.split("/").pop().split(".")
  const FILES = "pdf,csv,zip,doc,docx,xls,xlsx,ppt,pptx,odt,ods,odp,json,gpx,ics,mp3,mp4"
  const NAMED = '[class*="plausible-event-name="],[class*="plausible-event-name--"]'
  let said = stub.o || {}

  const patterns = list => (list || "").split(",").filter(Boolean).map(pattern =>
    new RegExp("^" + pattern.trim().replace(/[.+?^${}()|[\]\\]/g, "\\$&")
      .replace(/\*+/g, stars => stars === "*" ? "[^/]*" : ".*") + "/?$"))
  const excluded = patterns(data.exclude), included = patterns(data.include)

  const isOff = () => !said.captureOnLocalhost && !features.includes("local") &&
    (location.protocol === "file:" || /^(localhost|127\.[\d.]+|\[::1])$/.test(location.hostname))
  const isLeftOut = () => excluded.some(pattern => pattern.test(location.pathname)) ||
    included.length > 0 && !included.some(pattern => pattern.test(location.pathname))

  const options = {}
  const read = () => {
    if (said.hashBasedRouting || features.includes("hash")) options.hash = ""
    if (said.autoCapturePageviews === false || features.includes("manual")) options.manual = ""
    if (said.formSubmissions) options.forms = ""
    const list = said.fileDownloads?.fileExtensions?.join(",") || tag.getAttribute("file-types")
    const more = tag.getAttribute("add-file-types")
    if (list) options.downloads = list
    else if (more) options.downloads = `${more},${FILES}`
    if (said.endpoint) data.api = said.endpoint
  }
  read()
  const isWaiting = !data.domain && !stub.o  // for plausible.init()
  if (isWaiting) options.manual = ""

  // Who left himself out of the old tracker's counting stays out.
  const objects = () => { try { return localStorage.getItem("plausible_ignore") === "true" } catch { return false } }
  const adapt = event => {
    if (isOff() || objects()) return
    if ((event.n === "pageview" || event.n === "engagement") && isLeftOut()) return
    if (/^(Outbound|File)/.test(event.n) && window.event?.target?.closest?.(NAMED)) return
    const own = said.customProperties
    const more = typeof own === "function" ? own(event.n) : own
    if (more && event.n !== "engagement") event.p = {...more, ...event.p}
    return said.transformRequest && event.n !== "engagement" ? said.transformRequest(event) : event
  }

  const track = (name, given = {}) => {
    const event = {p: given.props || given.meta}, address = given.u || given.url
    if (address) event.u = typeof address === "function" ? address() : address
    if (given.revenue) event.$ = given.revenue
    if (given.interactive === false) event.i = false
    hubbub(name, event)
    if (given.callback) setTimeout(given.callback, 0, {status: 202})
  }
  const plausible = (name, given) => { try { track(name, given) } catch {} }
  plausible.l = true
  plausible.init = given => {
    if (stub.o || plausible.o) return
    plausible.o = said = given || {}
    read()
    if (!isWaiting || said.autoCapturePageviews === false) return
    hubbub("pageview", said.hashBasedRouting ? {u: location.href} : {})
    delete options.manual
  }

  // Events by class: plausible-event-name=Signup plausible-event-plan=basic plausible-revenue-amount=10
  const click = ({type, button, target}) => {
    const element = target.closest(NAMED)
    if (!element || button > 1 || type === "submit" !== element.matches("form")) return
    const given = {props: {}, revenue: {}}, link = target.closest("a[href]")
    let name
    for (const one of element.classList) {
      const [, kind, key, value] = /^plausible-(event|revenue)-(.+?)(?:=|--)(.+)$/.exec(one) || []
      if (kind === "revenue") given.revenue[key] = value
      else if (key === "name") name = value.replaceAll("+", " ")
      else if (kind) given.props[key] = value.replaceAll("+", " ")
    }
    if (link?.host) given.props.url = link.origin + link.pathname  // a link to mail or a telephone has none
    if (!given.revenue.amount) delete given.revenue
    plausible(name, given)
  }
  for (const type of ["click", "auxclick", "submit"])
    addEventListener(type, event => { try { click(event) } catch {} }, true)

  // A stub of its own, not the page's: a page with hubbub's tag as well would count twice.
  window.hubbub = Object.assign((...call) => hubbub.q.push(call), {q: [], options, adapt})
  window.plausible = plausible
  for (const call of stub.q || []) plausible(...call)
} catch {}
