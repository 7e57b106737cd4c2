-- Hands what dead owners have left to an heir. Calls that they held are the heir's from then on, and told again as long as they are
-- not interrupted or settled; events that they had not confirmed stay where they are, and are told to whoever asks. Then forgets what
-- is long over.
-- ARGV[2]  how long a period's counters are kept, milliseconds
-- ARGV[3]  lease of owners, milliseconds
-- ARGV[4]  how much to do at most of each, so that nobody waits long for the script
-- ARGV[5]  the heir
-- returns  {call, tenant, tokens, cost, memo} for each hold; {call, event, owner} for each event
if not isState('open') then return CLOSED end
local now = readClock()
local keep, most, heir = tonumber(ARGV[2]), tonumber(ARGV[4]), ARGV[5]
local owners, inherited = here .. 'owners', here .. 'inherited:' .. heir
local alive = text(now + tonumber(ARGV[3]))
local holds, events = {}, {}
local left = most

local function inherit(id)
  local key = here .. 'hold:' .. id
  if redis.call('EXISTS', key) == 0 then return end
  redis.call('HSET', key, 'heir', heir)
  redis.call('SADD', here .. 'owned:' .. heir, id)
  redis.call('SADD', inherited, id)
  redis.call('ZADD', owners, alive, heir)
end

local function inheritFrom(owner)
  local owned, outbox = here .. 'owned:' .. owner, here .. 'events:' .. owner
  local calls = left > 0 and redis.call('SPOP', owned, left) or {}
  left = left - #calls
  for _, id in ipairs(calls) do inherit(id) end
  local found = #events < most and redis.call('HRANDFIELD', outbox, most - #events, 'WITHVALUES') or {}
  for at = 1, #found, 2 do events[#events + 1] = { found[at], found[at + 1], owner } end
  if redis.call('EXISTS', owned, outbox) == 0 then
    redis.call('ZREM', owners, owner)
    redis.call('DEL', here .. 'inherited:' .. owner)
  end
end

for _, owner in ipairs(redis.call('ZRANGEBYSCORE', owners, '-inf', text(now), 'LIMIT', 0, most)) do
  -- Whoever asks lives.
  if owner == heir then redis.call('ZADD', owners, alive, heir) else inheritFrom(owner) end
end

for _, id in ipairs(redis.call('SRANDMEMBER', inherited, most)) do
  local hold = redis.call('HMGET', here .. 'hold:' .. id, 'tenant', 'tokens', 'cost', 'memo', 'heir', 'interrupted')
  if hold[5] == heir and not hold[6] then
    holds[#holds + 1] = { id, hold[1], hold[2], hold[3], hold[4] }
  else
    redis.call('SREM', inherited, id)
  end
end

for _, id in ipairs(redis.call('ZRANGEBYSCORE', here .. 'ended', '-inf', text(now), 'LIMIT', 0, most)) do
  redis.call('ZREM', here .. 'ended', id)
  redis.call('DEL', here .. 'hold:' .. id)
end

for _, name in ipairs(redis.call('ZRANGEBYSCORE', here .. 'periods', '-inf', text(now - keep), 'LIMIT', 0, most)) do
  local held = redis.call('HGET', here .. name, 'held')
  if not held or held == '0' then
    redis.call('DEL', here .. name)
    redis.call('ZREM', here .. 'periods', name)
    redis.call('HDEL', here .. 'slices', name)
    redis.call('HDEL', here .. 'pools', (string.gsub(name, '^lent:', '')))
  end
end
return { holds, events }
