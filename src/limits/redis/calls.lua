-- What a gateway has to say of its calls: what became of some, and then which want to be admitted, so that a caller that has seen the
-- end of its last call finds the place of that free.
-- ARGV[2]  lease of owners, milliseconds
-- ARGV[3]  how long a call is remembered that was cancelled or interrupted, milliseconds
-- ARGV[4]  how many arguments tell of ends, [5] and how many of terms
-- ARGV     then for each end: `settle call`, `tokens cost event` | `interrupt call`, `tokens cost` | `release call`, - | `cancel call`, - |
--          `confirm call`, owners, one for each line | `renew owner`, -. An event that is empty is not kept
-- ARGV     then the terms on which calls come: tenant, owner, bounds
-- ARGV     then for each call that wants to be admitted what `admitNext` reads
-- returns  a digit for each end: 1 done | 2 amended, as it had been interrupted | 0 nothing is held under this id; then for each
--          admission `held used reset …`, of each window what is used and its reset; else {0 refused, which bound, used, reset} |
--          {2 stale, the clock} | {3 ended} | {4 short, what it would be held at, then for each slice that is too small which bound, and
--          its room}. A reset of -1 is never, -2 unknown.
local terms = 6 + ARGV[4]
local asks = terms + ARGV[5]
local outcomes = {}
for at = 6, terms - 1, 2 do
  local what, name = string.match(ARGV[at], '^(%l+) (.+)$')
  outcomes[#outcomes + 1] = done[what](name, ARGV[at + 1])
end
noteEnds()

local replies = { table.concat(outcomes) }
for at = asks, #ARGV, 2 do replies[#replies + 1] = admitNext(at, terms) end
noteHeld()
return replies
