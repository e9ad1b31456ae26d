-- places.lua replaces the public places of an area.
--
-- KEYS  1 hash of places, 2 their revision
-- ARGV  field, value, field, value ...: id and encoded place
-- Returns the new revision.

local batch = 2000 -- arguments of one HSET, an even number; Lua cannot unpack more than about 8000

redis.call('DEL', KEYS[1])
for first = 1, #ARGV, batch do
  redis.call('HSET', KEYS[1], unpack(ARGV, first, math.min(first + batch - 1, #ARGV)))
end
return redis.call('INCR', KEYS[2])
