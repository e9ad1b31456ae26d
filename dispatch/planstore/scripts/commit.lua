-- commit.lua writes one commit of an area-day: everything or nothing. It only writes once every check has passed.
--
-- KEYS  1 revision, 2 event stream, 3 set of shift ids, 4 set of ride ids, 5 idempotency record (ignored when ARGV[5] is
--       empty), then one key for each route, each ride and each cell change, in the order of ARGV.
-- ARGV  1 number of routes, 2 of rides, 3 of cell changes, 4 of entries of the stream, at least 1,
--       5 request hash of the idempotency key (32 bytes, or empty for none), 6 record to keep (begins with that hash),
--       7 seconds to keep it, 8 wake-up channel, 9 service day,
--       then for each route and each ride: id, expected version (8 bytes big-endian, empty for "not there yet"), value;
--       for each cell change: "+" or "-", score (service-day seconds), member;
--       for each entry: number of arguments that follow, then field, value, field, value ...; the first one carries the
--       routes and rides as they are stored (log.go)
-- Returns {0, revision}                       written
--         {1, record}                         the same request was answered before
--         {2}                                 the key was used for another request
--         {3, {shift ids}, {ride ids}}        stale: these are at other versions than expected
--
-- A stored route or ride carries its version in bytes 1 to 8 (codec.go), whatever its layout.

local routes, rides = tonumber(ARGV[1]), tonumber(ARGV[2])
local changes, entries = tonumber(ARGV[3]), tonumber(ARGV[4])
local hash = ARGV[5]

if hash ~= '' then
  local kept = redis.call('GET', KEYS[5])
  if kept then
    if string.sub(kept, 1, 32) == hash then return {1, kept} end
    return {2}
  end
end

local key, arg = 5, 9 -- the last ones used
local stale = {{}, {}}
for i = 1, routes + rides do
  local found = redis.call('GETRANGE', KEYS[key + i], 1, 8)
  if found ~= ARGV[arg + 3 * i - 1] then
    local list = stale[i <= routes and 1 or 2]
    list[#list + 1] = ARGV[arg + 3 * i - 2]
  end
end
if #stale[1] + #stale[2] > 0 then return {3, stale[1], stale[2]} end

-- The log first: whatever were to refuse a later write, the log has all that the commit wrote, and rebuild makes the rest
-- from it. An entry is refused where its id is not above the last, as when the revision was tampered with; then nothing is
-- changed, because the revision itself comes after.
local revision = tonumber(redis.call('GET', KEYS[1]) or '0') + 1
local at = arg + 3 * (routes + rides + changes)
for i = 0, entries - 1 do
  local n = tonumber(ARGV[at + 1])
  local add = {'XADD', KEYS[2], string.format('%.0f-%d', revision, i)}
  for j = 1, n do add[3 + j] = ARGV[at + 1 + j] end
  redis.call(unpack(add))
  at = at + 1 + n
end
redis.call('SET', KEYS[1], string.format('%.0f', revision))

for i = 1, routes + rides do
  redis.call('SET', KEYS[key + i], ARGV[arg + 3 * i])
  if ARGV[arg + 3 * i - 1] == '' then
    redis.call('SADD', i <= routes and KEYS[3] or KEYS[4], ARGV[arg + 3 * i - 2])
  end
end
key, arg = key + routes + rides, arg + 3 * (routes + rides)

for i = 1, changes do
  local op, score, member = ARGV[arg + 1], ARGV[arg + 2], ARGV[arg + 3]
  if op == '+' then
    redis.call('ZADD', KEYS[key + i], score, member)
  else
    redis.call('ZREM', KEYS[key + i], member)
  end
  arg = arg + 3
end

if hash ~= '' then redis.call('SET', KEYS[5], ARGV[6], 'EX', ARGV[7]) end
redis.call('PUBLISH', ARGV[8], ARGV[9] .. string.format(' %.0f', revision))
return {0, revision}
