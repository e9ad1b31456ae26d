-- datakey_replace.lua stores a person's data key, wrapped anew, where it is still the one that was read.
--
-- KEYS  1 data key
-- ARGV  1 value that was read, 2 new value
-- Returns 1 when stored, 0 when there is another value, such as the empty one of an erased person.

if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1
