-- rebuild.lua replaces the indexes of an area-day, unless a commit came in between.
--
-- KEYS  1 revision, 2 set of shift ids, 3 set of ride ids, then a key for each cell to replace
-- ARGV  1 revision that the content was read at, in decimal, 2 number of shift ids, 3 of ride ids, 4 of cell members,
--       then the shift ids, the ride ids, and for each cell member: index into KEYS of its cell, score (service-day
--       seconds), member
-- Returns 1 when written, 0 when the day is at another revision.

if (redis.call('GET', KEYS[1]) or '0') ~= ARGV[1] then return 0 end
for i = 2, #KEYS do redis.call('DEL', KEYS[i]) end

local arg = 4
for set = 2, 3 do
  for _ = 1, tonumber(ARGV[set]) do
    arg = arg + 1
    redis.call('SADD', KEYS[set], ARGV[arg])
  end
end
for _ = 1, tonumber(ARGV[4]) do
  redis.call('ZADD', KEYS[tonumber(ARGV[arg + 1])], ARGV[arg + 2], ARGV[arg + 3])
  arg = arg + 3
end
return 1
