-- Asks for the addresses of a file one after the other, and says what it measured as one line of JSON.
local urls = {}
for line in io.lines(os.getenv("FIELDBOOK_BENCH_URLS")) do urls[#urls + 1] = line end
local at = 0

request = function()
  at = at % #urls + 1
  return wrk.format("GET", urls[at])
end

done = function(summary, latency)
  io.write(string.format(
    '\n{"requests":%d,"micros":%d,"bytes":%d,"p50":%d,"p95":%d,"p99":%d,"refused":%d,"broken":%d}\n',
    summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(95), latency:percentile(99),
    summary.errors.status, summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
