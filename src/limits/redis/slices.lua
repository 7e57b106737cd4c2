-- Looks after the slices of a shard.
-- ARGV[2]  `list` (returns besides the slices all pools of the shard) | `look` | `credit` | `call back` (what is not used goes)
-- ARGV     then for each slice, but for `list`: its bound, and for `credit` the total that was lent to it, else nothing
-- returns  {bound, in, out, used, held, reset} for each slice; with `list`: these, and the bounds of the pools
local what = ARGV[2]
if not isState('open') and (what == 'call back' or not isState('joining')) then return CLOSED end
local now = readClock()

local function lineOf(counter, shape)
  local kind, from, to = string.match(shape, '(%l+) (%S+) (%S+)')
  return kind .. '* ' .. counter .. ' 0 ' .. from .. ' ' .. to
end

local function linesOf(name)
  local lines, all = {}, redis.call('HGETALL', here .. name)
  for at = 1, #all, 2 do lines[#lines + 1] = lineOf(all[at], all[at + 1]) end
  return lines
end

local function told(line, total)
  local bound = parse(line)
  if what == 'credit' then credit(bound, total) end
  readMoney(bound, now)
  local free = bound.credit - bound.used
  if what == 'call back' and free > 0 then
    redis.call('HINCRBY', bound.key, 'out', text(free))
    bound.returned = redis.call('HGET', bound.key, 'out')
  end
  local window = bound.window
  local reset = window and resetOf(window, math.huge, 0, now) or endOf(bound.to, now)
  return { line, bound.lent, bound.returned, text(bound.used), text(bound.held), reset }
end

local slices = {}
if what == 'list' then
  for _, line in ipairs(linesOf('slices')) do slices[#slices + 1] = told(line) end
  return { slices, linesOf('pools') }
end
for at = 3, #ARGV, 2 do slices[#slices + 1] = told(ARGV[at], ARGV[at + 1]) end
return slices
