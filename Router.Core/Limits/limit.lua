-- Draws from, charges and gives back to one fixed-window counter, atomically. All replicas' clocks are this server's.
-- KEYS[1]  the counter, a hash: w = number of the window, u = used in it, n = drawn of the next one, c<origin> = window:what an origin charged in it
-- ARGV     1 limit, 2 window (ms), 3 phase (ms), 4 need, 5 want, 6 charge, 7 give, 8 window the gift was drawn in, 9 next window, to draw of it,
--          10 window the charge fell in, 11 its origin
-- Returns  granted, used, window number, milliseconds until that window ends, and until it begins
local limit, length, phase = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local need, want, charge, give = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) + phase
local window = math.floor(now / length)
local stored = redis.call('HMGET', KEYS[1], 'w', 'u', 'n')
local last, used, ahead = tonumber(stored[1] or -1), 0, 0
if last >= window then
  -- A server clock that was set back stays in the later window until it gets there: nobody gains a second one.
  window = last
  used = tonumber(stored[2])
  ahead = tonumber(stored[3] or 0)
elseif last == window - 1 then
  used = tonumber(stored[3] or 0)
end
if give > 0 and tonumber(ARGV[8]) == window then
  used = math.max(used - give, 0)
end
if last >= 0 and last < window then
  -- With what was charged by whom in a window that is over.
  redis.call('DEL', KEYS[1])
end
if charge > 0 and tonumber(ARGV[10]) == window then
  -- All that the origin has charged in this window: a server that was slow or frozen may be told twice, or in another order.
  local field, told = 'c' .. ARGV[11], 0
  local before = redis.call('HGET', KEYS[1], field)
  if before then
    local of, total = string.match(before, '^(%d+):(%d+)$')
    if tonumber(of) == window then
      told = tonumber(total)
    end
  end
  if charge > told then
    used = used + charge - told
    redis.call('HSET', KEYS[1], field, string.format('%.0f:%.0f', window, charge))
  end
end
-- What waits now may take all that is left; what is drawn ahead takes at most a quarter, so that little is stranded elsewhere.
local function grant(taken)
  local left = math.max(limit - taken, 0)
  return math.min(left, math.max(need, math.min(want, math.floor(left / 4))))
end
local next = tonumber(ARGV[9]) == window + 1
local granted
if next then
  granted = grant(ahead)
  ahead = ahead + granted
else
  granted = grant(used)
  used = used + granted
end
local ends = math.min((window + 1) * length - now, 2 * length)
redis.call('HSET', KEYS[1], 'w', string.format('%.0f', window), 'u', string.format('%.0f', used), 'n', string.format('%.0f', ahead))
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', ends + length))
if next then
  return { granted, ahead, window + 1, ends + length, ends }
end
return { granted, used, window, ends, 0 }
