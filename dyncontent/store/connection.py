"""A client for a Redis or Valkey URL: one server, a primary that sentinels name, or a cluster."""

from typing import Any, cast
from urllib.parse import urlsplit, urlunsplit

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import SentinelConnectionPool
from redis.backoff import NoBackoff
from redis.maint_notifications import MaintNotificationsConfig

from dyncontent.store.sentinel import Sentinels

Client = Redis | RedisCluster

SCHEMES = (
    "redis",
    "rediss",
    "unix",
    "redis+sentinel",
    "rediss+sentinel",
    "redis+cluster",
    "rediss+cluster",
)
MOST_CONNECTIONS = 64
CONNECT_SECONDS = 0.5
REPLY_SECONDS = 2.0


def check_url(url: str) -> None:
    """Raises ValueError for what `connect` does not understand."""
    scheme = url.partition("://")[0]
    if scheme not in SCHEMES:
        raise ValueError(f"begins with one of {', '.join(f'{name}://' for name in SCHEMES)}")
    if scheme.endswith("+sentinel"):
        Sentinels.of(url)


def connect(url: str) -> Client:
    """A client that connects when it is first used. A command on a broken connection fails at
    once: an open has no time for another try, whoever writes decides about trying again.
    """
    options: dict[str, Any] = {
        "max_connections": MOST_CONNECTIONS,
        "socket_connect_timeout": CONNECT_SECONDS,
        "socket_timeout": REPLY_SECONDS,
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,
        # With these on, the pool hands out a connection that still holds an unread reply.
        "maint_notifications_config": MaintNotificationsConfig(enabled=False),
    }
    scheme, _, kind = url.partition("://")[0].partition("+")
    if kind == "sentinel":
        sentinels = Sentinels.of(url)
        options |= sentinels.servers
        pool = cast("Any", SentinelConnectionPool)
        return Redis.from_pool(
            pool(sentinels.service, sentinels, ssl=sentinels.encrypted, **options)
        )
    if kind == "cluster":
        node = urlunsplit(urlsplit(url)._replace(scheme=scheme))
        return RedisCluster.from_url(node, **options)
    if scheme == "unix":
        del options["maint_notifications_config"]
    return Redis.from_url(url, **options)
