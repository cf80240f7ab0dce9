"""A client for a Redis or Valkey URL: one server, or a cluster."""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.maint_notifications import MaintNotificationsConfig

Client = Redis | RedisCluster

SCHEMES = ("redis", "rediss", "unix", "redis+cluster", "rediss+cluster")
MOST_CONNECTIONS = 64
CONNECT_SECONDS = 0.5
REPLY_SECONDS = 2.0


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
    parts = urlsplit(url)
    scheme, _, kind = parts.scheme.partition("+")
    if kind == "cluster":
        return RedisCluster.from_url(urlunsplit(parts._replace(scheme=scheme)), **options)
    if scheme == "unix":
        del options["maint_notifications_config"]
    return Redis.from_url(url, **options)
