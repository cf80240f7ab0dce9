"""Whether there is any: as Google, schema.org, Facebook, WooCommerce and plain tables write it."""

import re

AVAILABLE = frozenset(
    [
        "instock",
        "available",
        "availablefororder",
        "limitedavailability",
        "limited",
        "lowstock",
        "onlineonly",
        "instoreonly",
        "1",
        "true",
        "yes",
        "y",
        "jah",
        "kyllä",
        "да",
    ]
)
UNAVAILABLE = frozenset(
    [
        "outofstock",
        "soldout",
        "unavailable",
        "temporarilyoutofstock",
        "discontinued",
        "preorder",
        "presale",
        "backorder",
        "onbackorder",
        "madetoorder",
        "notify",
        "reserved",
        "0",
        "false",
        "no",
        "n",
        "ei",
        "нет",
    ]
)
"""Without blanks and marks. What can only be ordered ahead is not in stock."""
UNPUBLISHED = frozenset(
    [
        "draft",
        "archived",
        "private",
        "pending",
        "trash",
        "inactive",
        "disabled",
        "0",
        "-1",
        "false",
        "no",
    ]
)


def availability(text: str) -> bool | None:
    """None for a word that is not known."""
    word = _word(text)
    if word in AVAILABLE:
        return True
    return False if word in UNAVAILABLE else None


def is_unpublished(text: str) -> bool:
    """Whether a row says that its product is not in the shop."""
    return _word(text) in UNPUBLISHED


def _word(text: str) -> str:
    """Without the address of schema.org, and without blanks and marks; a number as it is."""
    name = text.strip().rpartition("/")[2].lower()
    return name if name == "-1" else re.sub(r"[\W_]", "", name)
