-- order.lua writes or takes out one standing order, or another entry of a hash, where it is at the version that the change was made from.
--
-- KEYS  1 hash of the area's standing orders, or of its entry
-- ARGV  1 order id or field, 2 expected version (8 bytes big-endian, empty for "not there yet"), 3 value (empty to take it out)
-- Returns 1 written, 0 stale
--
-- What is stored carries its version in bytes 1 to 8 (orders.go, areas.go), whatever its layout.

local kept = redis.call('HGET', KEYS[1], ARGV[1])
local version = kept and string.sub(kept, 2, 9) or ''
if version ~= ARGV[2] then return 0 end
if ARGV[3] == '' then
  redis.call('HDEL', KEYS[1], ARGV[1])
  return 1
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
