-- policy.lua puts or withdraws one policy of an area where the area's policies are at the revision that the change was made from, and logs it.
--
-- KEYS  1 hash of what was put, 2 its revision, 3 stream of the changes
-- ARGV  1 expected revision, 2 policy id, 3 value (empty to withdraw it), 4 channel of wake-ups, then field, value ... of the log's entry
-- Returns the new revision, or 0 where it is stale
--
-- The wake-up names no day: whoever follows the area reads again whatever it holds.

local seen = tonumber(redis.call('GET', KEYS[2]) or '0')
if seen ~= tonumber(ARGV[1]) then return 0 end
-- The log first: of all writes only XADD could be refused.
local add = {'XADD', KEYS[3], string.format('%.0f-0', seen + 1)}
for i = 5, #ARGV do add[#add + 1] = ARGV[i] end
redis.call(unpack(add))
if ARGV[3] == '' then
  redis.call('HDEL', KEYS[1], ARGV[2])
else
  redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
end
local revision = redis.call('INCR', KEYS[2])
redis.call('PUBLISH', ARGV[4], ' 0')
return revision
