"""The files of uploads, pictures and fonts alike."""

from collections.abc import Sequence

from dyncontent.store.store import Store


async def uploads(store: Store, ids: Sequence[str]) -> dict[str, bytes]:
    """The files of those among the uploads that there are. Raises StoreError."""
    if not ids:
        return {}
    replies = await store.ask(*(("HGET", store.keys.asset(name), "data") for name in ids))
    return {name: data for name, data in zip(ids, replies, strict=True) if data is not None}
