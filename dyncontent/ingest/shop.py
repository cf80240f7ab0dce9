"""What webhooks of shops do not say of themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from dyncontent.ingest.read import BadError, an_id

ProductId = Literal["product", "variant", "sku"]


@dataclass(frozen=True, slots=True)
class Shop:
    """`product_id` tells which of a shop's ids are those of the products here: of a product with
    all its variants, of each variant, or stock-keeping units. `currency` is that of its prices,
    `url` where it is; empty where that is not known."""

    product_id: ProductId = "product"
    currency: str = ""
    url: str = ""

    def product(self, line: Mapping[str, Any], variant: str, path: str) -> str | None:
        """The product of a line of an order, whose `variant` field names the variant; None of what
        is none, such as a tip. Raises BadError."""
        names = {"product": ("product_id",), "variant": (variant, "product_id"), "sku": ("sku",)}
        for name in names[self.product_id]:
            if line.get(name) not in (None, "", 0):
                return an_id(line[name], f"{path}.{name}")
        if self.product_id == "sku" and line.get("product_id"):
            raise BadError(f"{path}.sku", None, "a stock-keeping unit: it is the product's id here")
        return None
