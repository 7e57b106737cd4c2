-- In front of every script that counts: the shard, its epoch and its clock. A script runs alone, so whatever it does is one step.
-- KEYS[1]  the beginning of all keys of the shard. It holds the hash tag, so that on a Redis Cluster they lie on one node.
-- ARGV[1]  the epoch that the gateway believes in, `<generation>.<run id>`. If the shard is of another, the answer is `closed`.
--
-- Amounts travel as decimal text from ARGV or a reply into HINCRBY: `..` and tostring keep 14 digits only. Numbers are for comparing:
-- they stay below 2^53, where they are exact.
--
-- Of the shard:
-- epoch               `open` or `joining`, a blank, the epoch: a generation of counters, tied to the Redis process in which it began
-- earlier             set: generations before this one, until it is open
-- clock               the latest time seen, milliseconds
-- requests:… tokens:… hash: a window, which is a queue of grains. `sum`; `first` and `last` grain, and when something was last taken in
--                     each (`oldest`, `latest`); for each grain its amount, and as <grain>@ when something was last taken in it
--
-- Of one generation, with g<generation>: in front, so that the next one begins with nothing:
-- calls:…             number of calls in flight
-- budget:…            hash: `spent`, `held` in one period
-- rolling:…           hash: a window of money
--                     of a budget on everything these are the shard's slice, and have `in` and `out`: all that the pool has ever lent to
--                     this shard, and all that was ever given back. The difference is the slice's credit, which takes the limit's place
-- slices              hash: counters of which this shard has a slice: `kind from to`
-- lent:<counter>      hash: a pool. `sum` is lent; for each shard to:<shard> was lent to it and from:<shard> came back, ever
-- pool:<counter>      like budget:… or rolling:…: what was spent of a pool before this generation
-- pools               hash: like `slices`
-- periods             sorted set: names of keys that are dropped after their period, by its end
-- hold:<call>         hash: owner, tenant, tokens, cost (what is held; once interrupted what was charged), memo, perhaps `heir` and
--                     `interrupted`; then for each counter what was taken: <kind><grain>
-- owners              sorted set: owners by the time until which they count as alive
-- owned:<owner>       set: calls that it must settle, or as an heir interrupt
-- events:<owner>      hash: ledger events of settled calls by call, each behind its tenant, until they are confirmed
-- inherited:<heir>    set: calls of dead owners that are held for the heir now
-- ended               sorted set: calls that were cancelled or interrupted, by the time until which that is remembered
-- joined              set: owners that have said what they hold
-- seeded              what was spent of all pools before this generation is known
local shard, epoch = KEYS[1], ARGV[1]
local generation = string.match(epoch, '^%d+')
local here = shard .. 'g' .. generation .. ':'
local known = redis.call('MGET', shard .. 'epoch', shard .. 'clock')
local CLOSED = 'closed'

-- A process that was restarted, or a replica in the place of its master, may have lost the latest of what it knew.
local function isState(state)
  if known[1] ~= state .. ' ' .. epoch then return false end
  return string.find(redis.call('INFO', 'server'), 'run_id:' .. string.match(epoch, '%x+$'), 1, true) ~= nil
end

local function text(number)
  return string.format('%.0f', number)
end

-- Redis's own time, which after a fail-over may go back: then the shard stands still until it has caught up.
local function readClock()
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local latest = tonumber(known[2]) or 0
  if now <= latest then return latest end
  redis.call('SET', shard .. 'clock', text(now))
  return now
end

-- Rates outlive a generation: they are dropped by their own time, and are no money.
local function keyOf(kind, counter)
  if kind == 'requests' or kind == 'tokens' then return shard .. counter end
  return here .. counter
end

-- Redis takes no `-0`.
local function add(key, field, amount)
  if amount ~= '0' then redis.call('HINCRBY', key, field, amount) end
end

local function subtract(key, field, amount)
  if amount ~= '0' then redis.call('HINCRBY', key, field, '-' .. amount) end
end

-- `kind counter limit from to`, one for each line. A star behind the kind: a slice of a budget on everything.
local function parse(line)
  local kind, star, counter, limit, from, to = string.match(line, '^(%l+)(%*?) (%S+) (%S+) (%S+) (%S+)$')
  local bound = { kind = kind, counter = counter, limit = tonumber(limit), from = tonumber(from), isLent = star == '*' }
  bound.to = to == 'never' and math.huge or tonumber(to)
  bound.key = keyOf(kind, counter)
  if bound.isLent then bound.shape = kind .. ' ' .. from .. ' ' .. to end
  return bound
end

-- Of a key that is dropped when its period is long over.
local function dropAfter(to, name)
  if to < math.huge then redis.call('ZADD', here .. 'periods', text(to), name) end
end
