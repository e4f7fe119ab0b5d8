-- wrk's script for benchmarks/collect.py: different requests of 2,500 user agents on 10,000 pages, in the protocol that
-- stands behind `--`.
local AGENTS, PAGES = 2500, 10000
local REQUESTS = { events = 1000 }
local BATCH = 100
local shapes = {
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.%d.0 Safari/537.36",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/%d.%d Safari/605.1.15",
  "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.%d.0 Mobile Safari/537.36",
  "Mozilla/5.0 (X11; Linux x86_64; rv:%d.%d) Gecko/20100101 Firefox/125.0",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/%d.%d Mobile/15E148 Safari/604.1",
}
local referrers = { "", "", "https://www.google.com/", "https://portal.example/start", "https://news.example.org/a/b" }
local requests, next_one, protocol = {}, 0, "plausible"

local function agent_of(n)
  local agent = (n * 7919) % AGENTS
  return string.format(shapes[agent % 5 + 1], 60 + agent % 60, math.floor(agent / 60))
end

local function escape(text)
  return (text:gsub("[^%w%-_.~]", function(c) return string.format("%%%02X", c:byte()) end))
end

local write = {}

function write.plausible(n, path, referrer)
  wrk.headers["Content-Type"] = "text/plain"
  return wrk.format("POST", "/api/event", nil, string.format(
    '{"n":"pageview","v":24,"u":"https://portal.example%s","d":"portal.example","r":%s}',
    path, referrer == "" and "null" or '"' .. referrer .. '"'))
end

function write.umami(n, path, referrer)
  wrk.headers["Content-Type"] = "application/json"
  return wrk.format("POST", "/api/send", nil, string.format(
    '{"type":"event","payload":{"website":"94db1cb1-74f4-4a40-ad6c-962362670409","screen":"1920x1080","language":"de-AT",'
    .. '"title":"A page of the portal","hostname":"portal.example","url":"https://portal.example%s","referrer":"%s"}}',
    path, referrer))
end

function write.matomo(n, path, referrer)
  return wrk.format("GET", string.format(
    "/matomo.php?action_name=A%%20page&idsite=1&rec=1&r=%d&h=14&m=5&s=31&url=%s&urlref=%s&_id=91d5f6c0a1b2c3d4&_idn=1"
    .. "&send_image=0&_refts=0&pv_id=x%05d&pf_net=1&pf_srv=21&pf_tfr=1&cookie=1&res=1920x1080",
    100000 + n, escape("https://portal.example" .. path), escape(referrer), n))
end

function write.goatcounter(n, path, referrer)
  wrk.headers["Referer"] = "https://portal.example/"
  return wrk.format("GET", string.format(
    "/count?p=%s&r=%s&t=A%%20page&s=1920,1080,1&b=0&q=&rnd=%05d", escape(path), escape(referrer), n))
end

function write.pixel(n, path, referrer)
  return wrk.format("GET", string.format(
    "/hubbub.gif?d=portal.example&u=%s&r=%s", escape("https://portal.example" .. path), escape(referrer)))
end

function write.events(n)
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["Authorization"] = "Bearer a-key-of-the-benchmark"
  wrk.headers["Idempotency-Key"] = string.format("batch-%d", n)
  local events = {}
  for each = 1, BATCH do
    local page = math.random(PAGES)
    events[each] = string.format(
      '{"name":"pageview","site":"portal.example","url":"https://portal.example/topic-%d/page-%d","referrer":"%s",'
      .. '"visitor":{"address":"81.217.%d.%d","user_agent":"%s","language":"de-AT"}}',
      page % 40, page, referrers[each % #referrers + 1], n % 250, each, agent_of(n * BATCH + each))
  end
  return wrk.format("POST", "/api/v1/events", nil, '{"events":[' .. table.concat(events, ",") .. "]}")
end

function init(args)
  protocol = args[1] or protocol
  math.randomseed(7)
  for n = 1, REQUESTS[protocol] or 20000 do
    local page = math.random(PAGES)
    wrk.headers["User-Agent"] = agent_of(n)
    wrk.headers["Accept-Language"] = "de-AT,de;q=0.9,en;q=0.8"
    wrk.headers["Origin"] = "https://portal.example"
    requests[n] = write[protocol](n, string.format("/topic-%d/page-%d", page % 40, page), referrers[n % #referrers + 1])
  end
end

function request()
  next_one = next_one % #requests + 1
  return requests[next_one]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "seconds": %.6f, "refused": %d, "failed": %d, "p50_ms": %.3f, "p99_ms": %.3f}\n',
    summary.requests, summary.duration / 1e6, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
