"""What is in a cart at this moment: what of it can be bought, what that costs, and what could take
the place of what is sold out."""

from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal

from dyncontent.catalog.product import Product
from dyncontent.catalog.recipient import CartLine, Recipient
from dyncontent.delivery.candidates import candidates, read_product
from dyncontent.delivery.reading import Reading
from dyncontent.store.keys import Keys
from rules.facts import MOST_LINES, NOTHING, Money, Record, Selector, Value

_TOLD = ("title", "price", "stock", "category", "picture")
"""The facts of a product that a cart has too."""


_Lines = Sequence[tuple[CartLine, Product | None]]


def cart_facts(
    reading: Reading, keys: Keys, person: Recipient | None, *, with_instead: bool
) -> Record:
    """The facts of a cart; none where it is not known. To be run by Reading.run."""
    if person is None or person.cart is None:
        return NOTHING
    products = [read_product(reading, keys, line.product) for line in person.cart]
    lines = list(zip(person.cart, products, strict=True))
    facts = dict(_summed(lines))
    for position, (line, product) in enumerate(lines[:MOST_LINES], start=1):
        facts |= {f"{position}.{name}": value for name, value in _line(line, product).items()}
    if with_instead:
        facts |= dict(_instead(reading, keys, person, lines))
    return facts


def _line(line: CartLine, product: Product | None) -> Record:
    quantity = _quantity(line, product)
    return _told(product) | ({} if quantity is None else {"quantity": quantity})


def _told(product: Product | None) -> dict[str, Value]:
    return {name: product.facts[name] for name in _TOLD if product and name in product.facts}


def _quantity(line: CartLine, product: Product | None) -> int | None:
    """How many of it can be bought; None where the stock is not known."""
    if product is None or product.stock is None:
        return None
    return min(line.quantity, product.stock)


def _summed(lines: _Lines) -> Iterator[tuple[str, Value]]:
    """The facts of all lines together, as far as they are known."""
    quantities = [_quantity(line, product) for line, product in lines]
    known = [quantity for quantity in quantities if quantity is not None]
    if len(known) < len(quantities):
        return
    yield "count", sum(known)
    yield "sold_out", known.count(0)
    prices = [product.price if product else None for _, product in lines]
    left = [(price, quantity) for price, quantity in zip(prices, known, strict=True) if quantity]
    costs = [(price.currency, price.fact.amount * quantity) for price, quantity in left if price]
    currencies = {currency for currency, _ in costs}
    if len(costs) == len(left) and len(currencies) == 1:
        yield "total", Money(sum((cost for _, cost in costs), Decimal(0)), currencies.pop())


def _instead(
    reading: Reading, keys: Keys, person: Recipient, lines: _Lines
) -> Iterator[tuple[str, Value]]:
    """For each line that is sold out the most similar product that has stock, that the person has
    neither bought nor in the cart, and that takes no other line's place."""
    taken = {line.product for line, _ in lines} | person.purchases.keys()
    for position, (line, product) in enumerate(lines[:MOST_LINES], start=1):
        if product is None or product.stock != 0:
            continue
        for name in _similar(reading, keys, line.product, taken):
            other = read_product(reading, keys, name)
            if other is not None and other.stock:
                taken.add(name)
                for field, value in _told(other).items():
                    yield f"{position}.instead.{field}", value
                break


def _similar(reading: Reading, keys: Keys, product: str, taken: Collection[str]) -> Sequence[str]:
    found = candidates(reading, keys, Selector("similar_to", product), None) or ()
    return [name for name in found if name not in taken]
