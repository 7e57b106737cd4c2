-- In front of every script: one shard's clock, windows and holds. A script runs alone, so whatever it does is one step.
-- KEYS[1]  the beginning of all keys of the shard. It holds the hash tag, so that on a Redis Cluster they lie on one node.
--
-- Amounts travel as decimal text from ARGV or a reply into HINCRBY: `..` and tostring keep 14 digits only. Numbers are for comparing:
-- sums stay below 2^53, where they are exact.
--
-- clock               the latest time seen, milliseconds
-- requests:… tokens:… cost:…   hash: a window's queue of grains. `sum`; `first` and `last` grain, and when something was last taken in
--                     each (`oldest`, `latest`); for each grain its amount, and as <grain>@ when something was last taken in it
-- calls:…             number of calls in flight
-- budget:…            hash: `spent`, `held` in one period
-- periods             sorted set: budgets' keys by the end of their period
-- hold:<call>         hash: owner, tokens, cost (worst case), memo; then for each counter what was taken: <kind><grain>
-- owners              sorted set: owners by the time until which they count as alive
-- owned:<owner>       set of calls
-- ended               sorted set: calls that were cancelled or reaped, by the time until which that is remembered
local shard = KEYS[1]
local GRAINS = 256

local function text(number)
  return string.format('%.0f', number)
end

-- Redis's own time, which after a fail-over may go back: then the shard stands still until it has caught up.
local function readClock()
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local latest = tonumber(redis.call('GET', shard .. 'clock')) or 0
  if now <= latest then return latest end
  redis.call('SET', shard .. 'clock', text(now))
  return now
end

-- Redis takes no `-0`.
local function add(key, field, amount)
  if amount ~= '0' then redis.call('HINCRBY', key, field, amount) end
end

local function subtract(key, field, amount)
  if amount ~= '0' then redis.call('HINCRBY', key, field, '-' .. amount) end
end

-- A window with what is still in it. Grains are numbered on from the time at which a window is begun, so that a number never comes
-- again, not even when the window was dropped in between.
local function openWindow(counter, span, now)
  local key = shard .. counter
  local state = redis.call('HMGET', key, 'sum', 'first', 'last', 'oldest', 'latest')
  local window = { key = key, span = span, sum = tonumber(state[1]) or 0, first = tonumber(state[2]) or now }
  window.last, window.oldest, window.latest = tonumber(state[3]) or now - 1, tonumber(state[4]), tonumber(state[5])
  local isChanged = false
  while window.first <= window.last and window.oldest <= now - span do
    local grain = text(window.first)
    local amount = redis.call('HGET', key, grain)
    subtract(key, 'sum', amount)
    redis.call('HDEL', key, grain, grain .. '@')
    window.sum, window.first = window.sum - tonumber(amount), window.first + 1
    window.oldest = tonumber(redis.call('HGET', key, text(window.first) .. '@'))
    isChanged = true
  end
  if isChanged then redis.call('HSET', key, 'first', text(window.first), 'oldest', text(window.oldest or 0)) end
  return window
end

local function take(window, amount, now, isDropped)
  local key, size = window.key, window.span / GRAINS
  local isEmpty = window.first > window.last
  local isNew = isEmpty or math.floor(window.latest / size) ~= math.floor(now / size)
  if isNew then window.last = window.last + 1 end
  if window.first == window.last then window.oldest = now end
  local grain, at = text(window.last), text(now)
  redis.call('HINCRBY', key, grain, amount)
  window.sum = redis.call('HINCRBY', key, 'sum', amount)
  redis.call('HSET', key, grain .. '@', at, 'latest', at, 'last', grain, 'first', text(window.first), 'oldest', text(window.oldest))
  if isNew and isDropped then redis.call('PEXPIRE', key, text(window.span + math.ceil(size))) end
  return grain
end

-- What has left the window, or was dropped with it, is not changed any more.
local function change(counter, grain, from, to)
  local key = shard .. counter
  local first = tonumber(redis.call('HGET', key, 'first'))
  if from == to or not first or tonumber(grain) < first then return end
  for _, field in ipairs({ grain, 'sum' }) do
    subtract(key, field, from)
    add(key, field, to)
  end
end

local function readHold(id)
  local fields = redis.call('HGETALL', shard .. 'hold:' .. id)
  if #fields == 0 then return nil end
  local hold = { id = id, key = shard .. 'hold:' .. id, taken = {} }
  for at = 1, #fields, 2 do
    local name, value = fields[at], fields[at + 1]
    if string.find(name, ':', 1, true) then hold.taken[name] = value else hold[name] = value end
  end
  return hold
end

local function release(hold)
  for counter, receipt in pairs(hold.taken) do
    if receipt == 'calls' then
      if redis.call('DECR', shard .. counter) <= 0 then redis.call('DEL', shard .. counter) end
      redis.call('HDEL', hold.key, counter)
      hold.taken[counter] = nil
    end
  end
end

-- Puts the truth in the place of the worst case; for a hold that was reaped, the worst case stands among what is spent.
local function charge(hold, requests, tokens, cost)
  for counter, receipt in pairs(hold.taken) do
    local kind, grain = string.match(receipt, '^(%l+)(%d*)$')
    if kind == 'requests' then
      change(counter, grain, '1', requests)
    elseif kind == 'tokens' then
      change(counter, grain, hold.tokens, tokens)
    elseif kind == 'rolling' then
      change(counter, grain, hold.cost, cost)
    elseif kind == 'budget' then
      subtract(shard .. counter, hold.reaped and 'spent' or 'held', hold.cost)
      add(shard .. counter, 'spent', cost)
    end
  end
end

local function remember(id, until_)
  redis.call('ZADD', shard .. 'ended', text(until_), id)
end
