-- load.lua reads a whole area-day at one moment.
--
-- KEYS  1 revision, 2 set of shift ids, 3 set of ride ids, 4 set of note ids
-- ARGV  1 prefix of route keys, 2 prefix of ride keys, 3 prefix of note keys (all with the hash tag of KEYS)
-- Returns {revision in decimal, or "0" for a day never written, {routes}, {rides}, {notes}}, each as stored; false
-- for one that an index names and that is not there.

local batch = 1000 -- arguments of one MGET; Lua cannot unpack more than about 8000

local function read(index, prefix)
  local ids, values = redis.call('SMEMBERS', index), {}
  for first = 1, #ids, batch do
    local get = {'MGET'}
    for i = first, math.min(first + batch - 1, #ids) do get[#get + 1] = prefix .. ids[i] end
    local got = redis.call(unpack(get))
    for i = 1, #get - 1 do values[#values + 1] = got[i] end
  end
  return values
end

return {redis.call('GET', KEYS[1]) or '0', read(KEYS[2], ARGV[1]), read(KEYS[3], ARGV[2]), read(KEYS[4], ARGV[3])}
