-- Takes a batch of position reports: each newer than the vehicle's last one replaces it, in the hash of positions and in
-- the hash of its cell, and leaves the cell it was in before; others are ignored.
--
-- KEYS[1]  hash of positions
-- ARGV[1]  prefix of the cells' keys; a cell's key is the prefix and 16 hex digits. Cells are not in KEYS because which one
--          a vehicle leaves is only known here; they share the hash tag of KEYS[1], hence its slot
-- ARGV[2]  time to live of every key written, seconds
-- ARGV[3-] encoded positions (codec.go: bytes 2-9 are the moment in microseconds, 10-17 the cell, 38- the vehicle id)
-- returns  how many were stored
local byte, sub, format, call = string.byte, string.sub, string.format, redis.call

-- Microseconds since 1970 stay below 2^53 until 2255, so a Lua number holds them exactly.
local function moment(record)
  local a, b, c, d, e, f, g, h = byte(record, 2, 9)
  return ((((((a * 256 + b) * 256 + c) * 256 + d) * 256 + e) * 256 + f) * 256 + g) * 256 + h
end

local function cell(record)
  return ARGV[1] .. format('%02x%02x%02x%02x%02x%02x%02x%02x', byte(record, 10, 17))
end

local stored = 0
for i = 3, #ARGV do
  local record = ARGV[i]
  local id = sub(record, 38)
  local last = call('HGET', KEYS[1], id)
  if not last or moment(record) > moment(last) then
    local now = cell(record)
    if last and sub(last, 10, 17) ~= sub(record, 10, 17) then
      call('HDEL', cell(last), id)
    end
    call('HSET', KEYS[1], id, record)
    call('HSET', now, id, record)
    call('EXPIRE', now, ARGV[2])
    stored = stored + 1
  end
end
if stored > 0 then
  call('EXPIRE', KEYS[1], ARGV[2])
end
return stored
