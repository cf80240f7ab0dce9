"""How many bytes a block's pictures have at full quality, so that its author hears of those that
must be made worse."""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

from dyncontent.catalog.block import Block, CountdownCreative, Fallback, Place, Variant, is_value
from dyncontent.catalog.product import Product
from dyncontent.catalog.uploads import uploads
from dyncontent.store.store import Store
from renderers.canvas import Drawing, Filled
from renderers.codes import CodeError
from renderers.countdown import ClockAt, Clocks
from renderers.encode import BY_EXTENSION, ImageType
from renderers.localised import ANY
from renderers.spec import Canvas
from renderers.template import MissingValueError
from rules.analyse import Warned
from rules.facts import Declared, FactType, Money, parse_key

log = logging.getLogger(__name__)

OVER_BUDGET = "OVER_BUDGET"
MOST_ANIMATED = 1_000_000
"""Bytes of a whole countdown."""
LONGEST = 2.0
"""Seconds for which pictures are drawn; what would take longer is not warned of."""

_MOST_KEPT = 4096
_SECONDS_LEFT = 273_900
"""What a countdown is set to: some days, hours and minutes."""
_PICTURE = "offer.picture"
_SAMPLES: Mapping[FactType, Any] = MappingProxyType(
    {
        FactType.TEXT: "Maximilian",
        FactType.NUMBER: 128,
        FactType.MONEY: Money(Decimal("1290.00"), "EUR"),
        FactType.BOOLEAN: True,
        FactType.INSTANT: datetime(2026, 12, 24, 18, 30, tzinfo=UTC),
        FactType.DATE: date(2026, 12, 24),
        FactType.TEXTS: ("Barcelona", "Lisbon", "Rome"),
        FactType.LOCALISED: MappingProxyType({ANY: "Lisbon in the evening light"}),
    }
)


class _Shown(NamedTuple):
    """A picture of a block, with the bytes that it should not have more than."""

    place: Place
    content: Filled | ClockAt
    kind: ImageType
    most: int

    @property
    def key(self) -> str:
        return f"{self.content.key}.{self.kind}"

    @property
    def file(self) -> str:
        return "animation" if isinstance(self.content, ClockAt) else "picture"

    def size(self, assets: Mapping[str, bytes]) -> int:
        return len(self.content.file(assets, self.kind))


_POOL = ThreadPoolExecutor(1, "weigh")
"""One at a time: a picture may be large."""
_SIZES: OrderedDict[str, int] = OrderedDict()
"""Of the latest pictures, by content: a block is asked for more often than it is changed."""


async def over_budget(
    store: Store, block: Block, declared: Declared, products: Mapping[str, Product]
) -> list[Warned]:
    """What cannot be held within its bytes at full quality, in the block's own type. Values are
    plausible ones; a picture of which a part is not known is not judged."""
    shown = await asyncio.to_thread(lambda: list(_all_shown(block, declared, products)))
    unknown = [one for one in shown if one.key not in _SIZES]
    if unknown:
        ids = {name for one in unknown for name in one.content.assets}
        assets = await uploads(store, sorted(ids))
        loop = asyncio.get_running_loop()
        _SIZES.update(await loop.run_in_executor(_POOL, _measured, unknown, assets))
    found = [
        Warned(
            OVER_BUDGET,
            one.place,
            f"the {one.file} has {_SIZES[one.key]} bytes at full quality, and should have at most"
            f" {one.most}",
        )
        for one in shown
        if _SIZES.get(one.key, 0) > one.most
    ]
    while len(_SIZES) > _MOST_KEPT:
        _SIZES.popitem(last=False)
    return found


def _measured(shown: Sequence[_Shown], assets: Mapping[str, bytes]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    end = time.monotonic() + LONGEST
    for one in shown:
        if time.monotonic() >= end:
            break
        if assets.keys() >= set(one.content.assets):
            try:
                sizes[one.key] = one.size(assets)
            except CodeError as error:
                log.info("a plausible value is none for the code: %s", error)
            except Exception:
                log.exception("a picture of %s cannot be drawn", ".".join(map(str, one.place)))
    return sizes


def _all_shown(
    block: Block, declared: Declared, products: Mapping[str, Product]
) -> Iterator[_Shown]:
    pictures = {f"product.{name}.picture": product.picture for name, product in products.items()}
    for number, variant in enumerate(block.variants):
        known = pictures | {_PICTURE: _offered_picture(variant, products)}
        yield from _shown(block, variant, ("variants", number), declared, known)
    yield from _shown(block, block.fallback, ("fallback",), declared, {})


def _shown(
    block: Block,
    shown: Variant | Fallback,
    place: Place,
    declared: Declared,
    pictures: Mapping[str, str | None],
) -> Iterator[_Shown]:
    kind, creative = BY_EXTENSION[block.type], shown.creative
    canvases = dict(creative.canvases)
    if isinstance(creative, CountdownCreative):
        del canvases["clock", "face"]
        if kind is ImageType.GIF:
            clock = Clocks(creative.clock).at(_SECONDS_LEFT, block.locale)
            yield _Shown((*place, "creative", "clock"), clock, kind, MOST_ANIMATED)
    for where, canvas in canvases.items():
        filled = _filled(canvas, block.locale, declared, pictures)
        if filled is not None:
            yield _Shown((*place, "creative", *where), filled, kind, block.budget)


def _filled(
    canvas: Canvas, locale: str, declared: Declared, pictures: Mapping[str, str | None]
) -> Filled | None:
    """With plausible values where there is no default; None if no picture is known, or none that a
    code can hold."""
    drawing = Drawing(canvas, is_value)

    def value(path: str) -> Any:
        if path not in drawing.required:
            return None
        return pictures.get(path) if parse_key(path).name == "picture" else _sample(path, declared)

    try:
        return drawing.fill(value, locale)
    except (MissingValueError, CodeError):
        return None


def _sample(path: str, declared: Declared) -> Any:
    key = parse_key(path)
    known = key.registered
    if known is not None and known.choices:
        return known.choices[0]
    return _SAMPLES[key.type(declared) or FactType.TEXT]


def _offered_picture(variant: Variant, products: Mapping[str, Product]) -> str | None:
    """That of the product that the offer is, or begins at."""
    if variant.offer is None:
        return None
    selector = variant.offer.selector
    product = products.get(selector.anchor if selector else variant.offer.product or "")
    return product.picture if product else None
