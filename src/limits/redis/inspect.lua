-- Tells, in one step, what stands in counters of money, which calls it is held for, and of which calls that are over nobody has said yet
-- that their rows are stored. Nothing is changed but what has left a window.
-- ARGV[2]  bounds
-- returns  {used, held} for each bound, of a pool with what was spent before this generation; {call, cost, counters, …} for each hold;
--          {call, event} for each event; the time
if not isState('open') then return CLOSED end
local now = readClock()

local figures = {}
for line in string.gmatch(ARGV[2], '[^\n]+') do
  local bound = parse(line)
  readMoney(bound, now)
  local used = bound.used
  if bound.isLent then
    bound.key = here .. 'pool:' .. bound.counter
    local held = bound.held
    readMoney(bound, now)
    used, bound.held = used + bound.used, held
  end
  figures[#figures + 1] = { text(used), text(bound.held) }
end

local function tell(id)
  local fields = redis.call('HGETALL', here .. 'hold:' .. id)
  local hold = { id, '0' }
  for at = 1, #fields, 2 do
    if fields[at] == 'cost' then hold[2] = fields[at + 1] end
    if string.find(fields[at], ':', 1, true) then hold[#hold + 1] = fields[at] end
  end
  return #fields > 0 and hold or nil
end

local holds, events = {}, {}
for _, owner in ipairs(redis.call('ZRANGE', here .. 'owners', 0, -1)) do
  for _, id in ipairs(redis.call('SMEMBERS', here .. 'owned:' .. owner)) do holds[#holds + 1] = tell(id) end
  local kept = redis.call('HGETALL', here .. 'events:' .. owner)
  for at = 1, #kept, 2 do events[#events + 1] = { kept[at], kept[at + 1] } end
end
return { figures, holds, events, text(now) }
