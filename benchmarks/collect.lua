-- wrk's script for benchmarks/collect.py: 20,000 different events of 2,500 user agents on 10,000 pages.
local REQUESTS, AGENTS, PAGES = 20000, 2500, 10000
local shapes = {
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.%d.0 Safari/537.36",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/%d.%d Safari/605.1.15",
  "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.%d.0 Mobile Safari/537.36",
  "Mozilla/5.0 (X11; Linux x86_64; rv:%d.%d) Gecko/20100101 Firefox/125.0",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/%d.%d Mobile/15E148 Safari/604.1",
}
local referrers = {
  'null', 'null', '"https://www.google.com/"', '"https://portal.example/start"', '"https://news.example.org/a/b"',
}
local requests, next_one = {}, 0

function init()
  math.randomseed(7)
  for n = 1, REQUESTS do
    local agent = (n * 7919) % AGENTS
    local page = math.random(PAGES)
    wrk.headers["User-Agent"] = string.format(shapes[agent % 5 + 1], 60 + agent % 60, math.floor(agent / 60))
    wrk.headers["Accept-Language"] = "de-AT,de;q=0.9,en;q=0.8"
    wrk.headers["Content-Type"] = "text/plain"
    wrk.headers["Origin"] = "https://portal.example"
    requests[n] = wrk.format("POST", "/api/event", nil, string.format(
      '{"n":"pageview","u":"https://portal.example/topic-%d/page-%d","d":"portal.example","r":%s}',
      page % 40, page, referrers[n % #referrers + 1]))
  end
end

function request()
  next_one = next_one % REQUESTS + 1
  return requests[next_one]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "seconds": %.6f, "refused": %d, "failed": %d, "p50_ms": %.3f, "p99_ms": %.3f}\n',
    summary.requests, summary.duration / 1e6, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
