-- Holds, and the ways in which they end.

local function readHold(id)
  local key = here .. 'hold:' .. id
  local fields = redis.call('HGETALL', key)
  if #fields == 0 then return nil end
  local hold = { id = id, key = key, taken = {} }
  for at = 1, #fields, 2 do
    local name, value = fields[at], fields[at + 1]
    if string.find(name, ':', 1, true) then hold.taken[name] = value else hold[name] = value end
  end
  return hold
end

-- Of a hold that is dropped next, nothing need be noted.
local function release(hold, isOver)
  for counter, receipt in pairs(hold.taken) do
    if receipt == 'calls' then
      if redis.call('DECR', here .. counter) <= 0 then redis.call('DEL', here .. counter) end
      if not isOver then redis.call('HDEL', hold.key, counter) end
      hold.taken[counter] = nil
    end
  end
end

-- Puts the truth in the place of what stands for the call; of one that was interrupted, that is among what is spent.
local function charge(hold, requests, tokens, cost)
  for counter, receipt in pairs(hold.taken) do
    local kind, grain = string.match(receipt, '^(%l+)(%d*)$')
    local key = keyOf(kind, counter)
    if kind == 'requests' then
      change(key, grain, '1', requests)
    elseif kind == 'tokens' then
      change(key, grain, hold.tokens, tokens)
    elseif kind == 'rolling' then
      change(key, grain, hold.cost, cost)
    elseif kind == 'budget' then
      subtract(key, hold.interrupted and 'spent' or 'held', hold.cost)
      add(key, 'spent', cost)
    end
  end
end
