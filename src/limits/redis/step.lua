-- A step in a shard that is open: in any other nothing is changed.
if not isState('open') then return CLOSED end
local now = readClock()

-- What concerns many calls is gathered by owner and said to Redis once, at the end.
local function note(lists, owner, ...)
  local list = lists[owner] or {}
  lists[owner] = list
  for _, item in ipairs({ ... }) do list[#list + 1] = item end
end
