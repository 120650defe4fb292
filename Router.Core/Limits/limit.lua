-- Draws from, charges and gives back to one fixed-window counter, atomically. All replicas' clocks are this server's.
-- KEYS[1]  the counter, a hash: w = number of the window, u = used in it
-- ARGV     1 limit, 2 window (ms), 3 phase (ms), 4 need, 5 want, 6 charge, 7 give, 8 window the gift was drawn in
-- Returns  granted, used, window number, milliseconds until the window ends
local limit, length, phase = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local need, want, charge, give = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) + phase
local window = math.floor(now / length)
local stored = redis.call('HMGET', KEYS[1], 'w', 'u')
local used = 0
if stored[1] and tonumber(stored[1]) >= window then
  -- A server clock that was set back stays in the later window until it gets there: nobody gains a second one.
  window = tonumber(stored[1])
  used = tonumber(stored[2])
end
if give > 0 and tonumber(ARGV[8]) == window then
  used = math.max(used - give, 0)
end
used = used + charge
local left = math.max(limit - used, 0)
-- What waits now may take all that is left; what is drawn ahead takes at most a quarter, so that little is stranded elsewhere.
local granted = math.min(left, math.max(need, math.min(want, math.floor(left / 4))))
used = used + granted
local ends = math.min((window + 1) * length - now, 2 * length)
redis.call('HSET', KEYS[1], 'w', string.format('%.0f', window), 'u', string.format('%.0f', used))
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', ends + length))
return { granted, used, window, ends }
