"""A second look at a block that is allowed: what its author would want to know."""

import asyncio
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from dyncontent.catalog.block import Block, Fallback, PictureCreative, Place
from dyncontent.catalog.compiled import CompiledVariant, rules_of
from dyncontent.catalog.glyphs import missing_glyphs
from dyncontent.catalog.product import Product
from dyncontent.catalog.weight import over_budget
from dyncontent.store.store import Store
from rules.analyse import Warned, analyse, needed_facts
from rules.facts import Declared, FactKey, FactType
from rules.variant import Rules

FALLBACK_SELLS = "FALLBACK_SELLS"

_PRICE = re.compile(r"\d\s?(€|\$|£|₽|kr\b|EUR\b|USD\b|GBP\b|SEK\b|руб)|[€$£]\s?\d")


async def review(store: Store, block_id: str, block: Block, declared: Declared) -> list[Warned]:
    """The warnings about a block."""
    needed = await asyncio.to_thread(lambda: needed_facts(_rules(block_id, block, declared)))
    documents = {_CART if key.source == "cart" else key for key in needed}
    offers = [variant.offer for variant in block.variants if variant.offer]
    anchors = {offer.selector.anchor for offer in offers if offer.selector}
    sold = {offer.product for offer in offers if offer.product}
    names = {key.product for key in needed} | anchors | sold
    products = await _products(store, sorted(names - {""}))
    provided = await _provided(store, documents)
    provided |= {FactKey("shown", variant.id) for variant in block.variants if variant.cap}
    if block.time_zone is not None:
        provided |= {FactKey("recipient", "time_zone")}

    def is_provided(key: FactKey) -> bool:
        if key.source == "product" and key.field != "repeated":
            return key.product in products and key.field in products[key.product].facts
        if key.source == "cart":
            return _CART in provided
        return key in provided or key.source in _ALWAYS or key.field in _ALWAYS

    given = frozenset(filter(is_provided, needed))
    types = frozenset(declared.items())
    found = await asyncio.to_thread(_analysed, block_id, block.encoded(), types, given)
    heavy = await over_budget(store, block, declared, products)
    unseen = await missing_glyphs(store, block)
    return [*found, *_selling(block.fallback, products), *heavy, *unseen]


@lru_cache(maxsize=256)
def _analysed(
    block_id: str,
    encoded: bytes,
    types: frozenset[tuple[str, FactType]],
    given: frozenset[FactKey],
) -> tuple[Warned, ...]:
    """What analysis finds: a block is asked for more often than it is changed."""
    rules = _rules(block_id, Block.model_validate_json(encoded), dict(types))
    return tuple(analyse(rules, given.__contains__))


def _rules(block_id: str, block: Block, declared: Declared) -> Rules:
    variants = {variant.id: CompiledVariant(variant) for variant in block.variants}
    return rules_of(block_id, block, variants, declared)


_CART = FactKey("recipient", "cart")
"""What all facts of a cart rest on, but its products."""

_ALWAYS = frozenset(("now", "open", "id", "repeated"))
"""The sources and fields that the server itself provides."""


async def _products(store: Store, names: Sequence[str]) -> Mapping[str, Product]:
    if not names:
        return {}
    replies = await store.ask(*(("GET", store.keys.product(name)) for name in names))
    return {
        name: Product.model_validate_json(raw)
        for name, raw in zip(names, replies, strict=True)
        if raw is not None
    }


async def _provided(store: Store, needed: Iterable[FactKey]) -> set[FactKey]:
    """Those of the facts that some document had at some time."""
    keys = list(needed)
    names = [key.declaration for key in keys]
    if not names:
        return set()
    [there] = await store.ask(("SMISMEMBER", store.keys.provided, *names))
    return {key for key, is_there in zip(keys, there, strict=True) if is_there}


def _selling(fallback: Fallback, products: Mapping[str, Product]) -> Iterator[Warned]:
    """What makes the fallback an offer, which may end while the fallback is for ever."""
    layers = list(enumerate(fallback.creative.canvas.layers))
    for name, product in products.items():
        if product.link is not None and product.link in fallback.link.values():
            yield _sells(("link",), f"leads to {name}")
        for number, layer in layers:
            if product.picture in tuple(layer.pictures):
                yield _sells(_layer(fallback, number), f"shows the picture of {name}")
    for number, layer in layers:
        if any(map(_names_price, layer.texts)):
            yield _sells(_layer(fallback, number), "names a price")
    texts = fallback.html.texts if fallback.html else ()
    if any(map(_names_price, texts)):
        yield _sells(("html",), "names a price")
    if _names_price(fallback.alt):
        yield _sells(("alt",), "names a price")


def _sells(place: Place, what: str) -> Warned:
    message = f"the fallback {what}, which stays when that is over"
    return Warned(FALLBACK_SELLS, ("fallback", *place), message)


def _layer(fallback: Fallback, number: int) -> Place:
    """Where a layer stands in the definition; an uploaded picture is itself the creative."""
    if isinstance(fallback.creative, PictureCreative):
        return ("creative", "picture")
    return ("creative", "canvas", "layers", number)


def _names_price(texts: Mapping[str, str]) -> bool:
    return any(_PRICE.search(text) for text in texts.values())
