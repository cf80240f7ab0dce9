"""Where things of a person are found."""

import orjson
import pytest

from dyncontent.privacy import kept
from dyncontent.privacy.kept import events_of
from dyncontent.store.store import Store

pytestmark = pytest.mark.anyio


async def test_events_are_found_page_by_page(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "PAGE", 3)
    who = ["a", "b", None, "a", "ab", "a", "b", "b", "b", "a"]
    for number, name in enumerate(who):
        event = {"n": number} | ({"recipient": name} if name else {"block": '"recipient":"a"'})
        await store.ask(("XADD", store.keys.events, "*", "event", orjson.dumps(event)))
    pages = [[event["n"] for _, event in page] async for page in events_of(store, "a")]
    assert pages == [[0], [3, 5], [9]]
    assert [page async for page in events_of(store, "c")] == []
