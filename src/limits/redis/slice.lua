-- Slices of budgets on everything, and what stands in a counter of money.

-- What was ever lent may in sum pass 2^53; what is lent at one time does not.
local function minus(one, other)
  local high = (tonumber(string.sub(one, 1, -10)) or 0) - (tonumber(string.sub(other, 1, -10)) or 0)
  return high * 1000000000 + tonumber(string.sub(one, -9)) - tonumber(string.sub(other, -9))
end

local function readMoney(bound, now)
  if bound.kind == 'rolling' then
    local window = openWindow(bound.key, bound.from, now)
    bound.window, bound.used, bound.held = window, window.sum, 0
    bound.lent, bound.returned = window.lent or '0', window.returned or '0'
  else
    local sums = redis.call('HMGET', bound.key, 'spent', 'held', 'in', 'out')
    bound.isNew = not sums[1] and not sums[2]
    bound.held = tonumber(sums[2]) or 0
    bound.used = bound.held + (tonumber(sums[1]) or 0)
    bound.lent, bound.returned = sums[3] or '0', sums[4] or '0'
  end
  bound.credit = minus(bound.lent, bound.returned)
end

local function noteSlice(bound)
  if redis.call('HSETNX', here .. 'slices', bound.counter, bound.shape) == 1 then dropAfter(bound.to, bound.counter) end
end

-- `total` is all that was ever lent to this shard, so that it may be said late, or twice.
local function credit(bound, total)
  if minus(total, redis.call('HGET', bound.key, 'in') or '0') <= 0 then return end
  redis.call('HSET', bound.key, 'in', total)
  noteSlice(bound)
end
