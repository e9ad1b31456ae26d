-- register.lua writes one commit of an area's register of riders: everything or nothing.
--
-- KEYS  1 revision, 2 event stream, 3 set of rider ids, then for each rider the entry and the data key, then one key for
--       each look-up change.
-- ARGV  1 number of riders, 2 of look-up changes, 3 "erase" or "save",
--       then for each rider: id, expected version (8 bytes big-endian, empty for "not there yet"), value (ignored when
--       erasing);
--       for each look-up change: "+" or "-", rider id;
--       for each rider: number of arguments of its event, then field, value, field, value ...
-- Returns {0, revision}           written
--         {1, {rider ids}}        stale: these are at other versions than expected
--         {2, {rider ids}}        these persons were erased
--
-- A stored entry carries its version in bytes 1 to 8 (register_codec.go), whatever its layout. An empty data key is one that
-- was destroyed.

local riders, changes, erase = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3] == 'erase'

local stale, gone = {}, {}
for i = 0, riders - 1 do
  local found = redis.call('GETRANGE', KEYS[4 + 2 * i], 1, 8)
  if found ~= ARGV[5 + 3 * i] then stale[#stale + 1] = ARGV[4 + 3 * i] end
  if not erase and redis.call('GET', KEYS[5 + 2 * i]) == '' then gone[#gone + 1] = ARGV[4 + 3 * i] end
end
if #gone > 0 then return {2, gone} end
if #stale > 0 then return {1, stale} end

-- Events first: of all writes only XADD could be refused.
local revision = redis.call('INCR', KEYS[1])
local at = 3 + 3 * riders + 2 * changes
for i = 0, riders - 1 do
  local n = tonumber(ARGV[at + 1])
  local add = {'XADD', KEYS[2], string.format('%.0f-%d', revision, i)}
  for j = 1, n do add[3 + j] = ARGV[at + 1 + j] end
  redis.call(unpack(add))
  at = at + 1 + n
end

for i = 0, riders - 1 do
  local id, entry, key = ARGV[4 + 3 * i], KEYS[4 + 2 * i], KEYS[5 + 2 * i]
  if erase then
    redis.call('SET', key, '')
    redis.call('DEL', entry)
    redis.call('SREM', KEYS[3], id)
  else
    redis.call('SET', entry, ARGV[6 + 3 * i])
    redis.call('SADD', KEYS[3], id)
  end
end

for i = 0, changes - 1 do
  local op, id = ARGV[4 + 3 * riders + 2 * i], ARGV[5 + 3 * riders + 2 * i]
  redis.call(op == '+' and 'SADD' or 'SREM', KEYS[4 + 2 * riders + i], id)
end
return {0, revision}
