"""What tests of events share."""

import base64
import hashlib
import hmac
from typing import Any

import httpx
import orjson

from tests.site import Site

SECRETS = ("the-newest-secret", "the-one-before")

_HEADERS = {
    "shopify": ("x-shopify-topic", "x-shopify-hmac-sha256", "x-shopify-webhook-id"),
    "woocommerce": (
        "x-wc-webhook-topic",
        "x-wc-webhook-signature",
        "x-wc-webhook-delivery-id",
    ),
}


def signature(raw: bytes, secret: str = SECRETS[0]) -> str:
    return base64.b64encode(hmac.digest(secret.encode(), raw, hashlib.sha256)).decode()


async def deliver(
    site: Site, shop: str, topic: str, payload: Any, secret: str = SECRETS[0], **headers: str
) -> httpx.Response:
    """A webhook, signed; the same payload has the same id."""
    raw = payload if isinstance(payload, bytes) else orjson.dumps(payload)
    values = (topic, signature(raw, secret), hashlib.sha256(raw).hexdigest())
    sent = dict(zip(_HEADERS[shop], values, strict=True)) | headers
    return await site.client.post(f"/webhooks/{shop}", content=raw, headers=sent)
