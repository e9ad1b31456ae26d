-- commit.lua writes one commit of an area-day: everything or nothing. It only writes once every check has passed.
--
-- KEYS  1 revision, 2 event stream, 3 set of shift ids, 4 set of ride ids, 5 set of note ids, 6 idempotency record (ignored
--       when ARGV[6] is empty), 7 claims, then one key for each route, each ride, each note and each cell change, in the order of
--       ARGV.
-- ARGV  1 number of routes, 2 of rides, 3 of notes, 4 of cell changes, 5 of entries of the stream, at least 1,
--       6 request hash of the idempotency key (32 bytes, or empty for none), 7 record to keep (begins with that hash),
--       8 seconds to keep it, 9 wake-up channel, 10 service day, 11 number of claims,
--       12 revision that the commit was made from,
--       then for each route, each ride and each note: id, expected version (8 bytes big-endian, empty for "not there yet"), value;
--       for each cell change: "+" or "-", score (service-day seconds), member;
--       for each claim: member, id of the ride that takes it, empty where it was taken before;
--       for each entry: number of arguments that follow, then field, value, field, value ...; the first one carries the
--       routes, rides and notes as they are stored (log.go)
-- Returns {0, revision}                       written
--         {1, record}                         the same request was answered before
--         {2}                                 the key was used for another request
--         {3, {shift ids}, {ride ids}, {note ids}}   stale: these are at other versions than expected, or what the rides take was
--                                             taken since the revision that the commit was made from
--
-- A stored route, ride or note carries its version in bytes 1 to 8 (codec.go), whatever its layout.

local counts = {tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])} -- routes, rides, notes
local values = counts[1] + counts[2] + counts[3]
local changes, entries = tonumber(ARGV[4]), tonumber(ARGV[5])
local hash = ARGV[6]
local claims, seen = tonumber(ARGV[11]), tonumber(ARGV[12])

-- kind tells of the i-th value whether it is a route (1), a ride (2) or a note (3).
local function kind(i)
  if i <= counts[1] then return 1 end
  return i <= counts[1] + counts[2] and 2 or 3
end

if hash ~= '' then
  local kept = redis.call('GET', KEYS[6])
  if kept then
    if string.sub(kept, 1, 32) == hash then return {1, kept} end
    return {2}
  end
end

local key, arg = 7, 12 -- the last ones used
local stale = {{}, {}, {}}
for i = 1, values do
  local found = redis.call('GETRANGE', KEYS[key + i], 1, 8)
  if found ~= ARGV[arg + 3 * i - 1] then
    local list = stale[kind(i)]
    list[#list + 1] = ARGV[arg + 3 * i - 2]
  end
end
local claim = arg + 3 * (values + changes) -- the last argument before the claims
for i = 1, claims do
  local ride = ARGV[claim + 2 * i]
  if ride ~= '' and tonumber(redis.call('ZSCORE', KEYS[7], ARGV[claim + 2 * i - 1]) or '0') > seen then
    stale[2][#stale[2] + 1] = ride
  end
end
if #stale[1] + #stale[2] + #stale[3] > 0 then return {3, stale[1], stale[2], stale[3]} end

-- The log first: whatever were to refuse a later write, the log has all that the commit wrote, and rebuild makes the rest
-- from it. An entry is refused where its id is not above the last, as when the revision was tampered with; then nothing is
-- changed, because the revision itself comes after.
local revision = tonumber(redis.call('GET', KEYS[1]) or '0') + 1
local at = claim + 2 * claims
for i = 0, entries - 1 do
  local n = tonumber(ARGV[at + 1])
  local add = {'XADD', KEYS[2], string.format('%.0f-%d', revision, i)}
  for j = 1, n do add[3 + j] = ARGV[at + 1 + j] end
  redis.call(unpack(add))
  at = at + 1 + n
end
redis.call('SET', KEYS[1], string.format('%.0f', revision))

for i = 1, values do
  redis.call('SET', KEYS[key + i], ARGV[arg + 3 * i])
  if ARGV[arg + 3 * i - 1] == '' then
    redis.call('SADD', KEYS[2 + kind(i)], ARGV[arg + 3 * i - 2])
  end
end
for i = 1, claims do redis.call('ZADD', KEYS[7], string.format('%.0f', revision), ARGV[claim + 2 * i - 1]) end
key, arg = key + values, arg + 3 * values

for i = 1, changes do
  local op, score, member = ARGV[arg + 1], ARGV[arg + 2], ARGV[arg + 3]
  if op == '+' then
    redis.call('ZADD', KEYS[key + i], score, member)
  else
    redis.call('ZREM', KEYS[key + i], member)
  end
  arg = arg + 3
end

if hash ~= '' then redis.call('SET', KEYS[6], ARGV[7], 'EX', ARGV[8]) end
redis.call('PUBLISH', ARGV[9], ARGV[10] .. string.format(' %.0f', revision))
return {0, revision}
