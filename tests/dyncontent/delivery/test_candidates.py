"""The products that an offer chooses among."""

from typing import Any

import pytest

from tests import samples
from tests.samples import GREY, HOST, RECIPIENT, RED
from tests.site import Site

pytestmark = pytest.mark.anyio


async def _offered(site: Site, **offer: Any) -> list[str | None]:
    """What is offered, one after the other, each time with what was offered sold out."""
    variant = samples.variant("v", RED, f"https://{HOST}/", offer=offer)
    await site.publish(samples.block(variant))
    found: list[str | None] = []
    asked = {"block": samples.BLOCK, "recipient": RECIPIENT, "message": samples.MESSAGE}
    while True:
        decision = (await site.do("POST", "previews", asked))["decision"]
        found.append(decision["offer"])
        if found[-1] is None:
            return found
        await site.do("PATCH", f"products/{found[-1]}", {"stock": 0})


@pytest.mark.parametrize(
    ("offer", "expected"),
    [
        ({"product": "rome"}, ["rome", None]),
        ({"similar_to": "rome"}, ["oslo", "riga", None]),
        ({"alternatives_of": "rome"}, ["oslo", None]),
        ({"same_category_as": "rome"}, ["riga", "oslo", None]),
        ({"similar_to": "nowhere"}, [None]),
        ({"personal": "cart"}, ["riga", "rome", None]),
        ({"personal": "watched"}, ["oslo", None]),
    ],
)
async def test_candidates_are_tried_best_first(
    site: Site, offer: dict[str, str], expected: list[str | None]
) -> None:
    person = {"cart": ["riga", "rome"], "watched": ["oslo"]}
    await site.do("PATCH", f"recipients/{RECIPIENT}", person)
    assert await _offered(site, **offer) == expected


@pytest.mark.parametrize("kind", ["cart", "watched", "recommended"])
async def test_of_a_person_without_any_nothing_is_offered(site: Site, kind: str) -> None:
    assert await _offered(site, personal=kind) == [None]


async def test_recommended_are_the_categories_bought_from_without_what_was_bought(
    site: Site,
) -> None:
    for name, price in (("crete", "500.00"), ("malta", "480.00"), ("rhodes", "700.00")):
        product = {"stock": 1, "category": "islands", "price": {"amount": price, "currency": "EUR"}}
        await site.do("PUT", f"products/{name}", product)
    for bought in ("rome", "crete", "malta", "unknown"):
        await site.do("POST", f"recipients/{RECIPIENT}/purchases", {"product": bought})
    assert await _offered(site, personal="recommended", not_bought=False) == [
        "rhodes",
        "riga",
        "oslo",
        None,
    ]


async def test_to_who_refused_profiling_nothing_is_recommended(site: Site) -> None:
    await site.do("POST", f"recipients/{RECIPIENT}/purchases", {"product": "rome"})
    assert await _offered(site, personal="recommended") == ["riga", "oslo", None]
    for product in samples.PRODUCTS:
        await site.do("PATCH", f"products/{product}", {"stock": 5})
    consents = f"recipients/{RECIPIENT}/consents"
    await site.do("POST", consents, {"purpose": "profiling", "given": False})
    assert await _offered(site, personal="recommended") == [None]


async def test_a_cart_of_nobody_is_not_known(site: Site) -> None:
    variant = samples.variant("v", RED, f"https://{HOST}/", offer={"personal": "cart"})
    await site.publish(samples.block(variant))
    assert await site.colour(recipient="nobody") == GREY
