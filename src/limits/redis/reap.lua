-- Ends the holds of owners that have died: they are charged their worst case, which a later settlement amends. Then forgets what is
-- long over.
-- ARGV     how long a reaped call is remembered, milliseconds; how much to do at most, so that nobody waits long for the script
-- returns  {call, owner, tokens, cost, memo} for each call that was reaped
local now = readClock()
local keep, most = tonumber(ARGV[1]), tonumber(ARGV[2])

local function reap(hold)
  release(hold)
  charge(hold, '1', hold.tokens, hold.cost)
  redis.call('HSET', hold.key, 'reaped', '1')
  remember(hold.id, now + keep)
  return { hold.id, hold.owner, hold.tokens, hold.cost, hold.memo }
end

local reaped = {}
for _, owner in ipairs(redis.call('ZRANGEBYSCORE', shard .. 'owners', '-inf', text(now), 'LIMIT', 0, most)) do
  local owned = shard .. 'owned:' .. owner
  local calls = redis.call('SPOP', owned, math.max(1, most - #reaped))
  for _, id in ipairs(calls) do
    local hold = readHold(id)
    if hold then reaped[#reaped + 1] = reap(hold) end
  end
  if redis.call('EXISTS', owned) == 0 then redis.call('ZREM', shard .. 'owners', owner) end
  if #reaped >= most then break end
end

for _, id in ipairs(redis.call('ZRANGEBYSCORE', shard .. 'ended', '-inf', text(now), 'LIMIT', 0, most)) do
  redis.call('ZREM', shard .. 'ended', id)
  redis.call('DEL', shard .. 'hold:' .. id)
end

for _, counter in ipairs(redis.call('ZRANGEBYSCORE', shard .. 'periods', '-inf', text(now - keep), 'LIMIT', 0, most)) do
  local held = redis.call('HGET', shard .. counter, 'held')
  if not held or held == '0' then
    redis.call('DEL', shard .. counter)
    redis.call('ZREM', shard .. 'periods', counter)
  end
end
return reaped
