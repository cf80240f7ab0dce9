"""Very many people, each with ten attributes and five purchases, as senders have them."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

ATTRIBUTES = 10
PURCHASES = 5
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
_YEAR = 365 * 24 * 3600


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
            "city": chance.choice(_CITIES),
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


def purchases(number: int) -> Iterator[tuple[str, datetime]]:
    """Products with when they were bought, to the second."""
    chance = random.Random(f"purchases of {number}")  # noqa: S311
    for product in chance.sample(range(PRODUCTS), PURCHASES):
        yield product_id(product), _NEWEST - timedelta(seconds=chance.randrange(2 * _YEAR))


def _name(chance: random.Random, least: int, most: int) -> str:
    syllables = range(chance.randint(least, most))
    return "".join(
        chance.choice(_CONSONANTS) + chance.choice(_VOWELS) for _ in syllables
    ).title()


def _day(chance: random.Random, seconds: int) -> str:
    return (_NEWEST - timedelta(seconds=chance.randrange(seconds))).date().isoformat()
