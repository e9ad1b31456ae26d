-- rebuild.lua puts right what of an area-day is not as its log says, unless a commit came in between.
--
-- KEYS  1 revision, 2 set of shift ids, 3 set of ride ids, 4 set of note ids, then a key for each route, ride and note to
--       write or delete, then a key for each cell to replace
-- ARGV  1 revision that the day was read at, as stored, empty where it was missing or no text, 2 revision to store,
--       3 number of routes, rides and notes, 4 of shift ids, 5 of ride ids, 6 of note ids, 7 of cell members,
--       then for each route, ride and note its value, empty to delete it; the shift ids; the ride ids; the note ids; for each
--       cell member: index into KEYS of its cell, score (service-day seconds), member
-- Returns 1 when written, 0 when the day is at another revision.

local found = redis.pcall('GET', KEYS[1])
if type(found) ~= 'string' then found = '' end
if found ~= ARGV[1] then return 0 end

redis.call('SET', KEYS[1], ARGV[2])
local values, arg = tonumber(ARGV[3]), 7
for i = 1, values do
  arg = arg + 1
  if ARGV[arg] == '' then
    redis.call('DEL', KEYS[4 + i])
  else
    redis.call('SET', KEYS[4 + i], ARGV[arg])
  end
end
redis.call('DEL', KEYS[2], KEYS[3], KEYS[4])
for i = 5 + values, #KEYS do redis.call('DEL', KEYS[i]) end
for set = 2, 4 do
  for _ = 1, tonumber(ARGV[2 + set]) do
    arg = arg + 1
    redis.call('SADD', KEYS[set], ARGV[arg])
  end
end
for _ = 1, tonumber(ARGV[7]) do
  redis.call('ZADD', KEYS[tonumber(ARGV[arg + 1])], ARGV[arg + 2], ARGV[arg + 3])
  arg = arg + 3
end
return 1
