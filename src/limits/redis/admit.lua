-- Admits calls, each wholly or not at all, one after another.
-- ARGV[2]  lease of their owners, milliseconds
-- ARGV     then for each call: id (empty: only look), tenant, owner, worst tokens, worst cost, least cost, memo, loans, last, bounds.
--          loans: for each slice `generation counter total`; last: `1` if there is nothing more to borrow
-- returns  for each call {1 admitted | 0 refused | 2 stale | 3 ended | 4 short, …}: admitted: what it is held at, then for each bound:
--          used, held, reset; refused: which bound, used, reset; stale: the clock; short: what it would be held at, then for each
--          slice that is too small which bound, and its room. A reset of -1 is never, -2 unknown.
if not isState('open') then return CLOSED end
local now = readClock()
local alive = text(now + tonumber(ARGV[2]))

local function read(bound, ask)
  local kind = bound.kind
  if kind == 'calls' then
    bound.used, bound.need, bound.reset, bound.held = tonumber(redis.call('GET', bound.key)) or 0, 1, UNKNOWN, 0
  elseif kind == 'budget' or kind == 'rolling' then
    if ask.loans[bound.counter] then credit(bound, ask.loans[bound.counter]) end
    readMoney(bound, now)
    bound.isMoney, bound.need = true, ask.least
    -- What costs nothing fits into every budget.
    bound.room = math.max(0, (bound.isLent and bound.credit or bound.limit) - bound.used)
    if kind == 'budget' then bound.reset = bound.need > bound.limit and NEVER or endOf(bound.to, now) end
  else
    bound.window, bound.held = openWindow(bound.key, bound.from, now), 0
    bound.amount = kind == 'requests' and '1' or ask.tokens
    bound.used, bound.need = bound.window.sum, tonumber(bound.amount)
  end
end

-- A slice that is too small may grow.
local function fits(bound, isLast)
  if not bound.isMoney then return bound.need <= bound.limit - bound.used end
  if bound.isLent and not isLast then return bound.need <= bound.limit end
  return bound.need <= bound.room
end

local function isLater(reset, than)
  if reset == NEVER then return than ~= NEVER end
  return than ~= NEVER and math.max(reset, 0) > math.max(than, 0)
end

-- The bound that does not fit, of several the one that keeps the call out for longest.
local function against(bounds, isLast)
  local worst
  for at, bound in ipairs(bounds) do
    if not fits(bound, isLast) then
      if bound.window then bound.reset = resetOf(bound.window, bound.limit, bound.need, now) end
      if not worst or isLater(bound.reset, bounds[worst].reset) then worst = at end
    end
  end
  return worst
end

local function admitted(bounds, cost, isLook)
  local verdict = { 1, cost }
  for _, bound in ipairs(bounds) do
    local window, reset = bound.window, bound.reset
    if window and isLook then
      reset = resetOf(window, bound.limit, 0, now)
    elseif window then
      reset = window.first <= window.last and window.oldest + window.span - now or 0
    end
    for _, figure in ipairs({ bound.used, bound.held, reset }) do verdict[#verdict + 1] = figure end
  end
  return verdict
end

-- What the call can be held at: all that is left, if that is less than its worst case. With it, the slices that are too small for that.
local function grantOf(ask, bounds)
  local grant, short = ask.worst, {}
  for _, bound in ipairs(bounds) do
    if bound.isMoney and (ask.isLast or not bound.isLent) then grant = math.min(grant, bound.room) end
  end
  for at, bound in ipairs(bounds) do
    if bound.isLent and bound.room < grant then
      short[#short + 1] = at
      short[#short + 1] = bound.room
    end
  end
  return grant, short
end

local function hold(id, ask, bounds, cost)
  local fields = { 'tenant', ask.tenant, 'owner', ask.owner, 'tokens', ask.tokens, 'cost', cost, 'memo', ask.memo }
  for _, bound in ipairs(bounds) do
    fields[#fields + 1] = bound.counter
    fields[#fields + 1] = takeFrom(bound, bound.amount or cost, now)
  end
  redis.call('HSET', here .. 'hold:' .. id, unpack(fields))
  redis.call('SADD', here .. 'owned:' .. ask.owner, id)
  redis.call('ZADD', here .. 'owners', alive, ask.owner)
end

local function boundsOf(ask, spec)
  local bounds = {}
  for line in string.gmatch(spec, '[^\n]+') do
    local bound = parse(line)
    read(bound, ask)
    bounds[#bounds + 1] = bound
  end
  return bounds
end

local function admit(id, ask, spec)
  if redis.call('ZSCORE', here .. 'ended', id) then return { 3 } end
  local bounds = boundsOf(ask, spec)
  local held = redis.call('HGET', here .. 'hold:' .. id, 'cost')
  if held then return admitted(bounds, tonumber(held)) end
  for _, bound in ipairs(bounds) do
    if bound.kind == 'budget' and (now < bound.from or now >= bound.to) then return { 2, now } end
  end
  local objection = against(bounds, ask.isLast)
  if objection then return { 0, objection, bounds[objection].used, bounds[objection].reset } end
  local grant, short = grantOf(ask, bounds)
  if #short > 0 then return { 4, grant, unpack(short) } end
  hold(id, ask, bounds, grant == ask.worst and ask.cost or text(grant))
  return admitted(bounds, grant)
end

local verdicts = {}
for at = 3, #ARGV, 10 do
  local ask = { tenant = ARGV[at + 1], owner = ARGV[at + 2], tokens = ARGV[at + 3], cost = ARGV[at + 4], memo = ARGV[at + 6], loans = {} }
  ask.worst, ask.least, ask.isLast = tonumber(ask.cost), tonumber(ARGV[at + 5]), ARGV[at + 8] == '1'
  for of, counter, total in string.gmatch(ARGV[at + 7], '(%S+) (%S+) (%S+)') do
    -- What another generation was lent is nothing to this one.
    if of == generation then ask.loans[counter] = total end
  end
  local id, spec = ARGV[at], ARGV[at + 9]
  verdicts[#verdicts + 1] = id == '' and admitted(boundsOf(ask, spec), 0, true) or admit(id, ask, spec)
end
return verdicts
