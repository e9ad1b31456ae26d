-- register_load.lua reads a whole register at one moment.
--
-- KEYS  1 event stream, 2 set of rider ids
-- ARGV  1 prefix of the entries' keys (with the hash tag of KEYS)
-- Returns {id of the last event or "", {entries as stored}}; false for one that the set names and that is not there.

local batch = 1000 -- arguments of one MGET; Lua cannot unpack more than about 8000

local ids, values = redis.call('SMEMBERS', KEYS[2]), {}
for first = 1, #ids, batch do
  local get = {'MGET'}
  for i = first, math.min(first + batch - 1, #ids) do get[#get + 1] = ARGV[1] .. ids[i] end
  local got = redis.call(unpack(get))
  for i = 1, #get - 1 do values[#values + 1] = got[i] end
end

local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
return {last[1] and last[1][1] or '', values}
