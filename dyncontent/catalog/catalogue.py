"""Reading and writing what people own. Every write is atomic, however many writers there are."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

import orjson

from dyncontent.catalog import instants
from dyncontent.catalog.attributes import AttributeTypes
from dyncontent.catalog.block import Asset, Block, Place, checking
from dyncontent.catalog.consent import ConsentRecord, Statement
from dyncontent.catalog.dated import PURCHASES, Dated, changed_fields, said_fields
from dyncontent.catalog.font import Font
from dyncontent.catalog.hosts import StoredHosts
from dyncontent.catalog.instants import milliseconds
from dyncontent.catalog.kinds import PRODUCT, RECIPIENT, Kind, unnoted
from dyncontent.catalog.links import HOSTS, AllowedHosts
from dyncontent.catalog.lists import Start, read_listed, read_page, unlist
from dyncontent.catalog.model import Definition, encode_whole
from dyncontent.catalog.patch import body_of, merge, names_of
from dyncontent.catalog.precondition import ANYHOW, Precondition, etag
from dyncontent.catalog.product import MOST_STOCK, Product, StockChange
from dyncontent.catalog.published import Draft, Listed, Live, Note, Publication, Version
from dyncontent.catalog.recipient import NOBODY, Purchase, Recipient
from dyncontent.catalog.review import review
from dyncontent.catalog.sources import declared_by_sources
from dyncontent.catalog.uploads import Upload
from dyncontent.store.command import Command
from dyncontent.store.store import Change, Store, Writing
from renderers import picture
from renderers.typeface import Typeface
from rules.analyse import Warned
from rules.facts import ATTRIBUTE_GROUPS, Declared, FactType

Model = TypeVar("Model", bound=Definition)
Stored = TypeVar("Stored", bound=Dated)
Edit = Callable[[Stored | None], tuple[Stored, Sequence[Command]]]
"""What to write in place of a document, which is None if there is none, and the commands that go
with it, on keys of its hash slot."""


class NotFoundError(Exception):
    """There is no such thing."""


class StockError(Exception):
    """The stock cannot be changed by so much."""


class ArchivedError(Exception):
    """A block that is archived cannot be published."""


class _OvertakenError(Exception):
    """A version was published while the one before it was read."""


class MissingAssetsError(Exception):
    """A definition uses pictures or fonts that were not uploaded."""

    def __init__(self, places: Iterable[Asset]) -> None:
        super().__init__("uploads are missing")
        self.places = tuple(places)


class WrongTypesError(Exception):
    """Attributes are of other types than were declared: `places` are their paths, their values and
    the declared types."""

    def __init__(self, places: Iterable[tuple[Place, Any, FactType]]) -> None:
        super().__init__("attributes have other types than were declared")
        self.places = tuple(places)


class Catalogue:
    def __init__(self, store: Store, hosts: AllowedHosts) -> None:
        self._store = store
        self._keys = store.keys
        self.hosts = StoredHosts(store, hosts)
        self._provided: set[str] = set()

    async def document_checks(self) -> dict[str, Any]:
        """The context in which documents are validated when they are written."""
        return {HOSTS: await self.hosts.now()}

    async def block_checks(self) -> dict[str, Any]:
        """The context in which blocks are validated when they are saved."""
        return checking(await self.hosts.now(), await self.declared())

    async def declared(self) -> Declared:
        """The types of all that the workspace added to the registry of facts."""
        types, sourced = await asyncio.gather(
            self.attribute_types(), declared_by_sources(self._store)
        )
        return {**types.declared, **sourced}

    async def attribute_types(self) -> AttributeTypes:
        [raw] = await self._store.ask(("GET", self._keys.attributes))
        return AttributeTypes() if raw is None else AttributeTypes.model_validate_json(raw)

    async def put_attribute_types(
        self, types: AttributeTypes, unless: Precondition = ANYHOW
    ) -> None:
        """What was published keeps the types that it was published with. Raises
        PreconditionError; there are always types, if only none."""
        key = self._keys.attributes

        def written(raw: bytes | None) -> Change:
            before = AttributeTypes() if raw is None else AttributeTypes.model_validate_json(raw)
            unless.require("attributes", etag(before))
            return Change((("SET", key, types.encoded()),))

        await self._store.update(key, written)

    async def get(self, kind: Kind[Stored], name: str) -> Stored:
        """Raises NotFoundError."""
        [raw] = await self._store.ask(("GET", kind.key(self._keys, name)))
        return _found(kind.stored, raw, f"{kind.name} {name}")

    async def put(self, kind: Kind[Stored], name: str, body: Definition) -> Stored:
        """Create or replace. Raises MissingAssetsError, or WrongTypesError."""
        await self.require_fitting(kind, body)
        now = instants.now()
        return await self._change(kind, name, lambda before: _put(kind, body, now, before))

    async def require_fitting(self, kind: Kind[Any], body: Definition) -> None:
        """That a body fits to what is there. Raises MissingAssetsError, or WrongTypesError."""
        await self._require_assets(_pictures(kind, body))
        _require_types(await self.attribute_types(), kind, body)

    async def put_all(
        self, kind: Kind[Stored], bodies: Sequence[tuple[str, Definition]]
    ) -> Sequence[MissingAssetsError | WrongTypesError | None]:
        """Put each under its name, in order, and tell why, where one was refused. If this raises,
        any of the others may have been written."""
        used = [_pictures(kind, body) for _, body in bodies]
        missing, types = await asyncio.gather(
            self._missing_assets([asset for assets in used for asset in assets]),
            self.attribute_types(),
        )
        now = instants.now()
        refusals: list[MissingAssetsError | WrongTypesError | None] = []
        edits: dict[str, Edit[Stored]] = {}
        for (name, body), assets in zip(bodies, used, strict=True):
            refusal = _refusal(types, kind, body, [asset for asset in assets if asset in missing])
            refusals.append(refusal)
            if refusal is None:
                edits[name] = partial(_put_too, kind, body, now)
        await self.edit_all(kind, edits)
        return refusals

    async def edit_all(self, kind: Kind[Stored], edits: Mapping[str, Edit[Stored]]) -> None:
        """Change many documents, each as if nobody else wrote. What an edit changes is said now,
        where it does not tell itself. If this raises, any of them may have been written, each
        wholly or not at all."""
        written: dict[str, Stored] = {}
        now = instants.now()

        def writing(name: str, edit: Edit[Stored]) -> Writing:
            def write(raw: bytes | None) -> Change:
                before = None if raw is None else kind.stored.read(raw)
                after, beside = edit(before)
                if after.as_of == (before.as_of if before else {}):
                    group = ATTRIBUTE_GROUPS[kind.name]
                    after = after.written(now, changed_fields(before, after, group))
                written[name] = after
                change = kind.write(self._keys, name, before, after)
                return change._replace(commands=(*beside, *change.commands)) if beside else change

            return write

        await self._store.update_all(
            {kind.key(self._keys, name): writing(name, edit) for name, edit in edits.items()}
        )
        alike = {_shape(kind, document): document for document in written.values()}
        self._note_provided(kind, alike.values())

    async def patch(self, kind: Kind[Stored], name: str, patch: Mapping[str, Any]) -> Stored:
        """Apply a JSON merge patch (RFC 7396).

        Raises NotFoundError, MissingAssetsError, WrongTypesError, or pydantic's ValidationError
        if the outcome is refused.
        """
        await self._require_assets(_product_picture(patch.get("picture")))
        types, checks = await self.attribute_types(), await self.document_checks()
        said = kind.patching(patch)
        group = ATTRIBUTE_GROUPS[kind.name]
        now, fields = instants.now(), said_fields(patch, names_of(kind.body), group)

        def merged(before: Stored | None) -> Stored:
            current = _existing(before, kind.name, name)
            body = kind.body.model_validate_json(
                orjson.dumps(merge(body_of(kind, current), said)),
                context=checks,
            )
            _require_types(types, kind, body)
            return kind.combine(before, body).written(now, fields, current)

        return await self._change(kind, name, merged)

    async def delete(self, kind: Kind[Stored], name: str) -> None:
        """From then on it is absent. Raises NotFoundError."""

        def removed(raw: bytes | None) -> Change:
            return kind.remove(self._keys, name, _found(kind.stored, raw, f"{kind.name} {name}"))

        await self._store.update(kind.key(self._keys, name), removed)
        if kind.spread:
            await unlist(self._store, kind, name)

    async def page(
        self, kind: Kind[Stored], most: int, start: Start
    ) -> tuple[list[tuple[str, Stored]], Start | None]:
        """At most so many documents with their names, and where the next page starts, None after
        the last. A page may have fewer, where some were deleted meanwhile."""
        entries, following = await read_page(self._store, kind.lists(self._keys), most, start)
        if not entries:
            return [], following
        keys = [kind.key(self._keys, name) for name in entries]
        documents = await self._store.ask(*(("GET", key) for key in keys))
        found = [
            (name, kind.stored.read(raw))
            for name, raw in zip(entries, documents, strict=True)
            if raw is not None
        ]
        return found, following

    async def purchase(self, recipient: str, purchase: Purchase) -> Recipient:
        """Record that this person bought something. Raises NotFoundError."""
        now = datetime.now(UTC)
        at = purchase.at or now

        def bought(before: Recipient | None) -> Recipient:
            person = _existing(before, "recipient", recipient).with_purchase(purchase.product, at)
            return person.written(milliseconds(now), (PURCHASES + purchase.product,))

        return await self._change(RECIPIENT, recipient, bought)

    async def unpurchase(self, recipient: str, product: str) -> Recipient:
        """Take a purchase back, as after a refund. Raises NotFoundError."""
        now = instants.now()

        def returned(before: Recipient | None) -> Recipient:
            person = _existing(before, "recipient", recipient).without_purchase(product)
            return person.written(now, (PURCHASES + product,))

        return await self._change(RECIPIENT, recipient, returned)

    async def consent(self, recipient: str, statement: Statement) -> Recipient:
        """Record what a person, who need not be known yet, gave or withdrew."""
        record = ConsentRecord.of(statement, datetime.now(UTC))
        outcome: list[Recipient] = []

        def written(raw: bytes | None) -> Change:
            before = NOBODY if raw is None else Recipient.read(raw)
            outcome[:] = [before.with_consent(record).with_noted()]
            place = RECIPIENT.place(self._keys, recipient)
            records = *unnoted(before), record.encoded()
            return Change(
                (
                    ("RPUSH", self._keys.consents(recipient), *records),
                    ("SET", key, outcome[0].encoded()),
                ),
                entries=() if raw else ((place, recipient),),
            )

        key = self._keys.recipient(recipient)
        await self._store.update(key, written)
        return outcome[0]

    async def consent_history(
        self, recipient: str, most: int, before: int | None = None
    ) -> tuple[list[ConsentRecord], int]:
        """At most so many records of a person's consents, the last to be heard of first, of those
        `before` a number, all if there is none; and the number before which there may be more,
        0 if there are none."""
        key = self._keys.consents(recipient)
        raw, noted = await self._store.ask(("GET", self._keys.recipient(recipient)), ("LLEN", key))
        latest = [] if raw is None else unnoted(Recipient.read(raw))
        known = noted + len(latest)
        before = known if before is None else min(before, known)
        first = max(0, before - most)
        found = latest[max(0, first - noted) : max(0, before - noted)]
        if first < noted:
            [kept] = await self._store.ask(("LRANGE", key, first, min(before, noted) - 1))
            found = [*kept, *found]
        return [ConsentRecord.model_validate_json(one) for one in reversed(found)], first

    async def change_stock(self, product: str, change: StockChange) -> Product:
        """Raises NotFoundError, or StockError if the stock is not known or would leave its
        limits."""

        now = instants.now()

        def changed(before: Product | None) -> Product:
            current = _existing(before, "product", product).written(now, ("stock",))
            if change.change is None:
                return current.replace(stock=change.set)
            if current.stock is None:
                raise StockError(f"the stock of {product} is not known: set it first")
            left = current.stock + change.change
            if left < 0:
                raise StockError(f"{current.stock} of {product} are left, not {-change.change}")
            if left > MOST_STOCK:
                raise StockError(f"the stock of {product} would be {left}, above {MOST_STOCK}")
            return current.replace(stock=left)

        return await self._change(PRODUCT, product, changed)

    async def amend(
        self,
        kind: Kind[Stored],
        name: str,
        ledger: str,
        amend: Callable[[Stored | None, bytes | None], tuple[Stored | None, bytes | None]],
    ) -> None:
        """Change a document together with what stands under another key of its hash slot, as if
        nobody else wrote. `amend` is called again if another was faster; None of what it gives
        leaves that as it is."""
        outcome: list[Stored] = []

        def written(found: Sequence[bytes | None]) -> Change:
            raw, beside = found
            before = None if raw is None else kind.stored.read(raw)
            after, noted = amend(before, beside)
            commands: tuple[Command, ...] = ()
            if noted is not None and noted != beside:
                commands = (("SET", ledger, noted),)
            if after is None or after == before:
                return Change(commands)
            outcome[:] = [after]
            change = kind.write(self._keys, name, before, after)
            return change._replace(commands=(*commands, *change.commands))

        await self._store.update_together((kind.key(self._keys, name), ledger), written)
        self._note_provided(kind, outcome)

    async def _change(
        self, kind: Kind[Stored], name: str, change: Callable[[Stored | None], Stored]
    ) -> Stored:
        outcome: list[Stored] = []

        def written(raw: bytes | None) -> Change:
            before = None if raw is None else kind.stored.read(raw)
            outcome[:] = [change(before)]
            return kind.write(self._keys, name, before, outcome[0])

        await self._store.update(kind.key(self._keys, name), written)
        self._note_provided(kind, outcome)
        return outcome[0]

    def _note_provided(self, kind: Kind[Stored], documents: Iterable[Stored]) -> None:
        """Remember that somebody provides these facts; it may be lost."""
        provided: set[str] = set().union(*map(kind.facts, documents))
        names = {f"{kind.name}.{name}" for name in provided}
        if new := names - self._provided:
            self._provided |= new
            self._store.tell(("SADD", self._keys.provided, *sorted(new)))

    async def draft(self, block: str) -> Draft:
        """Raises NotFoundError."""
        [raw] = await self._store.ask(("GET", self._keys.draft(block)))
        return _found(Draft, raw, f"block {block}")

    async def blocks(self, most: int, after: str = "") -> list[Listed]:
        """At most so many blocks, by their ids, of those after an id."""
        keys = self._keys
        drafts = await read_listed(self._store, keys.drafts, keys.draft, most, after)
        return [Listed.read(name, raw) for name, raw in drafts]

    async def publications(self, block: str, numbers: Sequence[int]) -> list[Publication | None]:
        """When these versions were published; None of one from before this was kept."""
        if not numbers:
            return []
        [found] = await self._store.ask(("HMGET", self._keys.publications(block), *numbers))
        return [None if raw is None else Publication.model_validate_json(raw) for raw in found]

    async def version(self, block: str, number: int) -> Version:
        """Raises NotFoundError."""
        [raw] = await self._store.ask(("GET", self._keys.version(block, number)))
        return _found(Version, raw, f"version {number} of block {block}")

    async def review(self, block_id: str, block: Block) -> list[Warned]:
        """The warnings about a block, such as a variant that can never be reached."""
        return await review(self._store, block_id, block, await self.declared())

    async def put_draft(self, block_id: str, block: Block, unless: Precondition = ANYHOW) -> Draft:
        """Create or replace a block's draft. Raises MissingAssetsError, or PreconditionError."""
        await self._require_assets(tuple(block.assets))

        def edited(before: Draft | None) -> tuple[Draft, Change]:
            return (before.edited(block) if before else Draft(block=block)), Change(())

        return await self._change_draft(block_id, edited, unless)

    async def restore(self, block_id: str, number: int, unless: Precondition = ANYHOW) -> Draft:
        """Make a version the draft. It is not published, and not checked before it is.

        Raises NotFoundError, or PreconditionError.
        """
        await self.draft(block_id)
        version = await self.version(block_id, number)

        def restored(before: Draft | None) -> tuple[Draft, Change]:
            return _existing(before, "block", block_id).restored(version), Change(())

        return await self._change_draft(block_id, restored, unless)

    async def archive(
        self, block_id: str, *, archived: bool, unless: Precondition = ANYHOW
    ) -> Draft:
        """Take a block out of use, or back into it. Raises NotFoundError, or PreconditionError."""
        while True:
            with suppress(_OvertakenError):
                return await self._archive(block_id, unless, archived=archived)

    async def _archive(self, block_id: str, unless: Precondition, *, archived: bool) -> Draft:
        number = (await self.draft(block_id)).versions
        version = await self.version(block_id, number) if number else None
        live = self._keys.live(block_id)

        def put_away(before: Draft | None) -> tuple[Draft, Change]:
            draft = _existing(before, "block", block_id)
            if draft.versions != number:
                raise _OvertakenError
            if version is None or draft.archived == archived:
                return draft.put_away(archived=archived), Change(())
            served = Live.of(version, archived=True) if archived else version
            commands = (("SET", live, encode_whole(served)),)
            return draft.put_away(archived=archived), Change(commands, (live,))

        return await self._change_draft(block_id, put_away, unless)

    async def publish(
        self, block_id: str, note: Note | None = None, unless: Precondition = ANYHOW
    ) -> Draft:
        """Publish the draft as a new version, unless it is what was published last.

        Raises NotFoundError, MissingAssetsError, PreconditionError, ArchivedError, or pydantic's
        ValidationError if the draft is refused by now.
        """
        await self._require_assets(tuple((await self.draft(block_id)).block.assets))
        types = await self.declared()
        context = checking(await self.hosts.now(), types)
        live = self._keys.live(block_id)

        def published(before: Draft | None) -> tuple[Draft, Change]:
            draft = _existing(before, "block", block_id)
            if draft.archived:
                raise ArchivedError(
                    f"Block {block_id} is archived: unarchive it first, then publish it"
                )
            Block.model_validate_json(draft.block.encoded(), context=context)
            if not draft.changed:
                return draft, Change(())
            draft = draft.published()
            used = draft.block.attributes
            declared = {name: type for name, type in types.items() if name in used}
            number = draft.versions
            version = encode_whole(Version(number=number, block=draft.block, declared=declared))
            published_now = Publication(at=datetime.now(UTC), note=note).encoded()
            commands = (
                ("SET", self._keys.version(block_id, number), version),
                ("HSET", self._keys.publications(block_id), number, published_now),
                ("SET", live, version),
                ("SADD", self._keys.blocks, block_id),
            )
            return draft, Change(commands, (live,))

        return await self._change_draft(block_id, published, unless)

    async def _change_draft(
        self,
        block_id: str,
        change: Callable[[Draft | None], tuple[Draft, Change]],
        unless: Precondition,
    ) -> Draft:
        key = self._keys.draft(block_id)
        outcome: list[Draft] = []

        def written(raw: bytes | None) -> Change:
            before = None if raw is None else Draft.model_validate_json(raw)
            unless.require(f"block {block_id}", None if before is None else etag(before))
            draft, beside = change(before)
            outcome[:] = [draft]
            listed = ("ZADD", self._keys.drafts, 0, block_id)
            commands = (*beside.commands, listed, ("SET", key, draft.encoded()))
            return Change(commands, beside.changed)

        await self._store.update(key, written)
        return outcome[0]

    async def put_picture(self, accepted: picture.Picture) -> None:
        await self._store.ask(
            (
                "HSET",
                self._keys.asset(accepted.id),
                *("type", accepted.type, "width", accepted.width, "height", accepted.height),
                *("data", accepted.data),
            ),
            ("ZADD", self._keys.pictures, 0, accepted.id),
        )

    async def pictures(self, most: int, start: Start) -> tuple[list[Upload], Start | None]:
        """At most so many uploaded pictures by id, and where the next page starts."""
        names, following = await read_page(self._store, (self._keys.pictures,), most, start)
        if not names:
            return [], following
        keys = [self._keys.asset(name) for name in names]
        replies = await self._store.ask(
            *(("HMGET", key, "type", "width", "height") for key in keys),
            *(("HSTRLEN", key, "data") for key in keys),
        )
        facts, sizes = replies[: len(keys)], replies[len(keys) :]
        found = [
            Upload(id=name, type=type.decode(), width=int(width), height=int(height), bytes=size)
            for name, (type, width, height), size in zip(names, facts, sizes, strict=True)
        ]
        return found, following

    async def put_font(self, accepted: Typeface) -> None:
        facts = Font.of(accepted).encoded()
        await self._store.ask(
            (
                "HSET",
                self._keys.asset(accepted.id),
                *("type", accepted.type, "font", facts, "data", accepted.data),
            )
        )
        await self._store.ask(("SADD", self._keys.fonts, accepted.id))

    async def font(self, font_id: str) -> Font:
        """Raises NotFoundError."""
        [raw] = await self._store.ask(("HGET", self._keys.asset(font_id), "font"))
        return _found(Font, raw, f"font {font_id}")

    async def fonts(self) -> list[Font]:
        """By family, then from light to heavy."""
        [ids] = await self._store.ask(("SMEMBERS", self._keys.fonts))
        found = await asyncio.gather(*(self.font(font_id.decode()) for font_id in ids))
        return sorted(found, key=lambda font: (font.family, font.weight, font.style, font.id))

    async def _require_assets(self, used: Sequence[Asset]) -> None:
        if missing := await self._missing_assets(used):
            raise MissingAssetsError(missing)

    async def _missing_assets(self, used: Sequence[Asset]) -> Sequence[Asset]:
        if not used:
            return ()
        types = await self._store.ask(
            *(("HGET", self._keys.asset(name), "type") for _, name, _ in used)
        )
        return [
            asset
            for asset, stored in zip(used, types, strict=True)
            if stored is None or not stored.startswith(_MEDIA[asset[2]])
        ]


_MEDIA = {"picture": b"image/", "font": b"font/"}
"""How the types of uploads begin."""


def _put(kind: Kind[Stored], body: Definition, now: int, before: Stored | None) -> Stored:
    """A document as it is put now. To date it once more would cost a copy."""
    after = kind.combine(before, body)
    return after if after.as_of else after.written(now)


def _put_too(
    kind: Kind[Stored], body: Definition, now: int, before: Stored | None
) -> tuple[Stored, Sequence[Command]]:
    return _put(kind, body, now, before), ()


def _shape(kind: Kind[Stored], document: Stored) -> Any:
    """What documents have in common that have the same names of facts."""
    fields = vars(document)
    return (*fields[ATTRIBUTE_GROUPS[kind.name]], *(value is None for value in fields.values()))


def _refusal(
    types: AttributeTypes, kind: Kind[Any], body: Definition, missing: Sequence[Asset]
) -> MissingAssetsError | WrongTypesError | None:
    """Why a body is refused that is well-formed."""
    if missing:
        return MissingAssetsError(missing)
    try:
        _require_types(types, kind, body)
    except WrongTypesError as error:
        return error
    return None


def _require_types(types: AttributeTypes, kind: Kind[Any], body: Definition) -> None:
    group = ATTRIBUTE_GROUPS[kind.name]
    wrong = list(types.wrong(kind.name, getattr(body, group)))
    if wrong:
        raise WrongTypesError(
            ((group, name), getattr(body, group)[name], type) for name, type in wrong
        )


def _pictures(kind: Kind[Any], body: Any) -> Sequence[Asset]:
    return _product_picture(body.picture) if kind is PRODUCT else ()


def _product_picture(picture_id: Any) -> Sequence[Asset]:
    """The picture of a product; what is no id at all is refused elsewhere."""
    return ((("picture",), picture_id, "picture"),) if isinstance(picture_id, str) else ()


def _found(model: type[Model], raw: bytes | None, what: str) -> Model:
    if raw is None:
        raise NotFoundError(f"There is no {what}")
    return model.read(raw)


def _existing(before: Model | None, kind: str, name: str) -> Model:
    if before is None:
        raise NotFoundError(f"There is no {kind} {name}")
    return before
