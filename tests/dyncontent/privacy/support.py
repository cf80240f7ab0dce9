"""A person with something of every kind, and all that a store holds."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio import Redis

from dyncontent.store.store import Store
from tests import samples
from tests.samples import BLOCK, GREEN, HOST, RED
from tests.site import TOKEN, Site

PERSON = "id-that-stands-nowhere-else"
OTHER = "another"
HOME = f"https://{HOST}/"

_READ = {
    b"string": ("GET",),
    b"list": ("LRANGE", 0, -1),
    b"hash": ("HGETALL",),
    b"zset": ("ZRANGE", 0, -1),
    b"set": ("SMEMBERS",),
    b"stream": ("XRANGE", "-", "+"),
}


async def fill(site: Site, person: str = PERSON) -> None:
    """Everything of which a person can have something."""
    profile = {"first_name": "Leida", "consents": samples.CONSENTS, "cart": ["rome"]}
    await site.do("PUT", f"recipients/{person}", profile)
    await site.do("POST", f"recipients/{person}/purchases", {"product": "riga"})
    viewed = {"userId": person, "event": "Product Viewed", "messageId": "1"}
    token = {"authorization": f"Bearer {TOKEN}"}
    seen = viewed | {"properties": {"product_id": "oslo"}}
    assert (await site.client.post("/v1/track", json=seen, headers=token)).is_success
    said = {"purpose": "profiling", "given": False, "proof": f"letter of {person}"}
    await site.do("POST", f"recipients/{person}/consents", said)
    capped = samples.variant("a", RED, HOME, cap={"times": 30, "over": "P1D"})
    offer = samples.variant("oslo", GREEN, HOME, offer={"product": "oslo"})
    await site.publish(samples.block(capped), "capped")
    await site.publish(samples.block(offer, no_repeats=True), "alone")
    for block in (BLOCK, "capped", "alone"):
        assert (await site.open(recipient=person, block=block)).status_code == 200
        await site.click(recipient=person, block=block)


async def everything(store_url: str, prefix: str) -> dict[bytes, Any]:
    """Each key under a prefix with what is in it."""
    async with _client(store_url) as client:
        found: dict[bytes, Any] = {}
        async for key in client.scan_iter(match=f"*{prefix}*"):
            command, *arguments = _READ[await client.type(key)]
            found[key] = await client.execute_command(command, key, *arguments)
        return found


async def traces(store_url: str, store: Store, person: str = PERSON) -> list[bytes]:
    """The keys that hold a person's id, in their name or in what is in them."""
    found = await everything(store_url, store.keys.prefix)
    return [key for key, value in found.items() if person.encode() in key + repr(value).encode()]


@asynccontextmanager
async def _client(store_url: str) -> AsyncIterator[Any]:
    client = Redis.from_url(store_url)
    try:
        yield client
    finally:
        await client.aclose()
