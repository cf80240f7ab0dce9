"""The products that an offer chooses among: read, and put in order, best first."""

from collections import Counter
from collections.abc import Sequence

from dyncontent.catalog.product import MOST_SIMILAR, Product, nearest, similar
from dyncontent.catalog.recipient import Recipient
from dyncontent.delivery.reading import Reading
from dyncontent.store.keys import Keys
from rules.facts import Selector

LATEST_PURCHASES = 50
"""What a person bought before is not recommended by."""

_Members = Sequence[tuple[str, float]]


def read_product(reading: Reading, keys: Keys, product: str) -> Product | None:
    found: Product | None = reading.get(keys.product(product), Product.model_validate_json)
    return found


def candidates(
    reading: Reading, keys: Keys, selector: Selector, person: Recipient | None
) -> Sequence[str] | None:
    """The ids of the products that a selector gives; None if they are not known."""
    if not selector.anchor:
        return None if person is None else _personal(reading, keys, selector.kind, person)
    product = read_product(reading, keys, selector.anchor)
    if product is None:
        return None
    match selector.kind:
        case "alternatives_of":
            return product.alternatives
        case "same_category_as":
            return nearest(selector.anchor, product, _category(reading, keys, product))
        case _:
            return similar(selector.anchor, product, _category(reading, keys, product))


def _personal(reading: Reading, keys: Keys, kind: str, person: Recipient) -> Sequence[str] | None:
    match kind:
        case "cart":
            return person.cart_products
        case "watched":
            return person.watched
        case _:
            # Who refused profiling is not chosen for by what they bought.
            return () if person.consents.profiling is False else _recommended(reading, keys, person)


def _recommended(reading: Reading, keys: Keys, person: Recipient) -> Sequence[str]:
    """Of the categories that the person bought from, most bought first, what is nearest in price
    to the latest purchase there; never what was bought already."""
    latest = sorted(person.purchases, key=lambda name: person.purchases[name], reverse=True)
    bought = {name: read_product(reading, keys, name) for name in latest[:LATEST_PURCHASES]}
    known = {name: product for name, product in bought.items() if product and product.category}
    times = Counter(product.category for product in known.values())
    anchors = {category: "" for category, _ in times.most_common()}
    for name, product in known.items():
        anchors[product.category] = anchors[product.category] or name
    found: dict[str, None] = {}
    for anchor in anchors.values():
        members = _category(reading, keys, known[anchor])
        found |= dict.fromkeys(nearest(anchor, known[anchor], members))
    return [name for name in found if name not in person.purchases][:MOST_SIMILAR]


def _category(reading: Reading, keys: Keys, product: Product) -> _Members:
    """The products of a product's category with their prices, in the order of the price."""
    if product.category is None or product.price is None:
        return ()
    key = keys.category(product.category, product.price.currency)
    members: _Members | None = reading.ask(key, ("ZRANGE", key, 0, -1, "WITHSCORES"), _members)
    return members or ()


def _members(reply: Sequence[bytes]) -> _Members:
    """Pairs of product id and price, from names and scores in turn."""
    names, scores = reply[::2], reply[1::2]
    return tuple((name.decode(), float(score)) for name, score in zip(names, scores, strict=True))
