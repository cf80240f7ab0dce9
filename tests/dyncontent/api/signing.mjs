// Signs URLs, written from docs/urls.md alone. Reads lines of JSON, {"secret", "purpose", "block",
// "recipient", "message", "type"?} for a signed URL, the same with "tag" for "recipient" for a tagged
// one, {"secret", "recipient"} for a handle; writes the path and query, or the handle, a line each.
import { createHmac } from "node:crypto";
import { createInterface } from "node:readline";

const SCHEME = "dyncontent-url-1";

function hmac(key, content) {
  return createHmac("sha256", key).update(content).digest();
}

function signature(secret, purpose, ...lines) {
  const colon = secret.indexOf(":");
  const id = secret.slice(0, colon);
  const bytes = Buffer.from(secret.slice(colon + 1), "base64url");
  const key = hmac(bytes, Buffer.concat([Buffer.from(`${SCHEME} ${purpose}`), Buffer.of(1)]));
  const text = [SCHEME, purpose, ...lines, id].join("\n");
  return [id, hmac(key, text).subarray(0, 16).toString("base64url")];
}

function sign({ secret, purpose, block, recipient, tag, message, type }) {
  if (purpose === undefined) {
    return `_${recipient}.${signature(secret, "handle", recipient).join(".")}`;
  }
  const path = `/${purpose}/${block}${purpose === "i" ? `.${type ?? "png"}` : ""}`;
  if (tag === undefined) {
    const [id, signed] = signature(secret, purpose, block, recipient, message);
    return `${path}?r=${recipient}&m=${message}&v=${id}&k=${signed}`;
  }
  const [id, signed] = signature(secret, `tagged-${purpose}`, block, message);
  return `${path}?r=${tag}&m=${message}&v=${id}&t=${signed}`;
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${sign(JSON.parse(line))}\n`);
}
