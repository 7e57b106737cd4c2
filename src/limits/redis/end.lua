-- Says what became of held calls, and that an owner lives. All of it may be said again and again.
-- ARGV[2]  how long a call is remembered that was cancelled or interrupted, milliseconds
-- ARGV[3]  lease of owners, milliseconds
-- ARGV     then for each: `settle` call tokens cost event | `interrupt` call tokens cost - | `release` call - - - |
--          `cancel` call - - - | `confirm` call owner - - | `renew` owner - - -. An event that is empty is not kept.
-- returns  for each: 1 done | 2 amended, as it had been interrupted | 0 nothing is held under this id
if not isState('open') then return CLOSED end
local now = readClock()
-- What concerns many calls is said to Redis once, at the end.
local gone, keys, buried = {}, {}, {}
local left, kept, confirmed = {}, {}, {}

local function note(lists, owner, ...)
  local list = lists[owner] or {}
  lists[owner] = list
  for _, item in ipairs({ ... }) do list[#list + 1] = item end
end

local function find(id)
  return not gone[id] and readHold(id) or nil
end

local function forget(hold)
  gone[hold.id] = true
  keys[#keys + 1] = hold.key
  note(left, hold.heir or hold.owner, hold.id)
end

local function remember(id)
  buried[#buried + 1] = text(now + tonumber(ARGV[2]))
  buried[#buried + 1] = id
end

local function settle(id, tokens, cost, event)
  local hold = find(id)
  if not hold then return 0 end
  release(hold, true)
  charge(hold, '1', tokens, cost)
  forget(hold)
  if event ~= '' then
    note(kept, hold.owner, id, event)
    -- Should its owner be dead after all, the event is found like all that the dead leave.
    if hold.heir then redis.call('ZADD', here .. 'owners', 'NX', text(now), hold.owner) end
  end
  return hold.interrupted and 2 or 1
end

local function interrupt(id, tokens, cost)
  local hold = find(id)
  if not hold or hold.interrupted then return 0 end
  release(hold)
  charge(hold, '1', tokens, cost)
  redis.call('HSET', hold.key, 'interrupted', '1', 'tokens', tokens, 'cost', cost)
  note(left, hold.heir or hold.owner, id)
  remember(id)
  return 1
end

local function releaseOf(id)
  local hold = find(id)
  if hold then release(hold) end
  return hold and 1 or 0
end

-- What did not go out took no request either. It is remembered, as the admission itself may be late.
local function cancel(id)
  local hold = find(id)
  if hold then
    release(hold, true)
    charge(hold, '0', '0', '0')
    forget(hold)
  end
  remember(id)
  return hold and 1 or 0
end

local function confirm(id, owner)
  note(confirmed, owner, id)
  return 1
end

local function renew(owner)
  redis.call('ZADD', here .. 'owners', text(now + tonumber(ARGV[3])), owner)
  return 1
end

local done = { settle = settle, interrupt = interrupt, release = releaseOf, cancel = cancel, confirm = confirm, renew = renew }
local outcomes = {}
for at = 4, #ARGV, 5 do
  outcomes[#outcomes + 1] = done[ARGV[at]](ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4])
end

for owner, events in pairs(kept) do redis.call('HSET', here .. 'events:' .. owner, unpack(events)) end
for owner, ids in pairs(confirmed) do redis.call('HDEL', here .. 'events:' .. owner, unpack(ids)) end
for owner, ids in pairs(left) do redis.call('SREM', here .. 'owned:' .. owner, unpack(ids)) end
if #keys > 0 then redis.call('DEL', unpack(keys)) end
if #buried > 0 then redis.call('ZADD', here .. 'ended', unpack(buried)) end
return outcomes
