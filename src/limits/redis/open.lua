-- Opens a shard that everybody has joined, with what was spent before. Nothing is settled until then, so it may be said again. Its pools
-- are filled by all shards: what they begin with is said once and for all, before the first shard opens.
-- ARGV[2]  `pools` = that were all pools; `open` = that was all: it opens; empty = there is more to come
-- ARGV     then for each counter: its bound, and what was spent as text: `amount time`, one for each line, the oldest first
-- returns  1 if that was heard, 0 if the shard was not of this epoch, or open already
if not isState('joining') then return 0 end
local now = readClock()
local arePoolsSeeded = redis.call('EXISTS', here .. 'seeded') == 1

-- In front of what is there: that was taken later.
local function seedWindow(window, spent)
  local grains = {}
  for amount, at in string.gmatch(spent, '(%d+) (%d+)') do
    if tonumber(at) > now - window.span then grains[#grains + 1] = { amount, at } end
  end
  if #grains == 0 or redis.call('HSETNX', window.key, 'seeded', '1') == 0 then return end
  local first, sum, fields = window.first - #grains, window.sum, {}
  for at, grain in ipairs(grains) do
    local number = text(first + at - 1)
    for _, field in ipairs({ number, grain[1], number .. '@', grain[2] }) do fields[#fields + 1] = field end
    sum = sum + tonumber(grain[1])
  end
  local isEmpty = window.first > window.last
  redis.call('HSET', window.key, 'sum', text(sum), 'first', text(first), 'oldest', grains[1][2], 'last', text(window.last),
    'latest', isEmpty and grains[#grains][2] or text(window.latest), unpack(fields))
end

local function seed(bound, spent)
  local name = bound.isLent and 'pool:' .. bound.counter or bound.counter
  if bound.isLent then
    if arePoolsSeeded then return end
    redis.call('HSET', here .. 'pools', bound.counter, bound.shape)
  end
  if bound.kind == 'rolling' then return seedWindow(openWindow(here .. name, bound.from, now), spent) end
  redis.call('HSET', here .. name, 'spent', string.match(spent, '%d+') or '0')
  dropAfter(bound.to, name)
end

for at = 3, #ARGV, 2 do seed(parse(ARGV[at]), ARGV[at + 1]) end
if ARGV[2] == 'pools' then redis.call('SET', here .. 'seeded', '1') end
if ARGV[2] == 'open' then
  redis.call('SET', shard .. 'epoch', 'open ' .. epoch)
  redis.call('DEL', shard .. 'earlier')
end
return 1
