"""A line on which the change log falls silent and all else goes through."""

import pytest
from redis import Redis
from redis.exceptions import RedisError

from benchmarks.cut import line


def test_all_but_the_change_log_goes_through(store_url: str, prefix: str) -> None:
    log, key = f"{prefix}:log", f"{prefix}:key"

    def read() -> object:
        return store.xread({log: "0-0"})

    with line(store_url) as cut, Redis.from_url(cut.url, socket_timeout=0.3) as store:
        store.set(key, "1")
        store.xadd(log, {"key": "a"})
        assert read()
        assert cut.swallowed == 0
        cut.cut()
        assert store.get(key) == b"1"
        with pytest.raises(RedisError):
            read()
        assert cut.swallowed == 1
        assert store.get(key) == b"1"
        cut.mend()
        assert read()
