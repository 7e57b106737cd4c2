-- What stands in the counters of a tenant.
-- ARGV[2]  bounds
-- returns  for each bound: used, held, reset. A reset of -1 is never, -2 unknown.
local readings = {}
for _, bound in ipairs(boundsOf({ tokens = '0', least = 0, loans = {} }, ARGV[2])) do
  local reset = bound.window and resetOf(bound.window, bound.limit, 0, now) or bound.reset
  for _, figure in ipairs({ bound.used, bound.held, reset }) do readings[#readings + 1] = figure end
end
return readings
