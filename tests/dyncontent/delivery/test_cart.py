"""What is in a cart: as it is told to texts and conditions, and in how many rounds it is read."""

from decimal import Decimal
from typing import Any

import pytest

from dyncontent.catalog.recipient import Recipient
from dyncontent.delivery.cart import cart_facts
from dyncontent.delivery.reading import Reading
from dyncontent.store.command import Command
from dyncontent.store.store import Store
from rules.facts import MOST_LINES, Money, Record
from tests import samples
from tests.samples import GREEN, HOST, RECIPIENT
from tests.site import Site

pytestmark = pytest.mark.anyio


def _euros(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


async def _cart(store: Store, name: str = RECIPIENT, *, with_instead: bool = True) -> Record:
    def needs(reading: Reading) -> Record:
        key = store.keys.recipient(name)
        person = reading.get_now(key, Recipient.read)
        return cart_facts(reading, store.keys, person, with_instead=with_instead)

    return await Reading(store).run(needs)


async def _fill(site: Site, *lines: Any) -> None:
    await site.do("PATCH", f"recipients/{RECIPIENT}", {"cart": list(lines)})


async def test_each_product_with_its_quantity_and_all_together(site: Site, store: Store) -> None:
    await _fill(site, {"product": "rome", "quantity": 2}, "oslo")
    found = await _cart(store)
    assert found == {
        "1.title": {"fi": "Rooma", "en": "Rome"},
        "1.price": _euros("990.00"),
        "1.stock": 30,
        "1.category": "cities",
        "1.quantity": 2,
        "2.price": _euros("400.00"),
        "2.stock": 5,
        "2.category": "cities",
        "2.quantity": 1,
        "count": 3,
        "sold_out": 0,
        "total": _euros("2380.00"),
    }


async def test_more_than_there_is_cannot_be_bought(site: Site, store: Store) -> None:
    await _fill(site, {"product": "oslo", "quantity": 7}, "rome")
    found = await _cart(store)
    assert (found["1.quantity"], found["count"]) == (5, 6)
    assert found["total"] == _euros("2990.00")


async def test_what_is_sold_out_costs_nothing_and_has_a_replacement(
    site: Site, store: Store
) -> None:
    await _fill(site, "rome", {"product": "riga", "quantity": 2})
    await site.do("PATCH", "products/rome", {"stock": 0})
    found = await _cart(store)
    assert (found["1.quantity"], found["count"], found["sold_out"]) == (0, 2, 1)
    assert found["total"] == _euros("1800.00")
    assert found["1.instead.price"] == _euros("400.00")
    assert "2.instead.price" not in found
    assert not [name for name in await _cart(store, with_instead=False) if "instead" in name]


async def test_nothing_replaces_two_or_is_in_the_cart_or_bought_or_sold_out(
    site: Site, store: Store
) -> None:
    for product in ("rome", "oslo"):
        await site.do("PATCH", f"products/{product}", {"stock": 0})
    await _fill(site, "rome", "oslo")
    found = await _cart(store)
    assert found["1.instead.price"] == _euros("900.00")
    assert "2.instead.price" not in found
    assert (found["count"], found["sold_out"]) == (0, 2)
    assert "total" not in found
    await site.do("POST", f"recipients/{RECIPIENT}/purchases", {"product": "riga"})
    assert "1.instead.price" not in await _cart(store)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"price": None}, {"count": 2, "sold_out": 0}),
        ({"price": {"amount": "4.00", "currency": "SEK"}}, {"count": 2, "sold_out": 0}),
        ({"stock": None}, {}),
    ],
)
async def test_a_total_of_what_is_not_known_is_not_known(
    site: Site, store: Store, change: dict[str, Any], told: dict[str, int]
) -> None:
    await _fill(site, "rome", "oslo")
    await site.do("PATCH", "products/oslo", change)
    found = await _cart(store)
    assert {name: found[name] for name in ("count", "sold_out", "total") if name in found} == told


async def test_a_product_that_is_not_known_leaves_its_place_free(site: Site, store: Store) -> None:
    await _fill(site, "nowhere", "oslo")
    found = await _cart(store)
    assert not [name for name in found if name.startswith("1.")]
    assert found["2.quantity"] == 1
    assert "count" not in found


async def test_an_empty_cart_is_not_one_that_is_not_known(site: Site, store: Store) -> None:
    assert await _cart(store) == {}
    await _fill(site)
    assert await _cart(store) == {"count": 0, "sold_out": 0}
    assert await _cart(store, "nobody") == {}


async def test_a_long_cart_is_counted_whole(site: Site, store: Store) -> None:
    names = [f"thing-{number}" for number in range(MOST_LINES + 2)]
    for name in names:
        price = {"amount": "1.50", "currency": "EUR"}
        await site.do("PUT", f"products/{name}", {"stock": 1, "price": price})
    await _fill(site, *names)
    found = await _cart(store)
    assert (found["count"], found["total"]) == (MOST_LINES + 2, _euros("18.00"))
    assert f"{MOST_LINES}.price" in found
    assert f"{MOST_LINES + 1}.price" not in found


async def test_a_block_reads_it_in_the_round_of_the_person(
    site: Site, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.copies.prove(float("inf"))
    await _fill(site, "rome", "oslo")
    await site.do("PATCH", "products/rome", {"stock": 0})
    await _cart(store)
    asked: list[tuple[Command, ...]] = []
    real = store.ask

    def watched(*commands: Command) -> object:
        asked.append(commands)
        return real(*commands)

    monkeypatch.setattr(store, "ask", watched)
    await _cart(store)
    assert asked == [(("GET", store.keys.recipient(RECIPIENT)),)]


async def test_a_text_and_a_layer_show_it_and_a_condition_asks_of_it(site: Site) -> None:
    layer = samples.text("{{ cart.1.title }} {{ cart.1.instead.title | default('') }}")
    variant = samples.variant(
        "cart",
        GREEN,
        f"https://{HOST}/",
        layer | {"when": [{"value": "cart.1.stock", "at_most": 0}]},
        condition={"op": "above", "fact": "cart.sold_out", "value": 0},
        alt="{{ cart.total | money }}",
    )
    await site.publish(samples.block(variant))
    await _fill(site, "rome", "oslo")
    asked = {"block": samples.BLOCK, "recipient": RECIPIENT, "message": samples.MESSAGE}
    preview = await site.do("POST", "previews", asked)
    assert preview["decision"]["variant"] is None
    assert "the number of sold-out products in the cart is 0" in preview["why"]
    await site.do("PATCH", "products/rome", {"stock": 0})
    preview = await site.do("POST", "previews", asked)
    assert (preview["decision"]["variant"], preview["alt"]) == ("cart", "€400.00")
    assert samples.colour((await site.open()).content) == GREEN
