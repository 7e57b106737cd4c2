-- Tells which epoch a shard is of, and begins a new one where that is asked for and needed.
-- KEYS[1]  the beginning of all keys of the shard
-- ARGV[1]  the generation that the shard must have come to; 0 = only look
-- returns  state (empty: none), generation, epoch, 1 if it is of the process that runs now, the time, 1 if its pools are seeded, then all
--          who have joined
local shard, target = KEYS[1], tonumber(ARGV[1])
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
local state, generation, of = string.match(redis.call('GET', shard .. 'epoch') or '', '^(%l+) (%d+)%.(%x+)$')
local reached = tonumber(generation) or 0
if target > 0 and (of ~= run or reached < target) then
  if state then redis.call('SADD', shard .. 'earlier', generation) end
  state, of, generation = 'joining', run, string.format('%.0f', math.max(target, reached + 1))
  redis.call('SET', shard .. 'epoch', state .. ' ' .. generation .. '.' .. run)
end

local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
if not state then return { '', '0', '', '0', now, 0 } end
local here = shard .. 'g' .. generation .. ':'
local told = { state, generation, generation .. '.' .. of, of == run and '1' or '0', now, redis.call('EXISTS', here .. 'seeded') }
for _, owner in ipairs(redis.call('SMEMBERS', here .. 'joined')) do told[#told + 1] = owner end
return told
