"""What events make of a product: its fields, and a stock that is divided among variants and
places."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from dyncontent.catalog.kinds import PRODUCT
from dyncontent.catalog.product import MOST_STOCK, Product
from dyncontent.ingest.fields import take
from dyncontent.ingest.happenings import Parts
from dyncontent.ingest.stamps import NEVER, Ledger, Stamp, is_newer, latest, said, weighed

MOST_PLACES = 200

Levels = dict[str, tuple[Stamp, int]]
"""Places, each with how many were left there, and when."""


class PartLedger(BaseModel):
    """One variant: the product that it belongs to, None while that is not known, and its stock by
    place. `number` counts its changes."""

    model_config = ConfigDict(extra="forbid")

    number: int = 0
    product: str | None = None
    levels: Levels = Field(default_factory=dict)

    def belong(self, product: str) -> None:
        """It never moves from one to another; should two claim it, the order of their telling is
        not what decides."""
        self.product = max(product, self.product or product)

    def level(self, place: str, available: int, stamp: Stamp) -> None:
        """Of two levels at the same instant the lower one holds. Of very many places the one of
        which nothing was heard for longest is dropped."""
        stamp = weighed(stamp, -available)
        if place not in self.levels or is_newer(stamp, self.levels[place][0]):
            self.levels[place] = stamp, available
        if len(self.levels) > MOST_PLACES:
            del self.levels[min(self.levels, key=lambda name: (self.levels[name][0], name))]


class Part(BaseModel):
    """What a product knows of one of its variants: how many there are in all, as the product's own
    events say, and where, as the variant stood at its change of this number."""

    model_config = ConfigDict(extra="forbid")

    total: tuple[Stamp, int | None] | None = None
    number: int = 0
    levels: Levels = Field(default_factory=dict)

    @property
    def known(self) -> tuple[Stamp, int] | None:
        """What is left of it. Where places tell of their levels, these count."""
        if self.levels:
            stamp = max(stamp for stamp, _ in self.levels.values())
            return stamp, sum(available for _, available in self.levels.values())
        if self.total is None or self.total[1] is None:
            return None
        return self.total[0], self.total[1]


class ProductLedger(Ledger):
    """Beside the stamps of the product's other fields: `stock` is what was said of its stock as a
    whole. `parts` are the variants among which it is divided, `listed` all that there are, where
    that is known. `gone` tells whether it is out of the shop."""

    stock: tuple[Stamp, int | None] | None = None
    parts: dict[str, Part] = Field(default_factory=dict)
    listed: tuple[Stamp, list[str]] | None = None
    gone: tuple[Stamp, bool] | None = None


_DERIVED = ("stock", "retired")


class ProductState:
    """A product that things happen to. `document` is None of one that is not known."""

    def __init__(self, document: Product | None, ledger: ProductLedger | None) -> None:
        self.document = document
        self.ledger = ledger or ProductLedger()
        self._heed_control_plane(is_new=ledger is None)

    def _heed_control_plane(self, *, is_new: bool) -> None:
        if self.document is not None:
            stamp, known = said(self.document, "stock"), self.ledger.stock
            if is_new and stamp is None and self.document.stock is not None:
                stamp = NEVER
            if stamp is not None and (known is None or stamp > known[0]):
                self.ledger.stock = stamp, self.document.stock

    def take(self, fields: Mapping[str, Any], stamp: Stamp) -> None:
        """Raises ValidationError if the fields do not go together."""
        others = {name: value for name, value in fields.items() if name not in _DERIVED}
        document = self.document or Product()
        self.document = take(PRODUCT, document, self.ledger, others, lambda *_: stamp)
        if "stock" in fields:
            self._state_stock(fields["stock"], stamp)
        self._show_stock()
        if "retired" in fields:
            self.end(stamp, gone=bool(fields["retired"]))
        self._show_whether_gone()

    def _state_stock(self, stock: int | None, stamp: Stamp) -> None:
        """Of two stocks at the same instant the lower one holds."""
        stamp, known = weighed(stamp, -(stock or 0)), self.ledger.stock
        if known is None or is_newer(stamp, known[0]):
            self.ledger.stock = stamp, stock

    def end(self, stamp: Stamp, *, gone: bool) -> None:
        """It is no longer in the shop, or it is again."""
        if self.ledger.gone is None or is_newer(stamp, self.ledger.gone[0]):
            self.ledger.gone = stamp, gone
        self._show_whether_gone()

    def _show_whether_gone(self) -> None:
        document, gone = self.document, self.ledger.gone
        if document is None or gone is None or gone[1] == document.retired:
            return
        if is_newer(gone[0], said(document, "retired")):
            self.document = document.replace(retired=gone[1])

    def divide(self, parts: Parts, stamp: Stamp) -> None:
        ledger = self.ledger
        if parts.listed is not None and (
            ledger.listed is None or is_newer(stamp, ledger.listed[0])
        ):
            ledger.listed = stamp, list(parts.listed)
        for name, total in parts.totals.items():
            part = ledger.parts.setdefault(name, Part())
            weightier = weighed(stamp, -(total or 0))
            if part.total is None or is_newer(weightier, part.total[0]):
                part.total = weightier, total
        self._show_stock()

    def have_part(self, name: str, levels: Levels, number: int) -> None:
        part = self.ledger.parts.setdefault(name, Part())
        if number > part.number:
            part.number, part.levels = number, levels
        self._show_stock()

    def _show_stock(self) -> None:
        """The newer of what was said as a whole, and of what the variants make together."""
        if self.document is None:
            return
        own, parted = self.ledger.stock, self._parted
        if parted is not None and (own is None or parted[0][0] > own[0][0]):
            own = parted
        stock = None if own is None or own[1] is None else min(MOST_STOCK, max(0, own[1]))
        if stock != self.document.stock:
            self.document = self.document.replace(stock=stock)

    @property
    def _parted(self) -> tuple[Stamp, int] | None:
        """What is left of all variants of which that is known. A newer list of them confirms it."""
        listed = self.ledger.listed
        parts = self.ledger.parts
        names = parts if listed is None else listed[1]
        known = [parts[name].known for name in names if name in parts]
        found = [one for one in known if one is not None]
        stamp = latest(listed and listed[0], *(stamp for stamp, _ in found))
        return (stamp, sum(left for _, left in found)) if found and stamp else None
