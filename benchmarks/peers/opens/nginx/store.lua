-- Redis as one sees it from nginx: commands sent together, replies read in their order.

local concat, tonumber, sub, byte = table.concat, tonumber, string.sub, string.byte
local DOLLAR, MINUS = byte("$"), byte("-")

local M = {}
local address

function M.use(path) address = "unix:" .. path end

function M.connect()
  local socket = ngx.socket.tcp()
  socket:settimeout(1000)
  assert(socket:connect(address))
  return socket
end

-- Keeps the connection for the next request, once all replies have been read.
function M.release(socket) socket:setkeepalive(60000, 256) end

function M.command(...)
  local count = select("#", ...)
  local out = { "*" .. count .. "\r\n" }
  for place = 1, count do
    local part = select(place, ...)
    out[place + 1] = "$" .. #part .. "\r\n" .. part .. "\r\n"
  end
  return concat(out)
end

-- One reply that is no array; nil where there is nothing.
function M.reply(socket)
  local line = assert(socket:receive())
  local kind = byte(line)
  if kind == MINUS then error(line) end
  if kind ~= DOLLAR then return sub(line, 2) end
  local size = tonumber(sub(line, 2))
  if size < 0 then return nil end
  return sub(assert(socket:receive(size + 2)), 1, size)
end

return M
