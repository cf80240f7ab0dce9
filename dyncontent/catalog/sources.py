"""The data sources of a workspace, for those who want to know the types of their values."""

from dyncontent.catalog.lists import read_listed
from dyncontent.catalog.source import StoredSource
from dyncontent.store.store import Store
from rules.facts import Declared


async def definitions(store: Store) -> dict[str, StoredSource]:
    """By their ids, in order."""
    found = await read_listed(store, store.keys.sources, store.keys.source)
    return {name: StoredSource.model_validate_json(raw) for name, raw in found}


async def declared_by_sources(store: Store) -> Declared:
    return {
        fact: type_
        for name, stored in (await definitions(store)).items()
        for fact, type_ in stored.source.declared(name).items()
    }
