"""What there is in the catalogue, for those who want all of it."""

from dataclasses import dataclass

from dyncontent.store.store import Store


@dataclass(frozen=True, slots=True)
class Upload:
    """A picture or a font as it is stored: its media type and its file."""

    type: str
    data: bytes


async def block_ids(store: Store) -> list[str]:
    """The ids of all blocks, in order, published or not."""
    beginning = store.keys.draft("")
    return sorted([key.removeprefix(beginning) for key in await store.find(beginning)])


async def font_ids(store: Store) -> list[str]:
    [ids] = await store.ask(("SMEMBERS", store.keys.fonts))
    return sorted(font.decode() for font in ids)


async def upload_type(store: Store, asset: str) -> str | None:
    """None if there is no such upload."""
    [type_] = await store.ask(("HGET", store.keys.asset(asset), "type"))
    return None if type_ is None else type_.decode()


async def upload(store: Store, asset: str) -> Upload | None:
    """None if there is no such upload."""
    [found] = await store.ask(("HMGET", store.keys.asset(asset), "type", "data"))
    type_, data = found
    return None if type_ is None else Upload(type_.decode(), data)
