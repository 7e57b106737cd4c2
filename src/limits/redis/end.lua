-- Says what became of held calls, and that an owner lives. All of it may be said again and again.
-- ARGV[1]  how long a cancelled call is remembered, milliseconds
-- ARGV[2]  lease of owners, milliseconds
-- ARGV     then for each: `settle` call tokens cost | `release` call - - | `cancel` call - - | `renew` owner - -
-- returns  for each: 1 done | 2 amended, as it had been reaped | 0 nothing is held under this id
local now = readClock()

local function forget(hold)
  redis.call('DEL', hold.key)
  redis.call('SREM', shard .. 'owned:' .. hold.owner, hold.id)
end

local function settle(id, tokens, cost)
  local hold = readHold(id)
  if not hold then return 0 end
  release(hold)
  charge(hold, '1', tokens, cost)
  forget(hold)
  return hold.reaped and 2 or 1
end

local function releaseOf(id)
  local hold = readHold(id)
  if hold then release(hold) end
  return hold and 1 or 0
end

-- What did not go out took no request either. It is remembered, as the admission itself may be late.
local function cancel(id)
  local hold = readHold(id)
  if hold then
    release(hold)
    charge(hold, '0', '0', '0')
    forget(hold)
  end
  remember(id, now + tonumber(ARGV[1]))
  return hold and 1 or 0
end

local function renew(owner)
  redis.call('ZADD', shard .. 'owners', text(now + tonumber(ARGV[2])), owner)
  return 1
end

local done = { settle = settle, release = releaseOf, cancel = cancel, renew = renew }
local outcomes = {}
for at = 3, #ARGV, 4 do
  outcomes[#outcomes + 1] = done[ARGV[at]](ARGV[at + 1], ARGV[at + 2], ARGV[at + 3])
end
return outcomes
