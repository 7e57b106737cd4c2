-- One request against a sliding window, on Redis's own clock. A refused request is not counted.
-- KEYS[1]  the times of the counted requests in milliseconds, oldest first
-- ARGV     window in milliseconds, limit
-- returns  {1 admitted | 0 refused, requests in the window, milliseconds until the oldest leaves it}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local window, limit = tonumber(ARGV[1]), tonumber(ARGV[2])

local oldest = redis.call('LINDEX', KEYS[1], 0)
while oldest and tonumber(oldest) <= now - window do
  redis.call('LPOP', KEYS[1])
  oldest = redis.call('LINDEX', KEYS[1], 0)
end

local hits = redis.call('LLEN', KEYS[1])
local reset = (oldest or now) + window - now
if hits >= limit then return {0, hits, reset} end

redis.call('RPUSH', KEYS[1], string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], window)
return {1, hits + 1, reset}
