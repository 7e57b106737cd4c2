-- Tells what is left in earlier generations of owners who have died: nobody joins for them.
-- ARGV     the owners who live
-- returns  {call, tenant, tokens, cost, memo} for each hold; {call, event, owner} for each event
if not isState('joining') then return CLOSED end
local living, holds, events = {}, {}, {}
for at = 2, #ARGV do living[ARGV[at]] = true end

local function tell(earlier, owner)
  for _, id in ipairs(redis.call('SMEMBERS', earlier .. 'owned:' .. owner)) do
    local hold = redis.call('HMGET', earlier .. 'hold:' .. id, 'tenant', 'tokens', 'cost', 'memo')
    if hold[1] then holds[#holds + 1] = { id, unpack(hold) } end
  end
  local kept = redis.call('HGETALL', earlier .. 'events:' .. owner)
  for at = 1, #kept, 2 do events[#events + 1] = { kept[at], kept[at + 1], owner } end
end

for _, number in ipairs(redis.call('SMEMBERS', shard .. 'earlier')) do
  local earlier = shard .. 'g' .. number .. ':'
  for _, owner in ipairs(redis.call('ZRANGE', earlier .. 'owners', 0, -1)) do
    if not living[owner] then tell(earlier, owner) end
  end
end
return { holds, events }
