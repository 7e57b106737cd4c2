-- What became of held calls, and which owners live. All of it may be said again and again.
local gone, keys, buried = {}, {}, {}
local left, kept, confirmed = {}, {}, {}

local function find(id)
  return not gone[id] and readHold(id) or nil
end

local function forget(hold)
  gone[hold.id] = true
  keys[#keys + 1] = hold.key
  note(left, hold.heir or hold.owner, hold.id)
end

local function remember(id)
  buried[#buried + 1] = text(now + tonumber(ARGV[3]))
  buried[#buried + 1] = id
end

local function settle(id, told)
  local hold = find(id)
  if not hold then return 0 end
  local tokens, cost, event = string.match(told, '^(%d+) (%d+) (.*)$')
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

local function interrupt(id, told)
  local hold = find(id)
  if not hold or hold.interrupted then return 0 end
  local tokens, cost = string.match(told, '^(%d+) (%d+)$')
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

local function confirm(id, owners)
  for owner in string.gmatch(owners, '[^\n]+') do note(confirmed, owner, id) end
  return 1
end

local function renew(owner)
  redis.call('ZADD', here .. 'owners', text(now + tonumber(ARGV[2])), owner)
  return 1
end

local done = { settle = settle, interrupt = interrupt, release = releaseOf, cancel = cancel, confirm = confirm, renew = renew }

local function noteEnds()
  for owner, events in pairs(kept) do redis.call('HSET', here .. 'events:' .. owner, unpack(events)) end
  for owner, ids in pairs(confirmed) do redis.call('HDEL', here .. 'events:' .. owner, unpack(ids)) end
  for owner, ids in pairs(left) do redis.call('SREM', here .. 'owned:' .. owner, unpack(ids)) end
  if #keys > 0 then redis.call('DEL', unpack(keys)) end
  if #buried > 0 then redis.call('ZADD', here .. 'ended', unpack(buried)) end
end
