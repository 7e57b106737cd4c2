-- Admits calls, each wholly or not at all.
local held = {}

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

-- As text, which is read faster than a list of numbers.
local function admitted(bounds, grant)
  local verdict = { grant }
  for _, bound in ipairs(bounds) do
    local window = bound.window
    if window and not bound.isMoney then
      verdict[#verdict + 1] = text(window.sum)
      verdict[#verdict + 1] = text(window.first <= window.last and window.oldest + window.span - now or 0)
    end
  end
  return table.concat(verdict, ' ')
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
  note(held, ask.owner, id)
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
  local cost = redis.call('HGET', here .. 'hold:' .. id, 'cost')
  if cost then return admitted(bounds, cost) end
  for _, bound in ipairs(bounds) do
    if bound.kind == 'budget' and (now < bound.from or now >= bound.to) then return { 2, now } end
  end
  local objection = against(bounds, ask.isLast)
  if objection then return { 0, objection, bounds[objection].used, bounds[objection].reset } end
  local grant, short = grantOf(ask, bounds)
  if #short > 0 then return { 4, grant, unpack(short) } end
  cost = grant == ask.worst and ask.cost or text(grant)
  hold(id, ask, bounds, cost)
  return admitted(bounds, cost)
end

-- `terms tokens cost least last call`, and on lines of their own `generation counter total` for what slices were lent; then a memo.
-- terms: which of those that begin at `from`; tokens, cost: at worst; least: what it costs at least; last: 1 = nothing more can be borrowed.
local function admitNext(at, from)
  local _, over, terms, tokens, cost, least, isLast, id = string.find(ARGV[at], '^(%d+) (%d+) (%d+) (%d+) (%d) ([^\n]+)')
  local first = from + 3 * (terms - 1)
  local ask = { tenant = ARGV[first], owner = ARGV[first + 1], tokens = tokens, cost = cost, memo = ARGV[at + 1], loans = {} }
  ask.worst, ask.least, ask.isLast = tonumber(cost), tonumber(least), isLast == '1'
  for of, counter, total in string.gmatch(string.sub(ARGV[at], over + 1), '(%S+) (%S+) (%S+)') do
    -- What another generation was lent is nothing to this one.
    if of == generation then ask.loans[counter] = total end
  end
  return admit(id, ask, ARGV[first + 2])
end

local function noteHeld()
  local alive = text(now + tonumber(ARGV[2]))
  for owner, ids in pairs(held) do
    redis.call('SADD', here .. 'owned:' .. owner, unpack(ids))
    redis.call('ZADD', here .. 'owners', alive, owner)
  end
end
