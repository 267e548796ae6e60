-- Repeats one request, given by BENCH_METHOD, BENCH_BODY, BENCH_IF_NONE_MATCH, BENCH_AUTHORIZATION and BENCH_HEADERS (a line each).
-- Ends with one line for the program that started it.
wrk.method = os.getenv("BENCH_METHOD") or "GET"
local body = os.getenv("BENCH_BODY")
if body then
  wrk.body = body
  wrk.headers["Content-Type"] = "application/json"
end
local tag = os.getenv("BENCH_IF_NONE_MATCH")
if tag then
  wrk.headers["If-None-Match"] = tag
end

local authorization = os.getenv("BENCH_AUTHORIZATION")
if authorization then
  wrk.headers["Authorization"] = authorization
end

for name, value in (os.getenv("BENCH_HEADERS") or ""):gmatch("([^:\n]+): ([^\n]+)") do
  wrk.headers[name] = value
end

function done(summary, latency)
  local errors = summary.errors
  print(string.format(
    "BENCH %d %d %d %d %d",
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
