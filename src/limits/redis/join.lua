-- Takes over what an owner holds, without regard to limits: the calls are under way.
-- ARGV[2]  lease of owners, milliseconds
-- ARGV[3]  the owner
-- ARGV[4]  1 = that was all: it has joined
-- ARGV     then for each call: id, tenant, tokens, cost, memo, bounds
-- returns  `open` or `joining`
local isOpen = isState('open')
if not isOpen and not isState('joining') then return CLOSED end
local now = readClock()
local owner = ARGV[3]

local function takeUp(bound, cost)
  if bound.isLent then noteSlice(bound) end
  if bound.kind ~= 'calls' then readMoney(bound, now) end
  return takeFrom(bound, cost, now)
end

local function register(id, tenant, tokens, cost, memo, spec)
  local key = here .. 'hold:' .. id
  if redis.call('EXISTS', key) == 1 or redis.call('ZSCORE', here .. 'ended', id) then return end
  local fields = { 'tenant', tenant, 'owner', owner, 'tokens', tokens, 'cost', cost, 'memo', memo }
  for line in string.gmatch(spec, '[^\n]+') do
    local bound = parse(line)
    -- Rates are what they are: they outlive a generation.
    if bound.kind ~= 'requests' and bound.kind ~= 'tokens' then
      fields[#fields + 1] = bound.counter
      fields[#fields + 1] = takeUp(bound, cost)
    end
  end
  redis.call('HSET', key, unpack(fields))
  redis.call('SADD', here .. 'owned:' .. owner, id)
end

for at = 5, #ARGV, 6 do register(ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4], ARGV[at + 5]) end
redis.call('ZADD', here .. 'owners', text(now + tonumber(ARGV[2])), owner)
if ARGV[4] == '1' then redis.call('SADD', here .. 'joined', owner) end
return isOpen and 'open' or 'joining'
