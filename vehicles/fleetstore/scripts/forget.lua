-- Removes positions, each only if it is still the one that the caller read: a vehicle that has reported since stays.
--
-- KEYS[1]  hash of positions
-- ARGV[1]  prefix of the cells' keys; a cell's key is the prefix and 16 hex digits (as in report.lua)
-- ARGV[2-] encoded positions as read (codec.go: bytes 10-17 are the cell, 38- the vehicle id)
-- returns  how many were removed
local removed = 0
for i = 2, #ARGV do
  local record = ARGV[i]
  local id = string.sub(record, 38)
  if redis.call('HGET', KEYS[1], id) == record then
    local cell = string.format('%02x%02x%02x%02x%02x%02x%02x%02x', string.byte(record, 10, 17))
    redis.call('HDEL', KEYS[1], id)
    redis.call('HDEL', ARGV[1] .. cell, id)
    removed = removed + 1
  end
end
return removed
