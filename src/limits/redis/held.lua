-- Tells all calls that are held.
-- returns  {call, tenant} for each
if not isState('open') and not isState('joining') then return CLOSED end
local held = {}
for _, owner in ipairs(redis.call('ZRANGE', here .. 'owners', 0, -1)) do
  for _, id in ipairs(redis.call('SMEMBERS', here .. 'owned:' .. owner)) do
    local tenant = redis.call('HGET', here .. 'hold:' .. id, 'tenant')
    if tenant then held[#held + 1] = { id, tenant } end
  end
end
return held
