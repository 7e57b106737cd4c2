-- Windows: so much within the last so many milliseconds.
local GRAINS = 256
local NEVER, UNKNOWN = -1, -2

-- A window with what is still in it. Grains are numbered on from the time at which a window is begun, so that a number never comes
-- again, not even when the window was dropped in between.
local function openWindow(key, span, now)
  local state = redis.call('HMGET', key, 'sum', 'first', 'last', 'oldest', 'latest', 'in', 'out')
  local window = { key = key, span = span, sum = tonumber(state[1]) or 0, first = tonumber(state[2]) or now }
  window.last, window.oldest, window.latest = tonumber(state[3]) or now - 1, tonumber(state[4]), tonumber(state[5])
  window.lent, window.returned = state[6], state[7]
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
  window.latest = now
  local grain, at = text(window.last), text(now)
  redis.call('HINCRBY', key, grain, amount)
  window.sum = redis.call('HINCRBY', key, 'sum', amount)
  redis.call('HSET', key, grain .. '@', at, 'latest', at, 'last', grain, 'first', text(window.first), 'oldest', text(window.oldest))
  if isNew and isDropped then redis.call('PEXPIRE', key, text(window.span + math.ceil(size))) end
  return grain
end

-- What has left the window, or was dropped with it, is not changed any more.
local function change(key, grain, from, to)
  if from == to then return end
  local first = tonumber(redis.call('HGET', key, 'first'))
  if not first or tonumber(grain) < first then return end
  local by = text(tonumber(to) - tonumber(from))
  redis.call('HINCRBY', key, grain, by)
  redis.call('HINCRBY', key, 'sum', by)
end

-- When `need` more fit in, or if they do now, when the oldest leaves.
local function resetOf(window, limit, need, now)
  if need > limit then return NEVER end
  local excess = math.max(1, window.sum - (limit - need))
  for grain = window.first, window.last do
    local entry = redis.call('HMGET', window.key, text(grain), text(grain) .. '@')
    excess = excess - tonumber(entry[1])
    if excess <= 0 then return math.max(0, tonumber(entry[2]) + window.span - now) end
  end
  return 0
end

local function endOf(to, now)
  return to == math.huge and NEVER or math.max(0, to - now)
end
