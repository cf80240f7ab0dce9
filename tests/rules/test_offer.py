from typing import Any

import pytest
from pydantic import ValidationError

from rules.facts import Selector
from rules.offer import Offer


@pytest.mark.parametrize(
    ("source", "selector"),
    [
        ({"product": "rome"}, None),
        ({"similar_to": "rome"}, Selector("similar_to", "rome")),
        ({"alternatives_of": "rome"}, Selector("alternatives_of", "rome")),
        ({"same_category_as": "rome"}, Selector("same_category_as", "rome")),
        ({"personal": "cart"}, Selector("cart")),
    ],
)
def test_an_offer_selects_from_its_source(
    source: dict[str, Any], selector: Selector | None
) -> None:
    offer = Offer.model_validate(source)
    assert offer.selector == selector
    assert offer.in_stock
    assert offer.not_bought


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ({}, "one of product, similar_to, .*, personal, not none"),
        ({"product": "a", "personal": "cart"}, "not product and personal"),
        ({"product": "a b"}, "should match pattern"),
        ({"personal": "wishes"}, "'cart', 'watched' or 'recommended'"),
    ],
)
def test_an_offer_has_exactly_one_source(source: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        Offer.model_validate(source)
