"""Very many people, each with ten attributes and five purchases, as senders have them."""

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from dyncontent.catalog.dated import ALL
from dyncontent.catalog.dated import PURCHASES as PURCHASES_OF
from dyncontent.catalog.instants import instant, milliseconds
from dyncontent.catalog.kinds import RECIPIENT
from dyncontent.catalog.recipient import Profile, Recipient
from dyncontent.store.command import Command
from dyncontent.store.keys import Keys

ATTRIBUTES = 10
PURCHASES, LIVE = 5, 2
"""How much each has bought, and how much of that since the server knows of them."""
PRODUCTS = 5000
_TIERS = ("bronze", "silver", "gold", "platinum")
_CITIES = ("Helsinki", "Tallinn", "Tampere", "Stockholm", "Gothenburg", "Riga", "Vilnius", "Oslo")
_INTERESTS = ("travel", "sauna", "cycling", "gardening", "books", "cooking", "skiing", "music")
_ZONES = {
    "fi": "Europe/Helsinki",
    "et": "Europe/Tallinn",
    "sv": "Europe/Stockholm",
    "en-GB": "Europe/London",
    "de": "Europe/Berlin",
}
_VOWELS, _CONSONANTS = "aeiouyäö", "hjklmnprstv"
_NEWEST = datetime(2026, 6, 1, tzinfo=UTC)
_DAY_SECONDS = 24 * 3600
_YEAR = 365 * _DAY_SECONDS
_DAY_MS = 1000 * _DAY_SECONDS
_PUT = milliseconds(_NEWEST)


def recipient_id(number: int) -> str:
    return f"customer-{number:08}"


def product_id(number: int) -> str:
    """Of twelve characters."""
    return f"sku-{number * 7919 % 10**8:08}"


def person(number: int) -> dict[str, Any]:
    """A profile as it is put, the same for a number at any time."""
    chance = random.Random(number)  # noqa: S311
    locale = chance.choice(tuple(_ZONES))
    return {
        "first_name": _name(chance, 2, 4),
        "last_name": _name(chance, 2, 5),
        "locale": locale,
        "time_zone": _ZONES[locale],
        "consents": {"marketing": True, "tracking": chance.random() < 0.8},
        "attributes": {
            "home_city": chance.choice(_CITIES),
            "postcode": f"{chance.randrange(100_000):05}",
            "birth_date": _day(chance, 60 * _YEAR),
            "loyalty_tier": chance.choice(_TIERS),
            "points": chance.randrange(50_000),
            "lifetime_value": {
                "amount": f"{chance.randrange(500_000) / 100:.2f}",
                "currency": "EUR",
            },
            "newsletter": chance.random() < 0.5,
            "last_visit": _day(chance, _YEAR),
            "interests": chance.sample(_INTERESTS, 2),
            "store_number": chance.randrange(400),
        },
    }


def purchases(number: int) -> Sequence[tuple[str, datetime | None]]:
    """Products with when they were bought, to the second; two of them are bought when this is
    told."""
    chance = random.Random(~number)  # noqa: S311
    products = chance.sample(range(PRODUCTS), PURCHASES)
    return [
        (
            product_id(product),
            None if place < LIVE else _NEWEST - timedelta(seconds=chance.randrange(2 * _YEAR)),
        )
        for place, product in enumerate(products)
    ]


def recipient(number: int, put: int, told: Sequence[int]) -> Recipient:
    """A person as the server makes one of `person` and `purchases`: `put` is when it is told of the
    profile, `told` when it is told of each purchase, in milliseconds since the epoch."""
    profile = Profile.model_validate(person(number), strict=False)
    bought = purchases(number)
    dates = {PURCHASES_OF + product: at for (product, _), at in zip(bought, told, strict=True)}
    return (
        Recipient()
        .with_profile(profile, instant(put))
        .model_copy(
            update={
                "purchases": {
                    product: when or instant(at)
                    for (product, when), at in zip(bought, told, strict=True)
                },
                "as_of": {ALL: put, **dates},
            }
        )
    )


def written(keys: Keys, numbers: Iterable[int], different: int | None = None) -> Iterator[Command]:
    """Commands that leave in an empty store what the control plane leaves of so many people. If
    only so many are `different`, the others have the documents of those."""
    documents: list[str | bytes] = []
    listed: dict[str, list[str | int]] = {}
    for number in numbers:
        name = recipient_id(number)
        like = number % different if different else number
        documents += (keys.recipient(name), _document(like) if different else _encoded(like))
        listed.setdefault(RECIPIENT.place(keys, name), []).extend((0, name))
    yield ("MSET", *documents)
    for place, names in listed.items():
        yield ("ZADD", place, *names)


def _encoded(number: int) -> bytes:
    """Told of at another second than others."""
    put = _PUT + 1000 * (number % _DAY_SECONDS) + number % 997
    told = [
        put + (_DAY_MS * (place + 1) if place < LIVE else 3 * place) for place in range(PURCHASES)
    ]
    return recipient(number, put, told).encoded()


_document = cache(_encoded)


def _name(chance: random.Random, least: int, most: int) -> str:
    syllables = range(chance.randint(least, most))
    return "".join(chance.choice(_CONSONANTS) + chance.choice(_VOWELS) for _ in syllables).title()


def _day(chance: random.Random, seconds: int) -> str:
    return (_NEWEST - timedelta(seconds=chance.randrange(seconds))).date().isoformat()
