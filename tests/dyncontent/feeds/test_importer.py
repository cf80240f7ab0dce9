"""Files become products."""

import asyncio
import gzip
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dyncontent.catalog.catalogue import Catalogue, NotFoundError
from dyncontent.catalog.product import StockChange
from dyncontent.feeds import importer, rows, source
from dyncontent.feeds.report import Counts
from dyncontent.feeds.stored import FeedBusyError
from dyncontent.store.roundtrip import StoreError
from dyncontent.store.store import Store
from tests.dyncontent.feeds.support import CASES, Shop, feed, pieces, table
from tests.strategies import ids

pytestmark = pytest.mark.anyio
TEN = tuple(f"p{number}" for number in range(10))


async def test_a_preview_tells_what_an_import_does_and_writes_nothing(shop: Shop) -> None:
    await shop.put("a", title="Old")
    changes = await shop.changes()
    data = table("a", "b") + b"c,Cut\n" + b"d,T,1,5\n"
    preview = await shop.preview(data)
    assert preview.problem is None
    assert preview.counts == Counts(rows=4, new=1, changed=1, refused=2, others=1)
    assert [(error.line, error.id) for error in preview.errors] == [(4, None), (5, "d")]
    assert [product["id"] for product in preview.products] == ["a", "b"]
    [difference] = preview.differences
    assert (difference.line, difference.id) == (2, "a")
    assert difference.changes[0] == {
        "op": "replace",
        "path": "/title/any",
        "before": "Old",
        "after": "Title a",
    }
    assert await shop.changes() == changes
    with pytest.raises(NotFoundError):
        await shop.product("b")
    report = await shop.run(data)
    told = {"outcome", "at"}
    assert report.model_dump(exclude=told) == preview.model_dump(exclude=told)
    assert report.outcome == "written"
    assert (await shop.product("b")).stock == 5


async def test_importing_twice_writes_nothing_the_second_time(shop: Shop) -> None:
    for path in sorted(CASES.iterdir()):
        if path.suffix == ".md" or path.name == "expected.json":
            continue
        one = Shop(shop.store, path.stem)
        await one.define(currency="USD", columns={"link": None})
        assert (await one.run(path.read_bytes(), force=True)).outcome == "written"
        changes = await one.changes()
        report = await one.run(path.read_bytes())
        assert (report.outcome, report.counts.new, report.counts.changed) == ("unchanged", 0, 0)
        assert await one.changes() == changes


async def test_a_file_may_be_packed(shop: Shop) -> None:
    report = await shop.run(gzip.compress(table(*TEN)))
    assert report.layout is not None
    assert (report.layout.compressed, report.counts.new) == (True, 10)


async def test_only_what_differs_is_written(shop: Shop) -> None:
    await shop.run(table(*TEN))
    changes = await shop.changes()
    report = await shop.run(table(*TEN[:9]) + b"p9,Title p9,1.00 EUR,4\n")
    assert (report.counts.changed, report.counts.unchanged) == (1, 9)
    assert await shop.changes() == changes + 1
    assert (await shop.product("p9")).stock == 4


async def test_what_vanished_is_retired_and_comes_back(shop: Shop) -> None:
    await shop.run(table(*TEN))
    report = await shop.run(table(*TEN[:8]))
    assert (report.counts.retired, report.retired) == (2, ["p8", "p9"])
    gone = await shop.product("p9")
    assert (gone.retired, gone.stock, gone.facts["stock"]) == (True, 5, 0)
    again = await shop.run(table(*TEN[:8]))
    assert (again.outcome, again.counts.retired) == ("unchanged", 0)
    back = await shop.run(table(*TEN))
    assert (back.counts.changed, back.counts.returned) == (2, 2)
    assert (await shop.product("p9")).facts["stock"] == 5
    assert await shop.present() == set(TEN)


async def test_a_stock_that_others_keep_is_not_touched(shop: Shop) -> None:
    titles = b"id,title\n" + b"".join(b"%s,T\n" % name.encode() for name in TEN)
    await shop.run(titles)
    await shop.catalogue.change_stock("p0", StockChange(set=7))
    await shop.run(titles[: titles.index(b"p9")])
    await shop.catalogue.change_stock("p9", StockChange(set=3))
    assert (await shop.product("p9")).facts["stock"] == 0
    assert (await shop.run(titles)).counts.changed == 1
    assert (await shop.product("p0")).stock == 7
    assert (await shop.product("p9")).facts["stock"] == 3


async def test_products_of_others_are_never_retired(shop: Shop) -> None:
    await shop.put("api", stock=1)
    other = Shop(shop.store, "other")
    await other.define()
    await other.run(table("theirs"))
    report = await shop.run(table("api", "theirs", "mine", "more"))
    assert (report.counts.others, report.counts.new) == (2, 2)
    assert (await shop.product("api")).stock == 5
    await shop.run(table("mine"))
    assert not (await shop.product("api")).retired
    assert not (await shop.product("theirs")).retired
    assert (await shop.product("more")).retired


async def test_what_another_brought_back_is_not_retired_again(shop: Shop) -> None:
    await shop.run(table(*TEN))
    await shop.run(table(*TEN[:9]))
    await shop.put("p9", stock=2)
    report = await shop.run(table(*TEN[:9]))
    assert report.outcome == "unchanged"
    assert not (await shop.product("p9")).retired
    await shop.run(table(*TEN))
    assert "p9" in await shop.present()


async def test_too_much_at_once_is_not_retired_and_nothing_is_written(shop: Shop) -> None:
    await shop.run(table(*TEN))
    changes = await shop.changes()
    half = table(*TEN[:5], price="9.00 EUR")
    for report in (await shop.preview(half), await shop.run(half)):
        assert report.problem is not None
        assert report.problem.code == "REMOVAL_LIMIT"
        assert "5 of the 10 products" in report.problem.message
        assert "at most 3" in report.problem.message
        assert "force=true" in report.problem.message
    assert await shop.changes() == changes
    assert (await shop.run(half, force=True)).outcome == "written"
    assert await shop.present() == set(TEN[:5])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "EMPTY_FEED"),
        (b"id,title\n", "EMPTY_FEED"),
        (b"id,title\n a b,x\n", "EMPTY_FEED"),
        (b"[]", "EMPTY_FEED"),
        (b"<rss><channel/></rss>", "EMPTY_FEED"),
        (b"title\nx\n", "NO_ID_COLUMN"),
        (b'[{"id": "p0"}, {"id":', "BROKEN_FEED"),
        (b"<rss><item><id>p0</id></item>", "BROKEN_FEED"),
        (b"<!DOCTYPE x><rss><item><id>p0</id></item></rss>", "DTD"),
        (b"\x1f\x8b\x08rubbish", "BROKEN_FEED"),
    ],
)
async def test_a_file_that_is_no_feed_changes_nothing_even_by_force(
    shop: Shop, data: bytes, code: str
) -> None:
    await shop.run(table(*TEN))
    changes = await shop.changes()
    report = await shop.run(data, force=True)
    assert report.outcome == "refused"
    assert report.problem is not None
    assert report.problem.code == code
    assert await shop.changes() == changes
    assert await shop.present() == set(TEN)


async def test_a_product_of_a_refused_line_is_not_retired(shop: Shop) -> None:
    await shop.run(table(*TEN))
    report = await shop.run(table(*TEN, price="a lot"))
    assert (report.counts.refused, report.counts.retired) == (10, 0)
    assert (await shop.product("p0")).price is not None


async def test_of_two_lines_of_a_product_the_first_counts(shop: Shop) -> None:
    report = await shop.run(table("a") + b"a,Second,1.00 EUR,9\n")
    assert (report.counts.new, report.counts.refused) == (1, 1)
    assert report.errors[0].error["code"] == "TWICE"
    assert (await shop.product("a")).stock == 5


async def test_what_is_not_published_is_retired(shop: Shop) -> None:
    head = b"id,title,published\n"
    await shop.run(head + b"a,A,1\nb,B,1\n")
    report = await shop.run(head + b"a,A,1\nb,B,0\n")
    assert (report.counts.unlisted, report.counts.retired) == (1, 1)
    assert (await shop.product("b")).retired


async def test_too_many_attributes_are_refused(shop: Shop) -> None:
    await shop.put("a", attributes={f"x{number}": 1 for number in range(200)})
    report = await shop.run(b"id,brand\na,B\n")
    assert (report.counts.refused, report.errors[0].id) == (1, "a")


async def test_notes_tell_what_may_not_be_meant(shop: Shop) -> None:
    data = "id,title,availability\na,Öö,in_stock\nb,B,out_of_stock\n".encode("latin-1")
    notes = (await shop.run(data)).notes
    assert [note.split()[0] for note in notes] == ["The", "Nothing"]
    assert "windows-1252" in notes[0]
    assert "assumed_stock" in notes[1]
    assert (await shop.product("a")).stock is None
    await shop.define(assumed_stock=1, encoding="windows-1252")
    assert (await shop.run(data)).notes == []
    assert (await shop.product("a")).stock == 1


async def test_two_imports_of_a_feed_do_not_run_at_once(shop: Shop) -> None:
    begun, over = asyncio.Event(), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        begun.set()
        yield table("a")
        await over.wait()

    running = asyncio.create_task(shop.importer.run("shop", slow()))
    await begun.wait()
    with pytest.raises(FeedBusyError):
        await shop.run(table("b"))
    assert (await shop.preview(table("b"))).problem is None
    over.set()
    assert (await running).outcome == "written"
    assert (await shop.run(table("a"))).outcome == "unchanged"


async def test_killed_in_the_middle_the_next_one_is_right(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await shop.run(table(*TEN))
    monkeypatch.setattr(importer, "AT_A_TIME", 1)
    update_all = Store.update_all
    data = table(*TEN[:8], "n0", "n1", "n2", price="2.00 EUR")
    for allowed in range(12):
        left = allowed

        async def dies(store: Store, changes: object) -> None:
            nonlocal left
            if left == 0:
                raise StoreError("killed")
            left -= 1
            await update_all(store, changes)  # type: ignore[arg-type]

        monkeypatch.setattr(Store, "update_all", dies)
        with pytest.raises(StoreError):
            await shop.run(data)
        monkeypatch.setattr(Store, "update_all", update_all)
    await shop.run(data)
    assert await shop.present() == {*TEN[:8], "n0", "n1", "n2"}
    for name in (*TEN[:8], "n0", "n1", "n2"):
        assert str((await shop.product(name)).price) == "amount=Decimal('2.00') currency='EUR'"
    assert [(await shop.product(name)).retired for name in TEN[8:]] == [True, True]
    assert (await shop.run(data)).outcome == "unchanged"


async def test_no_change_of_others_is_lost_while_a_feed_is_written(shop: Shop) -> None:
    titles = b"id,title\n" + b"".join(b"p%d,T\n" % number for number in range(200))
    await asyncio.gather(*(shop.put(f"p{number}", stock=100) for number in range(200)))

    async def sell(number: int) -> None:
        for _ in range(3):
            await shop.catalogue.change_stock(f"p{number}", StockChange(change=-1))

    await asyncio.gather(shop.run(titles), *(sell(number) for number in range(0, 200, 10)))
    for number in range(200):
        product = await shop.product(f"p{number}")
        assert product.title == {"any": "T"}
        assert product.stock == (97 if number % 10 == 0 else 100)


async def test_what_data_raises_is_passed_on_and_nothing_is_written(shop: Shop) -> None:
    async def cut() -> AsyncIterator[bytes]:
        yield table(*TEN)
        raise ConnectionError("cut")

    with pytest.raises(ConnectionError):
        await shop.importer.run("shop", cut())
    assert not await shop.present()
    assert (await shop.run(table("a"))).outcome == "written"


async def test_runs_are_kept_with_their_reports_and_counted(shop: Shop) -> None:
    await shop.run(table("a"))
    await shop.run(b"")
    runs = await shop.feeds.runs("shop")
    assert [run["outcome"] for run in runs] == ["refused", "written"]
    assert runs[1]["counts"]["new"] == 1
    exposition = shop.metrics.exposition().decode()
    assert 'dyncontent_feed_runs_total{outcome="written"} 1.0' in exposition
    assert 'dyncontent_feed_runs_total{outcome="empty_feed"} 1.0' in exposition


async def test_a_good_preview_or_import_lets_the_schedule_begin(shop: Shop) -> None:
    await shop.preview(b"")
    assert (await shop.feeds.state("shop")).seen_at is None
    preview = await shop.preview(table("a"))
    await shop.run(table("a"))
    assert (await shop.feeds.state("shop")).seen_at == preview.at


async def test_a_feed_that_is_not_there(shop: Shop) -> None:
    for call in (shop.importer.preview, shop.importer.run):
        with pytest.raises(NotFoundError):
            await call("none", pieces(b""))


async def test_what_became_too_much_meanwhile_stays_as_it_is(shop: Shop) -> None:
    await shop.put("a", title="Old")
    edit_all = Catalogue.edit_all

    async def meanwhile(catalogue: Catalogue, kind: object, edits: object) -> None:
        full = {f"x{number}": 1 for number in range(200)}
        await shop.put("a", title="Full", attributes=full)
        await edit_all(catalogue, kind, edits)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Catalogue, "edit_all", meanwhile)
        await shop.run(b"id,brand\na,B\n")
    assert (await shop.product("a")).title == {"any": "Full"}


products = st.dictionaries(
    ids.filter(lambda name: not name.endswith(".attributes")), st.integers(0, 9), max_size=30
)


def _written(shop: dict[str, int]) -> bytes:
    return b"id,stock\n" + b"".join(f"{name},{count}\n".encode() for name, count in shop.items())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(before=products, after=products, cut=st.floats(0, 1), percent=st.integers(0, 100))
async def test_cut_anywhere_a_feed_never_retires_more_than_its_limit(
    store: Store, before: dict[str, int], after: dict[str, int], cut: float, percent: int
) -> None:
    name = f"f{abs(hash((*before, *after, cut, percent))):x}"
    shop = Shop(store, name)
    await shop.define(removal_limit={"percent": percent})
    await shop.run(_written(before))
    had = await shop.present()
    data = _written(after)
    await shop.run(data[: int(len(data) * cut)])
    gone = had - await shop.present()
    assert len(gone) <= feed(removal_limit={"percent": percent}).removal_limit.most(len(had))
    if had:
        assert len(gone) < len(had) or percent == 100
    await shop.run(data)
    changes = await shop.changes()
    await shop.run(data)
    assert await shop.changes() == changes


async def test_others_get_their_turn_while_rows_are_far_apart(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: set[int] = set()
    read = source.rows

    def noted(*given: Any) -> Iterator[Any]:
        threads.add(threading.get_ident())
        yield from read(*given)

    monkeypatch.setattr(source, "rows", noted)
    assert (await shop.preview(table("a"))).problem is None
    assert threads
    assert threading.get_ident() not in threads


async def test_broken_lines_are_limited(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MOST_WITHOUT", 2)
    assert (await shop.preview(table("a") + b"x\n" * 2)).problem is None
    problem = (await shop.preview(table("a") + b"x\n" * 3)).problem
    assert problem is not None
    assert problem.code == "TOO_LARGE"
