"""Offers: the product that a variant sells, and where it comes from."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from rules.facts import ID, Selector
from rules.tree import Part

ProductId = Annotated[str, StringConstraints(pattern=rf"^{ID}$")]

ANCHORED = ("similar_to", "alternatives_of", "same_category_as")
"""The selectors that begin at a product."""


class Offer(Part):
    """Either a `product`, or the first that passes among candidates: the products `similar_to` one
    (its alternatives, then its category by nearest price), the `alternatives_of` one, those of the
    `same_category_as` one by nearest price, or the recipient's own (`personal`).

    The two guards are on unless switched off.
    """

    product: ProductId | None = None
    similar_to: ProductId | None = None
    alternatives_of: ProductId | None = None
    same_category_as: ProductId | None = None
    personal: Annotated[
        Literal["cart", "watched", "recommended"] | None,
        Field(description="the products in the cart, watched, or recommended"),
    ] = None
    in_stock: bool = True
    not_bought: bool = True

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        given = [name for name in _SOURCES if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(
                f"an offer has one of {', '.join(_SOURCES)}, not {' and '.join(given) or 'none'}"
            )
        return self

    @property
    def selector(self) -> Selector | None:
        """Where the candidates come from; None where there is one product alone."""
        for kind in ANCHORED:
            if (anchor := getattr(self, kind)) is not None:
                return Selector(kind, anchor)
        return None if self.personal is None else Selector(self.personal)


_SOURCES = ("product", *ANCHORED, "personal")
