"""A file of a feed becomes products: first all of it is read and compared with what is there, which
is a preview; then, if nothing speaks against it, what differs is written.

Killed at any moment, it leaves products that are each as before or as the file says, and the next
import goes on from there: it compares anew, and which products came from the feed is written with
each of them.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Any, BinaryIO, TypeVar

from pydantic import ValidationError

from dyncontent.api.problems import refused
from dyncontent.catalog.attributes import AttributeTypes
from dyncontent.catalog.catalogue import Catalogue
from dyncontent.catalog.feed import Feed
from dyncontent.catalog.kinds import PRODUCT
from dyncontent.catalog.product import Product
from dyncontent.counted import counted
from dyncontent.errors import BadField, ProblemError
from dyncontent.feeds import shopify, source
from dyncontent.feeds.columns import Mapped, mapped
from dyncontent.feeds.offers import Offer, Reading, Refused, Unlisted
from dyncontent.feeds.report import MOST_SHOWN, ColumnUse, Report, Trouble
from dyncontent.feeds.rows import Broken, FeedError, Row, require_few
from dyncontent.feeds.spool import Rows, receive, scratch
from dyncontent.feeds.stored import PRESENT, RETIRED, Feeds
from dyncontent.metrics import Metrics
from dyncontent.store.command import Command
from dyncontent.store.store import Store

AT_A_TIME = 50
"""Rows that are worked on before others get their turn: some milliseconds."""

One = TypeVar("One")
GoOn = Callable[[], Awaitable[None]]
"""Is called before each piece of work; see Feeds.alone."""


class Importer:
    def __init__(self, store: Store, catalogue: Catalogue, feeds: Feeds, metrics: Metrics) -> None:
        self._store = store
        self._catalogue = catalogue
        self._feeds = feeds
        self._metrics = metrics

    async def preview(self, feed: str, data: AsyncIterator[bytes]) -> Report:
        """What an import of this file would do. No product is written.

        Raises NotFoundError, StoreError, and what `data` raises.
        """
        definition = await self._feeds.get(feed)
        report = Report(at=datetime.now(UTC))
        with closing(Rows()) as rows:
            plan = _Plan(self._store, self._catalogue, self._feeds, feed, definition, report, rows)
            try:
                await plan.make(data, _nothing)
                plan.check(force=False)
            except FeedError as error:
                report.problem = _trouble(error)
        if report.problem is None:
            await self._note_seen(feed, report.at)
        return report

    async def run(self, feed: str, data: AsyncIterator[bytes], *, force: bool = False) -> Report:
        """Import this file; what it says counts as of now. `force` retires more than the feed's
        limit. The report is kept among the feed's runs; it has a problem if nothing was written.

        Raises NotFoundError, FeedBusyError, StoreError, and what `data` raises.
        """
        definition = await self._feeds.get(feed)
        report = Report(at=datetime.now(UTC))
        async with self._feeds.alone(feed) as go_on:
            with closing(Rows()) as rows:
                plan = _Plan(
                    self._store, self._catalogue, self._feeds, feed, definition, report, rows
                )
                try:
                    reading = await plan.make(data, go_on)
                    plan.check(force=force)
                except FeedError as error:
                    report.problem = _trouble(error)
                    report.outcome = "refused"
                else:
                    report.outcome = "written" if plan.differs else "unchanged"
                    await plan.carry_out(reading, go_on)
                    await self._note_seen(feed, report.at)
            await self._feeds.add_run(feed, report.model_dump_json().encode())
        outcome = report.problem.code.lower() if report.problem else report.outcome
        self._metrics.feed_runs.labels(outcome).inc()
        return report

    async def _note_seen(self, feed: str, at: datetime) -> None:
        if (await self._feeds.state(feed)).seen_at is None:
            await self._feeds.note(feed, seen_at=at)


class _Plan:
    """What one file would change. It holds the ids of the file and a byte a row; the rows are on
    the disk."""

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        feeds: Feeds,
        name: str,
        feed: Feed,
        report: Report,
        rows: Rows,
    ) -> None:
        self._store = store
        self._catalogue = catalogue
        self._feeds = feeds
        self._name = name
        self._feed = feed
        self._report = report
        self._rows = rows
        self._seen: set[str] = set()
        self._to_write = bytearray()
        self._present = 0
        self._vanished: list[str] = []
        self._unnumbered = 0

    @property
    def differs(self) -> bool:
        return any(self._to_write) or bool(self._vanished)

    async def make(self, data: AsyncIterator[bytes], go_on: GoOn) -> Reading:
        """How the rows are read. Raises FeedError for a file of which nothing is taken, and what
        `data` raises."""
        with scratch() as file:
            await receive(data, file)
            layout = await asyncio.to_thread(source.examine, file, self._feed)
            self._report.layout = layout
            if layout.encoding == source.LAST_CHOICE and self._feed.encoding is None:
                self._report.notes.append(
                    f"The file is neither UTF-8 nor UTF-16 and was read as {layout.encoding}: look"
                    " at the letters, and name its encoding if they are wrong (encoding)"
                )
            await self._read(file, layout, go_on)
        types = await self._catalogue.attribute_types()
        reading = self._reader(layout, types, await self._catalogue.document_checks())
        async for batch in _batches(self._rows):
            await go_on()
            await self._compare([reading.read(row) for row in batch])
        await self._find_vanished()
        if self._unnumbered:
            self._report.notes.append(
                f"Nothing says how many there are of {counted(self._unnumbered, 'product')} in"
                " stock: that stock is unknown, and no offer that must be in stock shows such a"
                " product. Give a stock column, or the number to assume (assumed_stock)"
            )
        return reading

    def check(self, *, force: bool) -> None:
        """Raises FeedError if this must not be carried out."""
        if not self._seen:
            message = "No product could be read of this file: nothing was changed"
            raise FeedError("EMPTY_FEED", message)
        most = self._feed.removal_limit.most(self._present)
        if len(self._vanished) > most and not force:
            message = (
                f"The file lacks {len(self._vanished)} of the"
                f" {counted(self._present, 'product')} of this feed, and one import retires"
                f" at most {most}: nothing was changed. If the file is right, import it with"
                " ?force=true"
            )
            raise FeedError("REMOVAL_LIMIT", message)

    async def carry_out(self, reading: Reading, go_on: GoOn) -> None:
        """Write what differs, then retire what vanished."""
        async for batch in _batches(zip(self._rows, self._to_write, strict=True)):
            await go_on()
            wanted = (reading.read(row) for row, differs in batch if differs)
            offers = [one for one in wanted if isinstance(one, Offer)]
            stand = await self._feeds.owned(self._name, [offer.id for offer in offers])
            edits = {
                offer.id: partial(self._offered, offer, owned=owned is not None)
                for offer, owned in zip(offers, stand, strict=True)
            }
            await self._catalogue.edit_all(PRODUCT, edits)
        async for names in _batches(self._vanished):
            await go_on()
            await self._catalogue.edit_all(
                PRODUCT, {name: partial(self._retired, name) for name in names}
            )

    def _offered(
        self, offer: Offer, before: Product | None, *, owned: bool
    ) -> tuple[Product, Sequence[Command]]:
        """A product comes from the feed that first had it, if nobody else had it before."""
        mark: Sequence[Command] = ()
        if owned or before is None:
            mark = (("HSET", self._store.keys.feed_products(self._name), offer.id, PRESENT),)
        try:
            return offer.onto(before), mark
        except ValidationError:  # of what another has written since it was compared
            return before or Product(), mark

    def _retired(self, name: str, before: Product | None) -> tuple[Product, Sequence[Command]]:
        mark = ("HSET", self._store.keys.feed_products(self._name), name, RETIRED)
        return (before or Product()).replace(retired=True), (mark,)

    async def _read(self, file: BinaryIO, layout: source.Layout, go_on: GoOn) -> None:
        """Keep the rows of a file."""
        found: Iterator[Row | Broken] = source.rows(file, layout)
        if layout.format == "csv":
            found = shopify.variants(found)
        async for batch in _batches_apart(found):
            await go_on()
            for row in batch:
                if isinstance(row, Broken):
                    self._report.counts.rows += 1
                    self._report.refuse_line(row)
                    require_few(self._report.counts.refused, row.line)
                else:
                    self._rows.add(row)
        self._report.counts.rows += self._rows.count

    def _reader(
        self, layout: source.Layout, types: AttributeTypes, checks: dict[str, Any]
    ) -> Reading:
        feed, columns = self._feed, self._rows.columns
        if not columns:
            raise FeedError("EMPTY_FEED", "The file has no products: nothing was changed")
        by: Mapped = mapped(feed, columns)
        self._report.columns = [
            ColumnUse(column=column, takes=by.uses(column)) for column in columns
        ]
        decimal = feed.decimal or (None if layout.format == "csv" else ".")
        return Reading(feed, by, types, checks, self._report.at, decimal)

    async def _compare(self, read: Sequence[Offer | Unlisted | Refused]) -> None:
        counts = self._report.counts
        names = [one.id for one in read if one.id is not None]
        befores, stands = {}, {}
        if names:
            keys = map(self._store.keys.product, names)
            [found], owned = await asyncio.gather(
                self._store.ask(("MGET", *keys)), self._feeds.owned(self._name, names)
            )
            befores = dict(zip(names, found, strict=True))
            stands = dict(zip(names, owned, strict=True))
        for one in map(self._once, read):
            writes = False
            match one:
                case Unlisted():
                    counts.unlisted += 1
                case Refused():
                    self._report.refuse(one)
                case Offer():
                    writes = self._weigh(one, befores[one.id], stands[one.id])
            self._to_write.append(writes)

    def _once(self, one: Offer | Unlisted | Refused) -> Offer | Unlisted | Refused:
        """Of a product that is in the file twice, the first counts."""
        if one.id is None or isinstance(one, Unlisted):
            return one
        if one.id in self._seen:
            return _twice(one.line, one.id)
        self._seen.add(one.id)
        return one

    def _weigh(self, offer: Offer, raw: bytes | None, stands: bytes | None) -> bool:
        """Whether anything must be written for it."""
        report = self._report
        before = None if raw is None else Product.model_validate_json(raw)
        try:
            after = offer.onto(before)
        except ValidationError as error:
            report.refuse(Refused(offer.line, offer.id, refused(error, dict(offer.said))))
            return False
        if after.stock is None and offer.stock and offer.stock.available:
            self._unnumbered += 1
        if before is not None and stands is None:
            report.counts.others += 1
        if before is None:
            report.counts.new += 1
        elif after is not before:
            report.counts.changed += 1
            report.counts.returned += before.retired
        else:
            report.counts.unchanged += 1
            return stands == RETIRED
        report.show(offer.line, offer.id, before, after)
        return True

    async def _find_vanished(self) -> None:
        vanished: set[str] = set()
        present: set[str] = set()
        async for some in self._feeds.products(self._name):
            for name, stands in some:
                if stands == PRESENT:
                    present.add(name)
                    if name not in self._seen:
                        vanished.add(name)
            await asyncio.sleep(0)
        self._present = len(present)
        self._vanished = sorted(vanished)
        self._report.counts.retired = len(vanished)
        self._report.retired = self._vanished[:MOST_SHOWN]


async def _batches(things: Iterable[One]) -> AsyncIterator[list[One]]:
    """Others get their turn after each."""
    iterator = iter(things)
    while batch := list(islice(iterator, AT_A_TIME)):
        yield batch
        await asyncio.sleep(0)


async def _batches_apart(things: Iterable[One]) -> AsyncIterator[list[One]]:
    """The same of what may be long in coming: a file can hold very much between two rows."""
    iterator = iter(things)
    while batch := await asyncio.to_thread(lambda: list(islice(iterator, AT_A_TIME))):
        yield batch


async def _nothing() -> None:
    pass


def _twice(line: int, name: str) -> Refused:
    field = BadField("id", name, "another id: of those that are alike the first counts")
    problem = ProblemError(422, "TWICE", "This product is in the file already", [field])
    return Refused(line, name, problem)


def _trouble(error: FeedError) -> Trouble:
    return Trouble(code=error.code, message=error.message, line=error.line)
