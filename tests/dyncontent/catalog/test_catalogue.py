"""Reading and writing what people own, below the control plane."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from dyncontent.catalog.attributes import AttributeTypes
from dyncontent.catalog.block import Block
from dyncontent.catalog.catalogue import (
    ArchivedError,
    Catalogue,
    MissingAssetsError,
    NotFoundError,
    StockError,
)
from dyncontent.catalog.consent import PURPOSES, Consents, Statement
from dyncontent.catalog.font import Font
from dyncontent.catalog.instants import instant, now
from dyncontent.catalog.kinds import MESSAGE, ORDER, PRODUCT, RECIPIENT, Kind
from dyncontent.catalog.links import AllowedHosts
from dyncontent.catalog.message import Message
from dyncontent.catalog.precondition import ANY, Precondition, PreconditionError, etag
from dyncontent.catalog.product import MOST_STOCK, Product, StockChange
from dyncontent.catalog.published import Draft, Live, Publication, Version
from dyncontent.catalog.recipient import NOBODY, Profile, Purchase, Recipient
from dyncontent.store.command import Command
from dyncontent.store.store import Store
from renderers import typeface
from renderers.picture import accept
from tests import samples
from tests.renderers.typeface.support import blocky
from tests.samples import HOST, RED

pytestmark = pytest.mark.anyio


@pytest.fixture
def catalogue(store: Store) -> Catalogue:
    return Catalogue(store, AllowedHosts.of((HOST,)))


async def _told(store: Store) -> list[str]:
    """The keys in the change log."""
    [entries] = await store.ask(("XRANGE", store.keys.changes, "-", "+"))
    return [fields[b"key"].decode() for _, fields in entries]


def _block(title: str = "a", picture: str | None = None) -> Block:
    document = samples.block(samples.variant("v", RED, f"https://{HOST}/"), title=title)
    if picture is not None:
        document["variants"][0]["creative"] = {
            "kind": "picture", "picture": picture, "width": 60, "height": 40
        }  # fmt: skip
    return Block.model_validate_json(orjson.dumps(document))


@pytest.mark.parametrize("kind", [PRODUCT, MESSAGE, ORDER, RECIPIENT], ids=lambda kind: kind.name)
async def test_what_is_not_there_is_named(catalogue: Catalogue, kind: Kind[Any]) -> None:
    with pytest.raises(NotFoundError, match=f"There is no {kind.name} x"):
        await catalogue.get(kind, "x")
    with pytest.raises(NotFoundError, match=f"There is no {kind.name} x"):
        await catalogue.patch(kind, "x", {})


async def test_what_is_changed_in_the_catalogue_is_told(catalogue: Catalogue, store: Store) -> None:
    await catalogue.put(PRODUCT, "p", Product(stock=1))
    await catalogue.change_stock("p", StockChange(set=2))
    await catalogue.patch(PRODUCT, "p", {"stock": 3})
    await catalogue.put(MESSAGE, "m", Message.model_validate({"class": "marketing"}))
    await catalogue.put(RECIPIENT, "r", Profile())
    await catalogue.put_draft("b", _block())
    keys = store.keys
    assert await _told(store) == [keys.product("p")] * 3 + [keys.message("m")]
    await catalogue.publish("b")
    assert (await _told(store))[4:] == [keys.live("b")]


async def test_a_change_that_is_refused_is_told_to_nobody(
    catalogue: Catalogue, store: Store
) -> None:
    with pytest.raises(NotFoundError):
        await catalogue.change_stock("p", StockChange(set=2))
    await catalogue.put(PRODUCT, "p", Product(stock=1))
    with pytest.raises(StockError):
        await catalogue.change_stock("p", StockChange(change=-2))
    with pytest.raises(ValidationError):
        await catalogue.patch(PRODUCT, "p", {"stock": -1})
    assert await _told(store) == [store.keys.product("p")]


@pytest.mark.parametrize(
    ("before", "change", "why"),
    [
        (None, 1, "not known: set it first"),
        (3, -4, "3 of p are left, not 4"),
        (MOST_STOCK, 1, "above"),
        (1, MOST_STOCK, "above"),
    ],
)
async def test_a_stock_stays_within_its_limits(
    catalogue: Catalogue, before: int | None, change: int, why: str
) -> None:
    await catalogue.put(PRODUCT, "p", Product(stock=before))
    with pytest.raises(StockError, match=why):
        await catalogue.change_stock("p", StockChange(change=change))
    assert (await catalogue.get(PRODUCT, "p")).stock == before


@pytest.mark.parametrize(
    ("patch", "after"),
    [
        ({}, {"title": {"fi": "A"}, "attributes": {"t": {"en": "B"}, "n": 1}}),
        ({"title": {"et": "C"}}, {"title": {"fi": "A", "et": "C"},
                                  "attributes": {"t": {"en": "B"}, "n": 1}}),
        ({"title": "C"}, {"title": {"any": "C"}, "attributes": {"t": {"en": "B"}, "n": 1}}),
        ({"title": None, "attributes": None}, {}),
        ({"attributes": {"t": {"en": None, "fi": "C"}}},
         {"title": {"fi": "A"}, "attributes": {"t": {"fi": "C"}, "n": 1}}),
        ({"attributes": {"t": 5, "n": None, "x": None}},
         {"title": {"fi": "A"}, "attributes": {"t": 5}}),
        ({"attributes": {"n": {"en": "C", "fi": None}}},
         {"title": {"fi": "A"}, "attributes": {"t": {"en": "B"}, "n": {"en": "C"}}}),
    ],
)  # fmt: skip
async def test_a_patch_is_merged_as_rfc_7396_says(
    catalogue: Catalogue, patch: dict[str, Any], after: dict[str, Any]
) -> None:
    body = b'{"title":{"fi":"A"},"attributes":{"t":{"en":"B"},"n":1}}'
    await catalogue.put(PRODUCT, "p", Product.model_validate_json(body))
    patched = await catalogue.patch(PRODUCT, "p", patch)
    assert orjson.loads(patched.told.encoded()) == after
    assert await catalogue.get(PRODUCT, "p") == patched


async def test_a_patched_link_is_checked_against_the_hosts(catalogue: Catalogue) -> None:
    await catalogue.put(PRODUCT, "p", Product())
    with pytest.raises(ValidationError, match="not among the allowed hosts"):
        await catalogue.patch(PRODUCT, "p", {"link": "https://evil.example/"})
    patched = await catalogue.patch(PRODUCT, "p", {"link": f"https://{HOST}:443/ä"})
    assert patched.link == f"https://{HOST}/%C3%A4"


async def test_a_link_that_would_not_be_read_again_is_not_stored(catalogue: Catalogue) -> None:
    await catalogue.put(PRODUCT, "p", Product())
    with pytest.raises(ValidationError, match="at most 2000 characters"):
        await catalogue.patch(PRODUCT, "p", {"link": f"https://{HOST}/{'ä' * 1000}"})
    assert (await catalogue.get(PRODUCT, "p")).link is None


Heard = list[tuple[datetime, str, bool]]


async def test_every_word_on_consents_is_in_the_history(catalogue: Catalogue) -> None:
    """Whether it is kept there, or follows from the profile."""
    chance, heard, person = random.Random(1), Heard(), Recipient()
    for _ in range(150):
        match chance.randrange(10):
            case 0 if person is not NOBODY:
                with suppress(NotFoundError):
                    await catalogue.delete(RECIPIENT, "r")
                person = NOBODY
            case 1:
                at, purpose = instant(now()), chance.choice([*PURPOSES])
                given = chance.random() < 0.5
                told = {"purpose": purpose, "given": given, "at": at}
                person = await catalogue.consent("r", Statement.model_validate(told))
                heard.append((at, purpose, given))
            case _:
                names = ("marketing", "tracking", "marketing.sms")
                said = {name: chance.random() < 0.5 for name in chance.sample(names, 2)}
                consents = Consents.model_validate(said)
                before = person
                person = await catalogue.put(RECIPIENT, "r", Profile(consents=consents))
                heard += (
                    (instant(at), purpose, bool(person.consents.says(purpose)))
                    for purpose, at in person.consented.items()
                    if before.consented.get(purpose) != at
                )
        assert sorted(await _history(catalogue, 1000)) == sorted(heard)
        assert await _history(catalogue, 3) == await _history(catalogue, 1000)
    assert len(heard) > 100


async def _history(catalogue: Catalogue, most: int) -> Heard:
    """Page by page."""
    records, before = await catalogue.consent_history("r", most)
    while before:
        page, before = await catalogue.consent_history("r", most, before)
        records += page
    return [(record.at, record.purpose, record.given) for record in records]


async def test_what_a_profile_says_once_takes_no_room_in_the_history(
    catalogue: Catalogue, store: Store
) -> None:
    key = store.keys.consents("r")
    await catalogue.put(RECIPIENT, "r", Profile(consents=Consents(marketing=True)))
    await catalogue.patch(RECIPIENT, "r", {"consents": {"tracking": True}})
    assert await store.ask(("EXISTS", key)) == [0]
    await catalogue.patch(RECIPIENT, "r", {"consents": {"tracking": False}})
    assert await store.ask(("LLEN", key)) == [3]


async def test_the_history_outlives_the_profile(catalogue: Catalogue) -> None:
    await catalogue.put(RECIPIENT, "r", Profile(consents=Consents(marketing=True)))
    before = await _history(catalogue, 10)
    await catalogue.delete(RECIPIENT, "r")
    assert await _history(catalogue, 10) == before
    assert [name for _, name, _ in before] == ["marketing.email"]


async def test_who_was_stored_by_the_names_of_fields_has_their_history_in_it(
    catalogue: Catalogue, store: Store
) -> None:
    raw = b'{"as_of":{"":5},"consents":{"tracking":true},"consented":{"tracking":5}}'
    record = {"purpose": "tracking", "given": True, "at": instant(5), "recorded": instant(5)}
    await store.ask(
        ("SET", store.keys.recipient("r"), raw),
        ("RPUSH", store.keys.consents("r"), orjson.dumps(record)),
    )
    assert await _history(catalogue, 10) == [(instant(5), "tracking", True)]
    await catalogue.patch(RECIPIENT, "r", {"first_name": "A"})
    assert await _history(catalogue, 10) == [(instant(5), "tracking", True)]
    changed = await catalogue.patch(RECIPIENT, "r", {"consents": {"tracking": False}})
    assert await _history(catalogue, 10) == [
        (instant(changed.consented["tracking"]), "tracking", False),
        (instant(5), "tracking", True),
    ]


async def test_a_patch_of_consents_takes_back_no_purchase(catalogue: Catalogue) -> None:
    await catalogue.put(RECIPIENT, "r", Profile(consents=Consents(tracking=True)))
    await catalogue.purchase("r", Purchase(product="rome"))
    patched = await catalogue.patch(RECIPIENT, "r", {"consents": {"marketing": True}})
    assert patched.consents == Consents(marketing=True, tracking=True)
    assert set(patched.purchases) == {"rome"}


async def test_a_purchase_without_an_instant_is_of_now(catalogue: Catalogue) -> None:
    await catalogue.put(RECIPIENT, "r", Profile())
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    bought = await catalogue.purchase("r", Purchase(product="rome"))
    assert before <= bought.purchases["rome"] <= before + timedelta(minutes=1)
    at = datetime(2026, 1, 2, tzinfo=UTC)
    again = await catalogue.purchase("r", Purchase(product="rome", at=at))
    assert again.purchases == {"rome": at}


async def test_nobody_buys_who_is_not_known(catalogue: Catalogue) -> None:
    with pytest.raises(NotFoundError, match="There is no recipient r"):
        await catalogue.purchase("r", Purchase(product="rome"))
    with pytest.raises(NotFoundError, match="There is no recipient r"):
        await catalogue.unpurchase("r", "rome")


async def test_a_version_is_live_once_it_is_published(catalogue: Catalogue, store: Store) -> None:
    keys = store.keys
    await catalogue.put_draft("b", _block("first"))
    assert await store.ask(("EXISTS", keys.live("b"))) == [0]
    await catalogue.publish("b")
    await catalogue.put_draft("b", _block("second"))
    [live] = await store.ask(("GET", keys.live("b")))
    first = await catalogue.version("b", 1)
    assert first == Version.model_validate_json(live) == Version(number=1, block=_block("first"))
    await catalogue.publish("b")
    assert (await catalogue.version("b", 2)).block.title == "second"
    assert await catalogue.version("b", 1) == first


def _if(draft: Draft) -> Precondition:
    return Precondition(match=(etag(draft),))


async def test_blocks_are_listed_by_their_ids(catalogue: Catalogue) -> None:
    assert await catalogue.blocks(5) == []
    for name in ("b", "a", "C", "a-1"):
        await catalogue.put_draft(name, _block(name))
        await catalogue.put_draft(name, _block(name))
    await catalogue.publish("a")
    await catalogue.archive("a-1", archived=True)
    listed = await catalogue.blocks(9)
    assert [(one.id, one.title, one.versions, one.archived) for one in listed] == [
        ("C", "C", 0, False),
        ("a", "a", 1, False),
        ("a-1", "a-1", 0, True),
        ("b", "b", 0, False),
    ]
    assert await catalogue.blocks(2) == listed[:2]
    assert await catalogue.blocks(2, "a") == listed[2:]
    assert await catalogue.blocks(2, "a-0") == listed[2:]
    assert await catalogue.blocks(2, "b") == []


async def test_a_publication_is_kept_with_its_instant_and_its_note(
    catalogue: Catalogue, store: Store
) -> None:
    before = datetime.now(UTC)
    for note in ("Spring", None, "Autumn"):
        await catalogue.put_draft("b", _block(str(note)))
        await catalogue.publish("b", note)
    await catalogue.publish("b", "nothing new")
    await store.ask(("HDEL", store.keys.publications("b"), 2))
    third, second, first = await catalogue.publications("b", [3, 2, 1])
    assert second is None
    assert isinstance(first, Publication)
    assert isinstance(third, Publication)
    assert (first.note, third.note) == ("Spring", "Autumn")
    assert before <= first.at <= third.at <= datetime.now(UTC)
    assert await catalogue.publications("b", []) == []


async def test_a_version_is_restored_as_the_draft(catalogue: Catalogue, store: Store) -> None:
    for title in ("first", "second"):
        await catalogue.put_draft("b", _block(title))
        await catalogue.publish("b")
    restored = await catalogue.restore("b", 1)
    assert (restored.block.title, restored.versions, restored.changed) == ("first", 2, True)
    assert await catalogue.draft("b") == restored
    [live] = await store.ask(("GET", store.keys.live("b")))
    assert Version.model_validate_json(live).block.title == "second"
    with pytest.raises(NotFoundError, match="There is no version 3 of block b"):
        await catalogue.restore("b", 3)
    with pytest.raises(NotFoundError, match="There is no block none"):
        await catalogue.restore("none", 1)


async def test_a_block_is_archived_and_comes_back_as_it_was(
    catalogue: Catalogue, store: Store
) -> None:
    live, version = store.keys.live("b"), store.keys.version("b", 1)
    await catalogue.put_draft("b", _block("first"))
    await catalogue.publish("b")
    for _ in range(2):
        assert (await catalogue.archive("b", archived=True)).archived
    [served] = await store.ask(("GET", live))
    first = await catalogue.version("b", 1)
    assert Live.model_validate_json(served) == Live.of(first, archived=True)
    assert (await catalogue.put_draft("b", _block("second"))).archived
    with pytest.raises(ArchivedError, match="unarchive it first"):
        await catalogue.publish("b")
    assert not (await catalogue.archive("b", archived=False)).archived
    assert len(set(await store.ask(("GET", live), ("GET", version)))) == 1
    assert await _told(store) == [live] * 3
    assert (await catalogue.publish("b")).versions == 2
    with pytest.raises(NotFoundError, match="There is no block none"):
        await catalogue.archive("none", archived=True)


async def test_a_block_that_was_never_published_is_archived_too(
    catalogue: Catalogue, store: Store
) -> None:
    await catalogue.put_draft("b", _block())
    await catalogue.archive("b", archived=True)
    with pytest.raises(ArchivedError):
        await catalogue.publish("b")
    assert await store.ask(("EXISTS", store.keys.live("b"))) == [0]
    await catalogue.archive("b", archived=False)
    assert (await catalogue.publish("b")).versions == 1


async def test_what_is_live_is_the_last_version_however_many_archive_and_publish(
    catalogue: Catalogue, store: Store
) -> None:
    await catalogue.put_draft("b", _block("0"))
    await catalogue.publish("b")

    async def publish(number: int) -> None:
        await catalogue.put_draft("b", _block(str(number)))
        with suppress(ArchivedError):
            await catalogue.publish("b")

    async def put_away(number: int) -> None:
        await catalogue.archive("b", archived=number % 2 == 0)

    await asyncio.gather(
        *(publish(number) for number in range(1, 9)), *(put_away(number) for number in range(8))
    )
    draft = await catalogue.draft("b")
    [raw] = await store.ask(("GET", store.keys.live("b")))
    live = Live.model_validate_json(raw)
    assert (live.number, live.archived) == (draft.versions, draft.archived)
    assert live.block == (await catalogue.version("b", draft.versions)).block


async def test_a_version_published_while_a_block_is_archived_is_the_one_put_away(
    catalogue: Catalogue, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await catalogue.put_draft("b", _block("first"))
    await catalogue.publish("b")
    read = catalogue.version

    async def slowly(block: str, number: int) -> Version:
        monkeypatch.setattr(catalogue, "version", read)
        version = await read(block, number)
        await catalogue.put_draft("b", _block("second"))
        await catalogue.publish("b")
        return version

    monkeypatch.setattr(catalogue, "version", slowly)
    assert (await catalogue.archive("b", archived=True)).versions == 2
    [raw] = await store.ask(("GET", store.keys.live("b")))
    live = Live.model_validate_json(raw)
    assert (live.number, live.block.title, live.archived) == (2, "second", True)


async def test_a_write_on_what_is_no_longer_there_is_refused(
    catalogue: Catalogue, store: Store
) -> None:
    seen = await catalogue.put_draft("b", _block("first"))
    await catalogue.publish("b")
    now = await catalogue.put_draft("b", _block("second"), Precondition(match=(ANY,)))
    for write in (
        catalogue.put_draft("b", _block("third"), _if(seen)),
        catalogue.publish("b", None, _if(seen)),
        catalogue.restore("b", 1, _if(seen)),
        catalogue.archive("b", archived=True, unless=_if(seen)),
        catalogue.put_draft("b", _block("third"), Precondition(none_match=(ANY,))),
    ):
        with pytest.raises(PreconditionError) as refused:
            await write
        assert refused.value.current == etag(now)
    assert await catalogue.draft("b") == now
    assert await _told(store) == [store.keys.live("b")]
    with pytest.raises(PreconditionError, match="There is no block c"):
        await catalogue.put_draft("c", _block(), _if(seen))
    assert await catalogue.blocks(9, "b") == []


async def test_attribute_types_are_written_as_they_were_seen(catalogue: Catalogue) -> None:
    none = etag(await catalogue.attribute_types())
    first = AttributeTypes.model_validate_json(b'{"order":{"gift":"boolean"}}')
    second = AttributeTypes.model_validate_json(b'{"order":{"gift":"text"}}')
    await catalogue.put_attribute_types(first, Precondition(match=(none,)))
    with pytest.raises(PreconditionError):
        await catalogue.put_attribute_types(second, Precondition(match=(none,)))
    assert await catalogue.attribute_types() == first
    await catalogue.put_attribute_types(second)
    assert await catalogue.attribute_types() == second


async def test_a_block_that_is_not_there_is_named(catalogue: Catalogue) -> None:
    with pytest.raises(NotFoundError, match="There is no block b"):
        await catalogue.draft("b")
    with pytest.raises(NotFoundError, match="There is no block b"):
        await catalogue.publish("b")
    with pytest.raises(NotFoundError, match="There is no version 1 of block b"):
        await catalogue.version("b", 1)


async def test_a_picture_is_stored_and_may_then_be_used(catalogue: Catalogue, store: Store) -> None:
    upload = accept(samples.a_picture(60, 40))
    with pytest.raises(MissingAssetsError) as missing:
        await catalogue.put_draft("b", _block(picture=upload.id))
    assert missing.value.places == ((("variants", 0, "creative", "picture"), upload.id, "picture"),)
    await catalogue.put_picture(upload)
    [fields] = await store.ask(("HGETALL", store.keys.asset(upload.id)))
    pairs = (
        dict(zip(fields[::2], fields[1::2], strict=True)) if isinstance(fields, list) else fields
    )
    assert pairs == {b"type": b"image/png", b"width": b"60", b"height": b"40", b"data": upload.data}
    assert (await catalogue.put_draft("b", _block(picture=upload.id))).changed


async def test_a_block_whose_picture_vanished_is_not_published(
    catalogue: Catalogue, store: Store
) -> None:
    upload = accept(samples.a_picture())
    await catalogue.put_picture(upload)
    await catalogue.put_draft("b", _block(picture=upload.id))
    await store.ask(("DEL", store.keys.asset(upload.id)))
    with pytest.raises(MissingAssetsError):
        await catalogue.publish("b")
    assert (await catalogue.draft("b")).versions == 0


async def test_a_font_is_stored_and_told(catalogue: Catalogue, store: Store) -> None:
    with pytest.raises(NotFoundError, match="There is no font 0"):
        await catalogue.font("0")
    assert await catalogue.fonts() == []
    upload = typeface.accept(blocky())
    for _ in range(2):
        await catalogue.put_font(upload)
    assert await catalogue.font(upload.id) == Font.of(upload)
    assert await catalogue.fonts() == [Font.of(upload)]
    [kind, data] = await store.ask(
        ("HGET", store.keys.asset(upload.id), "type"), ("HGET", store.keys.asset(upload.id), "data")
    )
    assert (kind, data) == (b"font/ttf", upload.data)


async def test_a_font_is_no_picture(catalogue: Catalogue) -> None:
    upload = typeface.accept(blocky())
    await catalogue.put_font(upload)
    with pytest.raises(MissingAssetsError):
        await catalogue.put_draft("b", _block(picture=upload.id))


async def test_what_is_written_is_dated_by_the_fields_that_are_named(catalogue: Catalogue) -> None:
    await catalogue.put(PRODUCT, "p", Product(stock=1))
    put = await catalogue.get(PRODUCT, "p")
    assert put.as_of.keys() == {""}
    patched = await catalogue.patch(PRODUCT, "p", {"attributes": {"a": 1}, "category": None})
    assert patched.as_of.keys() == {"", "category", "attributes.a"}
    changed = await catalogue.change_stock("p", StockChange(change=1))
    assert changed.as_of.keys() == {"", "category", "attributes.a", "stock"}
    await catalogue.put_all(PRODUCT, [("p", Product())])
    assert (await catalogue.get(PRODUCT, "p")).as_of.keys() == {""}


async def test_an_edit_dates_what_it_changes(catalogue: Catalogue) -> None:
    def edit(before: Product | None) -> tuple[Product, Sequence[Command]]:
        product = before or Product(category="a")
        attributes = product.attributes | {"b": 2}
        return product.replace(stock=3, attributes=attributes), ()

    await catalogue.edit_all(PRODUCT, {"p": edit})
    product = await catalogue.get(PRODUCT, "p")
    assert product.as_of.keys() == {"category", "stock", "attributes.b"}
    await catalogue.edit_all(PRODUCT, {"p": edit})
    assert await catalogue.get(PRODUCT, "p") == product


async def test_purchases_are_dated_and_stay_so(catalogue: Catalogue) -> None:
    await catalogue.put(RECIPIENT, "r", Profile())
    await catalogue.purchase("r", Purchase(product="a"))
    await catalogue.unpurchase("r", "b")
    await catalogue.put(RECIPIENT, "r", Profile())
    person = await catalogue.get(RECIPIENT, "r")
    assert person.as_of.keys() == {"", "purchases.a", "purchases.b"}


async def test_a_document_is_amended_with_what_stands_beside_it(
    catalogue: Catalogue, store: Store
) -> None:
    beside = store.keys.product_ledger("p")
    await catalogue.amend(PRODUCT, "p", beside, lambda *_: (None, b"1"))
    with pytest.raises(NotFoundError):
        await catalogue.get(PRODUCT, "p")
    seen: list[Any] = []

    def amend(product: Product | None, raw: bytes | None) -> tuple[Product | None, bytes | None]:
        seen.append((product, raw))
        return Product(stock=1), None

    for _ in range(2):
        await catalogue.amend(PRODUCT, "p", beside, amend)
    assert seen == [(None, b"1"), (Product(stock=1), b"1")]
    assert await _told(store) == [store.keys.product("p")]
