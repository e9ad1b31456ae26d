-- drop_day.lua removes every key of an area-day, unless a commit came in since it was read.
--
-- KEYS  1 revision, then every other key of the day
-- ARGV  1 revision that the day was read at, in decimal
-- Returns 1 when removed, 0 when the day is at another revision.

if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
for i = 1, #KEYS do redis.call('UNLINK', KEYS[i]) end
return 1
