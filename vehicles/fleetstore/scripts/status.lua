-- Keeps a vehicle's status report unless one as new or newer is there.
--
-- KEYS[1]  hash of status reports
-- ARGV[1]  vehicle id
-- ARGV[2]  encoded report (codec.go: bytes 2-9 are the moment in microseconds)
-- returns  1 if it was kept, 0 if not

-- Microseconds since 1970 stay below 2^53 until 2255, so a Lua number holds them exactly.
local function moment(record)
  local a, b, c, d, e, f, g, h = string.byte(record, 2, 9)
  return ((((((a * 256 + b) * 256 + c) * 256 + d) * 256 + e) * 256 + f) * 256 + g) * 256 + h
end

local last = redis.call('HGET', KEYS[1], ARGV[1])
if last and moment(ARGV[2]) <= moment(last) then
  return 0
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1
