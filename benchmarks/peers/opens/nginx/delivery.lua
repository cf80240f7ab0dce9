-- An open and a click, as one would write them by hand for one block. Headers that are always the
-- same are nginx's to send: see lua.conf.

local cjson = require "cjson"
local signature = require "signature"
local store = require "store"

local find, sub, floor = string.find, string.sub, math.floor
local command, reply = store.command, store.reply

local ID = [[^[A-Za-z0-9][A-Za-z0-9._~-]{0,127}$]]
local COPY_SECONDS = 1
local GMAIL_PREFETCH = "Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0"

local M = {}
local site, sign, paths, keys
local variants = {} -- by id

function M.load(path)
  local file = assert(io.open(path, "rb"))
  site = cjson.decode(file:read("*a"))
  file:close()
  store.use(site.socket)
  sign, paths, keys = {}, {}, {}
  for purpose, key in pairs(site.keys) do
    local signed = signature(ngx.decode_base64(key))
    local before = "dyncontent-url-1\n" .. purpose .. "\n" .. site.block .. "\n"
    local after = "\n" .. site.key_id
    sign[purpose] = function(recipient, message)
      return signed(before .. recipient .. "\n" .. message .. after)
    end
  end
  paths.i, paths.c = "/i/" .. site.block .. ".png", "/c/" .. site.block
  local catalogue = "{" .. site.prefix .. "}:"
  keys.events = site.prefix .. ":events"
  keys.recipient = site.prefix .. ":recipient:"
  keys.message = catalogue .. "message:"
  for _, variant in ipairs(site.variants) do
    variants[variant.id] = variant
    variant.key = catalogue .. "product:" .. variant.product
  end
  for _, shown in ipairs({ site.fallback, unpack(site.variants) }) do
    for _, picture in pairs(shown.pictures) do
      local data = assert(io.open(picture.file, "rb"))
      picture.data = data:read("*a")
      data:close()
    end
  end
end

local function refuse(status) return ngx.exit(status) end

-- Whom a URL is of; nothing if it is not ours.
local function asked(purpose)
  if ngx.var.uri ~= paths[purpose] then return end
  local given = ngx.req.get_uri_args(20)
  local r, m = given.r, given.m
  if type(r) ~= "string" or type(m) ~= "string" or given.v ~= site.key_id then return end
  if not (ngx.re.find(r, ID, "jo") and ngx.re.find(m, ID, "jo")) then return end
  if sign[purpose](r, m) ~= given.k then return end
  return r, m
end

local function verdict(is_click)
  local purpose = ngx.var.http_sec_purpose or ngx.var.http_purpose
  if purpose and sub(purpose, 1, 8) == "prefetch" then return "prefetch" end
  if is_click then return "human" end
  local agent = ngx.var.http_user_agent or ""
  if agent == "Mozilla/5.0" or sub(agent, -#GMAIL_PREFETCH) == GMAIL_PREFETCH then
    return "prefetch"
  end
  if find(agent, "GoogleImageProxy", 1, true) or find(agent, "YahooMailProxy", 1, true) then
    return "proxy"
  end
  return "human"
end

local copies, copied_at = {}, {}

local function is_fresh(key)
  local at = copied_at[key]
  return at ~= nil and ngx.now() - at < COPY_SECONDS
end

local function copy(key, raw)
  local document = raw and cjson.decode(raw) or false
  if document and document.retired then document.stock = 0 end
  copies[key], copied_at[key] = document, ngx.now()
end

-- What is stored of a person is a list: see catalog.stored_people.
local function read_person(raw)
  local stored = cjson.decode(raw)
  local said, name = stored[1], stored[6]
  local function agreed(place)
    local letter = sub(said, place, place)
    return letter == "y" or letter == "Y"
  end
  return {
    first_name = name ~= cjson.null and name or nil,
    marketing = agreed(1),
    tracking = agreed(2),
    bought = " " .. stored[3] .. " ",
  }
end

-- What is asked of the store is asked at once: the person, what they were shown if a click wants to
-- know it, and the copies that are too old.
local function read(socket, recipient, message, shown_key)
  local wanted, stale = command("GET", keys.recipient .. recipient), {}
  if shown_key then wanted = wanted .. command("HGET", shown_key, site.block) end
  local function want(key)
    if not is_fresh(key) then
      stale[#stale + 1] = key
      wanted = wanted .. command("GET", key)
    end
  end
  local message_key = keys.message .. message
  want(message_key)
  for _, variant in ipairs(site.variants) do want(variant.key) end
  assert(socket:send(wanted))
  local person = reply(socket)
  local shown = shown_key and reply(socket)
  for _, key in ipairs(stale) do copy(key, reply(socket)) end
  return person and read_person(person), copies[message_key], shown
end

-- Whether an offer is over for a person; nil if that is not known.
local function is_over(person, variant)
  local product = copies[variant.key]
  if product and product.stock == 0 then return true end
  if person and find(person.bought, " " .. variant.product .. " ", 1, true) then return true end
  if not (product and product.stock and person) then return nil end
  return false
end

-- The variant, or nil for the fallback; the detail; whether an offer was passed over that is over.
local function decide(person, message)
  if message and message.class ~= "marketing" then return nil, "MESSAGE_CLASS", false end
  if person and not person.marketing then return nil, "CONSENT_MISSING", false end
  if not (person and message) then return nil, "FACT_MISSING", false end
  local swap, is_known = false, true
  for _, variant in ipairs(site.variants) do
    local over = is_over(person, variant)
    if over then
      swap = true
    elseif over == nil or not copies[variant.key].link then
      is_known = false
    else
      return variant, "VARIANT_HOLDS", swap
    end
  end
  return nil, is_known and "NO_VARIANT_HOLDS" or "FACT_MISSING", swap
end

-- Ids need no escapes in JSON.
local function quoted(text) return text and '"' .. text .. '"' or "null" end

local function event(kind, recipient, message, version, variant, offer, detail, swap, rest)
  local person = ""
  if recipient then
    person = ',"recipient":"' .. recipient .. '","message":"' .. message .. '"'
  end
  local reason = (variant or detail == "SHOWN") and "TARGETING_MATCH" or "DEFAULT"
  return '{"kind":"' .. kind .. '","at":' .. floor(ngx.now() * 1000)
    .. ',"block":"' .. site.block .. '","version":' .. version .. person
    .. ',"variant":' .. quoted(variant) .. ',"offer":' .. quoted(offer)
    .. ',"reason":"' .. reason .. '","detail":"' .. detail
    .. '","swap":' .. (swap and "true" or "false") .. ',"withheld":null' .. rest .. "}"
end

local function shown_key_of(recipient, message)
  return "{" .. keys.recipient .. recipient .. "}:shown:" .. message
end

-- Takes away again what was kept of a person who was erased meanwhile.
local function take_away(socket, event_id, shown_key)
  assert(socket:send(command("XDEL", keys.events, event_id)
    .. (shown_key and command("UNLINK", shown_key) or "")))
  reply(socket)
  if shown_key then reply(socket) end
end

-- `shown` is nil where nothing is kept for the click; `person_key` where nothing is kept of anybody.
local function record(socket, written, person_key, shown_key, shown)
  local commands = command("XADD", keys.events, "*", "event", written)
  if shown then commands = command("HSET", shown_key, site.block, shown) .. commands end
  if person_key then commands = commands .. command("EXISTS", person_key) end
  assert(socket:send(commands))
  if shown then reply(socket) end
  local event_id = reply(socket)
  if person_key and reply(socket) == "0" then
    take_away(socket, event_id, shown and shown_key)
  end
end

local function is_head()
  local method = ngx.req.get_method()
  if method ~= "GET" and method ~= "HEAD" then return refuse(405) end
  return method == "HEAD"
end

function M.open()
  local head = is_head()
  local recipient, message = asked("i")
  if not recipient then return refuse(403) end
  local socket = store.connect()
  local person, sent = read(socket, recipient, message)
  local variant, detail, swap = decide(person, sent)
  local id, offer = variant and variant.id, variant and variant.product
  if not head then
    local tracked = person and person.tracking
    local written = event("open", tracked and recipient, message, site.version, id, offer, detail,
      swap, ',"verdict":"' .. verdict(false) .. '","type":"png"')
    local shown = person and "[" .. site.version .. "," .. quoted(id) .. "," .. quoted(offer) .. "]"
    record(socket, written, person and keys.recipient .. recipient,
      shown_key_of(recipient, message), shown)
  end
  store.release(socket)
  local pictures = (variant or site.fallback).pictures
  local picture = pictures[variant and person.first_name or ""]
  local header = ngx.header
  header["etag"] = picture.etag
  if ngx.var.http_if_none_match == picture.etag then
    ngx.status = 304
    return ngx.send_headers()
  end
  header["content-type"] = "image/png"
  header["content-length"] = #picture.data
  ngx.print(picture.data)
end

local function link_of(variant)
  local product = variant and copies[variant.key]
  local link = product and product.link
  return link and sub(link, 1, #site.links) == site.links and link or site.fallback.link
end

local function with_notice(link)
  return link .. (find(link, "?", 1, true) and "&" or "?") .. "dyncontent=offer-ended"
end

function M.click()
  local head = is_head()
  local recipient, message = asked("c")
  if not recipient then return refuse(403) end
  local socket = store.connect()
  local shown_key = shown_key_of(recipient, message)
  local person, sent, raw = read(socket, recipient, message, shown_key)
  local version, id, offer = site.version, nil, nil
  local detail, swap, ended, seen, seen_offer = nil, false, false, nil, nil
  local variant
  if raw then
    local shown = cjson.decode(raw)
    seen = shown[2] ~= cjson.null and shown[2] or nil
    seen_offer = shown[3] ~= cjson.null and shown[3] or nil
    variant = seen and variants[seen]
    ended = variant ~= nil and is_over(person, variant) == true
    if not ended then version, id, offer, detail = shown[1], seen, seen_offer, "SHOWN" end
  end
  if not detail then
    variant, detail, swap = decide(person, sent)
    id, offer = variant and variant.id, variant and variant.product
  end
  if not head then
    local tracked = person and person.tracking
    local written = event("click", tracked and recipient, message, version, id, offer, detail, swap,
      ',"verdict":"' .. verdict(true) .. '","shown":' .. quoted(seen)
        .. ',"shown_offer":' .. quoted(seen_offer)
        .. ',"ended":' .. (ended and "true" or "false"))
    record(socket, written, tracked and keys.recipient .. recipient)
  end
  store.release(socket)
  local link = link_of(variant)
  local header = ngx.header
  ngx.status = 302
  header["location"] = ended and with_notice(link) or link
  header["content-type"] = "text/plain"
  header["content-length"] = 0
  ngx.send_headers()
end

return M
