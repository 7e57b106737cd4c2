-- Admits calls, each wholly or not at all, one after another.
-- ARGV[1]  lease of their owners, milliseconds
-- ARGV     then for each call: id (empty: only look), owner, worst tokens, worst cost, memo, and its bounds as text, for each
--          `kind counter limit`, then a window's span, or a period's start and end
-- returns  for each call {1 admitted | 0 refused | 2 stale | 3 ended, …}: admitted, for each bound: used, held, reset;
--          refused: which bound, used, reset; stale: which bound. A reset of -1 is never, -2 unknown.
local now = readClock()
local alive = text(now + tonumber(ARGV[1]))
local NEVER, UNKNOWN = -1, -2

-- When `need` more fit in, or if they do now, when the oldest leaves.
local function resetOf(window, limit, need)
  if need > limit then return NEVER end
  local excess = math.max(1, window.sum - (limit - need))
  for grain = window.first, window.last do
    local entry = redis.call('HMGET', window.key, text(grain), text(grain) .. '@')
    excess = excess - tonumber(entry[1])
    if excess <= 0 then return tonumber(entry[2]) + window.span - now end
  end
  return 0
end

local function read(bound, tokens, cost)
  local key = shard .. bound.counter
  bound.held = 0
  if bound.kind == 'calls' then
    bound.need, bound.used, bound.reset = 1, tonumber(redis.call('GET', key)) or 0, UNKNOWN
  elseif bound.kind == 'budget' then
    local sums = redis.call('HMGET', key, 'spent', 'held')
    bound.isNew = not sums[1] and not sums[2]
    bound.need, bound.held = tonumber(cost), tonumber(sums[2]) or 0
    bound.used = bound.held + (tonumber(sums[1]) or 0)
    bound.reset = bound.need > bound.limit and NEVER or bound.to - now
  else
    bound.window = openWindow(bound.counter, bound.from, now)
    bound.amount = bound.kind == 'requests' and '1' or bound.kind == 'tokens' and tokens or cost
    bound.need, bound.used = tonumber(bound.amount), bound.window.sum
  end
  bound.fits = bound.need <= bound.limit - bound.used
  if bound.window and not bound.fits then bound.reset = resetOf(bound.window, bound.limit, bound.need) end
end

local function isLater(reset, than)
  if reset == NEVER then return than ~= NEVER end
  return than ~= NEVER and math.max(reset, 0) > math.max(than, 0)
end

local function takeFrom(bound, cost)
  local key = shard .. bound.counter
  if bound.kind == 'calls' then
    redis.call('INCR', key)
    return 'calls'
  elseif bound.kind == 'budget' then
    add(key, 'held', cost)
    if bound.isNew and bound.to < math.huge then redis.call('ZADD', shard .. 'periods', text(bound.to), bound.counter) end
    return 'budget'
  end
  -- Rates may be dropped when they are empty; money that was spent may not, whatever the policy of eviction.
  local grain = take(bound.window, bound.amount, now, bound.kind ~= 'rolling')
  bound.used = bound.window.sum
  return bound.kind .. grain
end

local function admitted(bounds)
  local verdict = { 1 }
  for _, bound in ipairs(bounds) do
    local window = bound.window
    local reset = window and (window.oldest and window.first <= window.last and window.oldest + window.span - now or 0) or bound.reset
    for _, figure in ipairs({ bound.used, bound.held, reset }) do verdict[#verdict + 1] = figure end
  end
  return verdict
end

local function admit(id, owner, tokens, cost, memo, spec)
  if id ~= '' and redis.call('ZSCORE', shard .. 'ended', id) then return { 3 } end
  local bounds, against = {}, nil
  for kind, counter, limit, from, to in string.gmatch(spec, '(%S+) (%S+) (%S+) (%S+) (%S+)') do
    local bound = { kind = kind, counter = counter, limit = tonumber(limit), from = tonumber(from) }
    bound.to = to == 'never' and math.huge or tonumber(to)
    bounds[#bounds + 1] = bound
    read(bound, tokens, cost)
    if id ~= '' and kind == 'budget' and (now < bound.from or now >= bound.to) then bound.isStale = true end
    if not bound.fits and (not against or isLater(bound.reset, bounds[against].reset)) then against = #bounds end
  end
  if id == '' or redis.call('EXISTS', shard .. 'hold:' .. id) == 1 then return admitted(bounds) end
  for at, bound in ipairs(bounds) do
    if bound.isStale then return { 2, at } end
  end
  if against then return { 0, against, bounds[against].used, bounds[against].reset } end

  local hold = { 'owner', owner, 'tokens', tokens, 'cost', cost, 'memo', memo }
  for _, bound in ipairs(bounds) do
    hold[#hold + 1] = bound.counter
    hold[#hold + 1] = takeFrom(bound, cost)
  end
  redis.call('HSET', shard .. 'hold:' .. id, unpack(hold))
  redis.call('SADD', shard .. 'owned:' .. owner, id)
  redis.call('ZADD', shard .. 'owners', alive, owner)
  return admitted(bounds)
end

local verdicts = {}
for at = 2, #ARGV, 6 do
  verdicts[#verdicts + 1] = admit(ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4], ARGV[at + 5])
end
return verdicts
