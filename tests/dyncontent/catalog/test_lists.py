"""Lists of documents, page by page, and what is deleted."""

import asyncio

import orjson
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from dyncontent.catalog.catalogue import Catalogue, NotFoundError
from dyncontent.catalog.consent import Statement
from dyncontent.catalog.kinds import MESSAGE, ORDER, PRODUCT, RECIPIENT, Kind
from dyncontent.catalog.links import AllowedHosts
from dyncontent.catalog.lists import BEGINNING, Start, read_listed, read_page, unlist
from dyncontent.catalog.message import Message, Order
from dyncontent.catalog.model import Definition
from dyncontent.catalog.product import Product
from dyncontent.catalog.recipient import Profile
from dyncontent.store.store import Store

pytestmark = pytest.mark.anyio

BODIES: dict[str, Definition] = {
    "product": Product(stock=1),
    "message": Message.model_validate({"class": "marketing"}),
    "order": Order(status="packed"),
    "recipient": Profile(first_name="Aino"),
}
KINDS = (PRODUCT, MESSAGE, ORDER, RECIPIENT)


@pytest.fixture
def catalogue(store: Store) -> Catalogue:
    return Catalogue(store, AllowedHosts.of(()))


async def _all(catalogue: Catalogue, kind: Kind, most: int) -> list[str]:  # type: ignore[type-arg]
    names: list[str] = []
    start: Start | None = BEGINNING
    while start is not None:
        page, start = await catalogue.page(kind, most, start)
        assert len(page) <= most
        names += (name for name, _ in page)
    return names


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("most", [1, 7, 200])
async def test_every_document_stands_on_one_page(
    catalogue: Catalogue,
    kind: Kind,  # type: ignore[type-arg]
    most: int,
) -> None:
    names = {f"n{number}" for number in range(30)}
    assert await _all(catalogue, kind, most) == []
    await catalogue.put_all(kind, [(name, BODIES[kind.name]) for name in sorted(names)[:20]])
    for name in sorted(names)[20:]:
        await catalogue.put(kind, name, BODIES[kind.name])
    found = await _all(catalogue, kind, most)
    assert len(found) == len(names)
    assert set(found) == names
    if not kind.spread:
        assert found == sorted(found)


@pytest.mark.parametrize("kind", [PRODUCT, MESSAGE, ORDER], ids=lambda kind: kind.name)
async def test_what_is_deleted_is_absent(catalogue: Catalogue, kind: Kind) -> None:  # type: ignore[type-arg]
    for name in ("a", "b"):
        await catalogue.put(kind, name, BODIES[kind.name])
    await catalogue.delete(kind, "a")
    assert await _all(catalogue, kind, 10) == ["b"]
    with pytest.raises(NotFoundError):
        await catalogue.get(kind, "a")
    with pytest.raises(NotFoundError):
        await catalogue.delete(kind, "a")
    await catalogue.put(kind, "a", BODIES[kind.name])
    assert set(await _all(catalogue, kind, 10)) == {"a", "b"}


async def test_a_deleted_product_leaves_its_category(catalogue: Catalogue, store: Store) -> None:
    body = {"category": "cities", "price": {"amount": "5", "currency": "EUR"}}
    await catalogue.put(PRODUCT, "rome", Product.model_validate_json(orjson.dumps(body)))
    place = store.keys.category("cities", "EUR")
    assert await store.ask(("ZCARD", place)) == [1]
    await catalogue.delete(PRODUCT, "rome")
    assert await store.ask(("ZCARD", place)) == [0]


async def test_a_person_known_by_consent_alone_is_listed(catalogue: Catalogue) -> None:
    statement = Statement.model_validate({"purpose": "tracking", "given": True})
    await catalogue.consent("aino", statement)
    assert await _all(catalogue, RECIPIENT, 10) == ["aino"]


async def test_who_is_made_anew_meanwhile_stays_listed(catalogue: Catalogue, store: Store) -> None:
    await catalogue.put(ORDER, "77", BODIES["order"])
    await unlist(store, ORDER, "77")
    assert await _all(catalogue, ORDER, 10) == ["77"]


async def test_many_who_delete_and_make_leave_no_document_unlisted(catalogue: Catalogue) -> None:
    async def delete() -> None:
        for _ in range(30):
            try:
                await catalogue.delete(ORDER, "77")
            except NotFoundError:
                await asyncio.sleep(0)

    async def make() -> None:
        for _ in range(30):
            await catalogue.put(ORDER, "77", BODIES["order"])

    await asyncio.gather(delete(), make(), delete(), make())
    await catalogue.put(ORDER, "77", BODIES["order"])
    assert await _all(catalogue, ORDER, 10) == ["77"]


async def test_a_name_without_a_document_is_left_out(catalogue: Catalogue, store: Store) -> None:
    await store.ask(("ZADD", store.keys.products, 0, "ghost"))
    assert await catalogue.page(PRODUCT, 10, BEGINNING) == ([], None)


@given(
    parts=st.lists(st.sets(st.text("abc", min_size=1, max_size=3), max_size=6), max_size=20),
    most=st.integers(1, 8),
)
@hypothesis_settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_pages_together_are_the_list(store: Store, parts: list[set[str]], most: int) -> None:
    keys = [f"{store.keys.prefix}:part:{number}" for number in range(len(parts))]
    for key, names in zip(keys, parts, strict=True):
        await store.ask(("DEL", key), *(("ZADD", key, 0, name) for name in names))
    found: list[str] = []
    start: Start | None = BEGINNING
    while start is not None:
        page, start = await read_page(store, keys, most, start)
        assert len(page) == most or start is None
        found += page
    assert found == [name for names in parts for name in sorted(names)]


async def test_documents_are_read_in_the_order_of_their_names(store: Store, prefix: str) -> None:
    def key(name: str) -> str:
        return f"{prefix}:{name}"

    assert await read_listed(store, prefix, key) == []
    names = ["a", "b", "c", "d"]
    await store.ask(*(("ZADD", prefix, 0, name) for name in reversed(names)))
    await store.ask(*(("SET", key(name), name) for name in names if name != "c"))
    assert await read_listed(store, prefix, key) == [("a", b"a"), ("b", b"b"), ("d", b"d")]
    assert await read_listed(store, prefix, key, 2) == [("a", b"a"), ("b", b"b")]
    assert await read_listed(store, prefix, key, 1, "a") == [("b", b"b")]
    assert await read_listed(store, prefix, key, 1, "d") == []
