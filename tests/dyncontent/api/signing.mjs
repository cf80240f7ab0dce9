// Signs URLs, written from docs/urls.md alone. Reads lines of JSON: {"secret", "purpose", "block",
// "recipient", "message", "type"?}; writes the path and query of each, a line each.
import { createHmac } from "node:crypto";
import { createInterface } from "node:readline";

const SCHEME = "dyncontent-url-1";

function hmac(key, content) {
  return createHmac("sha256", key).update(content).digest();
}

function sign({ secret, purpose, block, recipient, message, type }) {
  const colon = secret.indexOf(":");
  const id = secret.slice(0, colon);
  const bytes = Buffer.from(secret.slice(colon + 1), "base64url");
  const key = hmac(bytes, Buffer.concat([Buffer.from(`${SCHEME} ${purpose}`), Buffer.of(1)]));
  const text = [SCHEME, purpose, block, recipient, message, id].join("\n");
  const signature = hmac(key, text).subarray(0, 16).toString("base64url");
  const extension = purpose === "i" ? `.${type ?? "png"}` : "";
  return `/${purpose}/${block}${extension}?r=${recipient}&m=${message}&v=${id}&k=${signature}`;
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${sign(JSON.parse(line))}\n`);
}
