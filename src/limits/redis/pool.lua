-- The pool of a budget on everything: hears what slices say, and lends.
-- ARGV[2]  the budget's bound
-- ARGV[3]  who borrows, a shard's number (empty: nobody); what it wants; what it would make do with; what it would take ahead of need
-- ARGV[7]  then for each slice: its shard, all that it has given back, what is used of it
-- returns  what is lent now, all that was ever lent to the borrower, what is free after that, what was spent before this generation,
--          reset of that; then, unless all that was wanted is lent, for each shard with a slice: its number, to, from
local isOpen = isState('open')
if not isOpen and (ARGV[3] ~= '' or not isState('joining')) then return CLOSED end
local now = readClock()
local bound = parse(ARGV[2])
local accounts = here .. 'lent:' .. bound.counter
local borrower, want, least, ahead = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
-- Of a pool that has much, one slice takes no more than this part of it ahead of need.
local PART = 128

if redis.call('HSETNX', here .. 'pools', bound.counter, bound.shape) == 1 then dropAfter(bound.to, 'lent:' .. bound.counter) end

local function lend(to, amount)
  redis.call('HINCRBY', accounts, 'sum', amount)
  redis.call('HINCRBY', accounts, 'to:' .. to, amount)
end

-- A slice of which more is used than was lent, by a call that was under way before or cost more than it was held at, is lent that too.
local function hear(from, returned, used)
  local account = redis.call('HMGET', accounts, 'to:' .. from, 'from:' .. from)
  local lent, known = account[1] or '0', account[2] or '0'
  local back = minus(returned, known)
  if back > 0 then
    redis.call('HINCRBY', accounts, 'sum', text(-back))
    redis.call('HSET', accounts, 'from:' .. from, returned)
    known = returned
  end
  local lacking = tonumber(used) - minus(lent, known)
  if lacking > 0 then lend(from, text(lacking)) end
end

for at = 7, #ARGV, 3 do hear(ARGV[at], ARGV[at + 1], ARGV[at + 2]) end

bound.key = here .. 'pool:' .. bound.counter
readMoney(bound, now)
local free = bound.limit - bound.used - (tonumber(redis.call('HGET', accounts, 'sum')) or 0)
local lent = 0
if borrower ~= '' then
  if free >= want then
    lent = math.max(want, math.min(ahead, math.floor(free / PART)))
  elseif free >= least then
    lent = math.max(0, free)
  end
  if lent > 0 then lend(borrower, text(lent)) end
end

local reset = bound.window and resetOf(bound.window, math.huge, 0, now) or endOf(bound.to, now)
local total = borrower ~= '' and redis.call('HGET', accounts, 'to:' .. borrower) or '0'
local reply = { lent, total, free - lent, bound.used, reset }
if borrower ~= '' and lent >= want then return reply end
local all = redis.call('HGETALL', accounts)
local by = {}
for at = 1, #all, 2 do by[all[at]] = all[at + 1] end
for name, to in pairs(by) do
  local number = string.match(name, '^to:(%d+)$')
  if number then
    for _, figure in ipairs({ number, to, by['from:' .. number] or '0' }) do reply[#reply + 1] = figure end
  end
end
return reply
