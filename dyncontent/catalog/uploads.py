"""The files of uploads, pictures and fonts alike."""

from collections.abc import Sequence

from dyncontent.catalog.model import Definition
from dyncontent.store.store import Store
from renderers.fields import AssetId


class Upload(Definition):
    """An uploaded picture: `id` is what blocks and products name it by; `width` and `height` are
    in its own pixels, `bytes` is the size of what is stored."""

    id: AssetId
    type: str
    width: int
    height: int
    bytes: int


async def uploads(store: Store, ids: Sequence[str]) -> dict[str, bytes]:
    """The files of those among the uploads that there are. Raises StoreError."""
    if not ids:
        return {}
    replies = await store.ask(*(("HGET", store.keys.asset(name), "data") for name in ids))
    return {name: data for name, data in zip(ids, replies, strict=True) if data is not None}
