"""Quotas: how many requests a token may make, counted in the store for all servers together.

A token has a bucket of so many requests, which fills again evenly. Kept is the instant at which it
will be full: the generic cell rate algorithm (GCRA) of ATM, ITU-T I.371.
"""

import asyncio
import logging
import math
from dataclasses import dataclass

from dyncontent.store.roundtrip import StoreError
from dyncontent.store.store import Store

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 0.5
"""How long a request waits to be counted: what only reads goes on where the store cannot write."""

# Takes one request from a bucket. The arguments: how many it holds, and the microseconds in which
# one comes back. Gives whether there was one, and how full the bucket is, in such microseconds. The
# time is the store's: servers need not agree.
_TAKE = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local interval = tonumber(ARGV[2])
local size = ARGV[1] * interval
local full = math.max(now, tonumber(redis.call('GET', KEYS[1]) or 0))
local after = full + interval
if after - now > size then return {0, math.floor(size - (full - now))} end
local lasts = math.ceil((after - now) / 1000)
redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', lasts)
return {1, math.floor(size - (after - now))}
"""


@dataclass(frozen=True, slots=True)
class Quota:
    """`most` requests at once, and as many in every `seconds`."""

    most: int
    seconds: float = 60

    @property
    def policy(self) -> str:
        """The value of RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-11)."""
        return f'"token";q={self.most};w={math.ceil(self.seconds)}'


@dataclass(frozen=True, slots=True)
class Standing:
    """How a token stands with its quota after a request; `wait` are the seconds until one more than
    `left` can be made."""

    is_within: bool
    left: int
    wait: float

    @property
    def seconds(self) -> int:
        """To wait, in whole seconds."""
        return max(1, math.ceil(self.wait))

    @property
    def limit(self) -> str:
        """The value of RateLimit."""
        return f'"token";r={self.left};t={self.seconds}'


class Quotas:
    def __init__(self, store: Store, quota: Quota) -> None:
        self._store = store
        self.quota = quota

    async def take(self, name: str) -> Standing | None:
        """Count a request under a name. None while the store does not answer: whoever asks is not
        refused for that."""
        interval = self.quota.seconds * 1e6 / self.quota.most
        key = self._store.keys.quota(name)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                [told] = await self._store.ask(("EVAL", _TAKE, 1, key, self.quota.most, interval))
        except (TimeoutError, StoreError) as error:
            log.info("a request is not counted: %r", error)
            return None
        is_within, filled = bool(told[0]), told[1]
        left = int(filled // interval) if is_within else 0
        return Standing(is_within, left, ((left + 1) * interval - filled) / 1e6)
