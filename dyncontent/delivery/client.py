"""Who opens: the verdict on an open or click. It labels the event and never changes the answer.

Sources: the proxies' own user agents, as vendors document them and as they are seen in the field.
The address and the user agent themselves are not kept.
"""

from enum import StrEnum
from functools import lru_cache


class Verdict(StrEnum):
    HUMAN = "human"
    PROXY = "proxy"
    PREFETCH = "prefetch"
    SCANNER = "scanner"


_PROXIES = ("GoogleImageProxy", "YahooMailProxy")
_GMAIL_PREFETCH = "Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0"
_APPLE_RELAY = "Mozilla/5.0"


def verdict(user_agent: str, *, is_head: bool, is_click: bool, announced_prefetch: bool) -> Verdict:
    """`announced_prefetch` tells that the request itself says that nobody looks yet."""
    if is_head:
        return Verdict.SCANNER
    if announced_prefetch:
        return Verdict.PREFETCH
    return Verdict.HUMAN if is_click else _who(user_agent)


@lru_cache(4096)
def _who(user_agent: str) -> Verdict:
    """Who opens with a user agent; there are few of them."""
    if user_agent == _APPLE_RELAY or user_agent.endswith(_GMAIL_PREFETCH):
        return Verdict.PREFETCH
    if any(proxy in user_agent for proxy in _PROXIES):
        return Verdict.PROXY
    return Verdict.HUMAN
