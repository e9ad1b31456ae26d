-- drop_events.lua empties the event stream of an area-day, unless a commit came in since the day was read. The stream stays,
-- so that the ids of later events are above those of the dropped ones.
--
-- KEYS  1 revision, 2 event stream
-- ARGV  1 revision that the day was read at, in decimal
-- Returns the number of dropped entries, or -1 when the day is at another revision.

if redis.call('GET', KEYS[1]) ~= ARGV[1] then return -1 end
return redis.call('XTRIM', KEYS[2], 'MAXLEN', 0)
