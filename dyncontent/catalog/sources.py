"""The data sources of a workspace, for those who want to know the types of their values."""

from dyncontent.catalog.source import StoredSource
from dyncontent.store.store import Store
from rules.facts import Declared


async def definitions(store: Store) -> dict[str, StoredSource]:
    """By their ids, in order."""
    [ids] = await store.ask(("ZRANGE", store.keys.sources, "-", "+", "BYLEX"))
    names = [name.decode() for name in ids]
    if not names:
        return {}
    [found] = await store.ask(("MGET", *map(store.keys.source, names)))
    return {
        name: StoredSource.model_validate_json(raw)
        for name, raw in zip(names, found, strict=True)
        if raw is not None
    }


async def declared_by_sources(store: Store) -> Declared:
    return {
        fact: type_
        for name, stored in (await definitions(store)).items()
        for fact, type_ in stored.source.declared(name).items()
    }
