-- Takes what a call needs of one counter; returns the receipt by which it is changed later.
local function takeFrom(bound, amount, now)
  if bound.kind == 'calls' then
    redis.call('INCR', bound.key)
    return 'calls'
  elseif bound.kind == 'budget' then
    add(bound.key, 'held', amount)
    if bound.isNew then dropAfter(bound.to, bound.counter) end
    return 'budget'
  end
  -- Rates may be dropped when they are empty; money that was spent may not, whatever the policy of eviction.
  local grain = take(bound.window, amount, now, bound.kind ~= 'rolling')
  bound.used = bound.window.sum
  return bound.kind .. grain
end
