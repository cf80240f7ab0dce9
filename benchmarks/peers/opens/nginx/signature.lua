-- HMAC-SHA256, its first 16 bytes, in base64url. The key is prepared once.

local ffi = require "ffi"
local encode = require("ngx.base64").encode_base64url

ffi.cdef [[
const void *EVP_sha256(void);
void *HMAC_CTX_new(void);
int HMAC_Init_ex(void *context, const void *key, int size, const void *digest, void *engine);
int HMAC_Update(void *context, const unsigned char *data, size_t size);
int HMAC_Final(void *context, unsigned char *out, unsigned int *size);
]]

local crypto = ffi.load("crypto.so.3")
local out = ffi.new("unsigned char[32]")

return function(key)
  local context = crypto.HMAC_CTX_new()
  assert(crypto.HMAC_Init_ex(context, key, #key, crypto.EVP_sha256(), nil) == 1)
  return function(text)
    crypto.HMAC_Init_ex(context, nil, 0, nil, nil)
    crypto.HMAC_Update(context, text, #text)
    crypto.HMAC_Final(context, out, nil)
    return encode(ffi.string(out, 16))
  end
end
