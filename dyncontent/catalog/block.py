"""Blocks: one dynamic place in an email, as a marketer writes it down."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import (
    Discriminator,
    Field,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    model_serializer,
    model_validator,
)

from dyncontent.catalog.links import HOSTS, OFFER_LINK, AllowedHosts, Target
from dyncontent.catalog.model import Definition, LocaleName, ShortText, TimeZone, VariantId
from renderers import fonts
from renderers.canvas import Drawing
from renderers.fields import AssetId, Length
from renderers.html.spec import HtmlBlock
from renderers.layers.picture import MIDDLE, WHOLE, Crop, Focus, PictureLayer
from renderers.localised import PLAIN_TEXT_TOO, Locale
from renderers.spec import Canvas, Countdown
from renderers.template import ALLOWED_VALUES, Templated, parse
from renderers.template import is_value as is_written_as_value
from rules.facts import Declared, FactKey, FactType, MessageClass, parse_key
from rules.nodes import keys
from rules.offer import Offer
from rules.schedule import Schedule
from rules.tree import DECLARED, VERSION, Percent, RootCondition, Salt, parse_point
from rules.variant import Cap, Choice

MOST_VARIANTS = 50
MOST_LAYERS = 600
"""Of all canvases together: a block is made ready while others wait."""
MOST_HELD_OUT = 50
"""Percent."""

LEAST_BUDGET, MOST_BUDGET = 5_000, 1_000_000
"""Bytes."""

ImageTypeName = Literal["png", "jpg", "gif"]

Place = tuple[str | int, ...]
"""A path in a definition."""

Asset = tuple[Place, str, Literal["picture", "font"]]
"""Where an upload is used, its id, and what it is."""

FALLBACK = "fallback"
"""The name of the fallback where a variant's is asked for."""

_SHOWN = frozenset(("recipient", "message", "order", "product", "offer", "cart", "source"))
_NOT_SHOWN = frozenset(
    ("id", "consents", "purchases", "cart", "watched", "picture", "link", "bought", "repeated")
)


def is_value(path: str) -> bool:
    """Whether a text may show the fact of this name."""
    try:
        key = parse_key(path)
    except ValueError:
        return False
    return key.source in _SHOWN and key.name not in _NOT_SHOWN


def checking(hosts: AllowedHosts, declared: Declared) -> dict[str, Any]:
    """The context in which a definition is validated when it is saved."""
    return {HOSTS: hosts, ALLOWED_VALUES: is_value, DECLARED: declared}


Links = Annotated[
    dict[Locale, Target],
    Field(min_length=1, max_length=40, examples=[OFFER_LINK, {"fi": "https://example.com/fi"}]),
    PLAIN_TEXT_TOO,
]
"""A link, or one for each language."""


class CanvasCreative(Definition):
    """A picture drawn for the person who opens."""

    kind: Literal["canvas"]
    canvas: Canvas

    @property
    def canvases(self) -> Mapping[Place, Canvas]:
        """What it can look like, with the places in its definition."""
        return {("canvas",): self.canvas}


class PictureCreative(Definition):
    """An uploaded picture, shown at a size in CSS pixels."""

    kind: Literal["picture"]
    picture: AssetId
    width: Length
    height: Length
    scale: Literal[1, 2, 3] = 1
    crop: Crop = WHOLE
    focus: Focus = MIDDLE

    @property
    def canvas(self) -> Canvas:
        layer = PictureLayer(
            kind="picture",
            picture=self.picture,
            x=0,
            y=0,
            width=self.width,
            height=self.height,
            crop=self.crop,
            focus=self.focus,
        )
        return Canvas(width=self.width, height=self.height, scale=self.scale, layers=(layer,))

    @property
    def canvases(self) -> Mapping[Place, Canvas]:
        return {(): self.canvas}


class CountdownCreative(Definition):
    """A clock that counts down `until` an instant, or up from it: a fact (`message.deadline`), or a
    fixed time, which may come again `every` day or week. `still` is shown where nothing can move:
    in a PNG or a JPEG, and to clients that fetch pictures long before they show them."""

    kind: Literal["countdown"]
    until: Annotated[
        str,
        Field(max_length=220, examples=["message.deadline", "2026-12-24T18:00"]),
    ]
    every: Literal["day", "week"] | None = None
    clock: Countdown
    still: Canvas

    @model_validator(mode="after")
    def _consistent(self, info: ValidationInfo) -> Self:
        declared: Declared | None = (info.context or {}).get(DECLARED)
        if self.fact is None and self.time is None:
            raise ValueError(f"until is a time such as 2026-12-24T18:00, not {self.until!r}")
        if self.fact is not None:
            kind = FactType.INSTANT if declared is None else self.fact.type(declared)
            if kind is not FactType.INSTANT:
                raise ValueError(f"until is an instant, which {self.until} is not")
            if self.every is not None:
                raise ValueError("what comes again begins at a fixed time")
        if len({(one.width, one.height) for one in self.canvases.values()}) > 1:
            raise ValueError("the still is of the same size as the clock")
        if any(Drawing(one, is_value).paths for one in (self.clock.face, self.clock.expired)):
            raise ValueError("a clock's face shows no values, for it is the same for all")
        return self

    @property
    def fact(self) -> FactKey | None:
        """The fact that it counts to; None for a fixed time."""
        return parse_key(self.until) if self.until[:1].isalpha() else None

    @property
    def time(self) -> datetime | None:
        """The fixed time; without an offset it is on the recipient's clock."""
        point = None if self.fact else parse_point(self.until)
        return point if isinstance(point, datetime) else None

    @property
    def canvas(self) -> Canvas:
        return self.clock.face

    @property
    def canvases(self) -> Mapping[Place, Canvas]:
        return {
            ("clock", "face"): self.clock.face,
            ("clock", "expired"): self.clock.expired,
            ("still",): self.still,
        }


Static = Annotated[CanvasCreative | PictureCreative, Discriminator("kind")]
Creative = Annotated[CanvasCreative | PictureCreative | CountdownCreative, Discriminator("kind")]


class Fallback(Definition):
    """What is always true: no offer, no condition, no value. `html` is what its fragment holds
    instead of the picture alone."""

    creative: Static
    html: HtmlBlock | None = None
    link: Links
    alt: Templated

    @model_validator(mode="after")
    def _needs_no_facts(self) -> Self:
        if _shows_offer(self):
            raise ValueError("the fallback has no offer to show or to lead to")
        if _paths(self):
            raise ValueError("the fallback shows no values, so that it is always true")
        return self


class Variant(Definition):
    """One thing that the block can show, and when. `weight` is its part where the block chooses by
    lot, `html` what its fragment holds instead of the picture alone."""

    id: VariantId
    offer: Offer | None = None
    condition: RootCondition | None = None
    schedule: Schedule | None = None
    cap: Cap | None = None
    weight: Annotated[int, Field(ge=1, le=10_000)] = 1
    creative: Creative
    html: HtmlBlock | None = None
    link: Links
    alt: Templated

    @model_validator(mode="after")
    def _consistent(self, info: ValidationInfo) -> Self:
        if self.id == FALLBACK:
            raise ValueError(f"{FALLBACK!r} is the name of the fallback alone")
        if self.offer is None and _shows_offer(self):
            raise ValueError("without an offer there is no offer to show or to lead to")
        declared: Declared | None = (info.context or {}).get(DECLARED)
        for path in _numbers(self) if declared is not None else ():
            if parse_key(path).type(declared or {}) not in (FactType.NUMBER, FactType.MONEY):
                raise ValueError(f"{path} is no number and no amount of money")
        return self


class Block(Definition):
    """Variants in order of preference, and the fallback. All are of the same size, for mail
    clients stretch a picture to the size that the email declares. `type` is the one that the
    block's URLs ask for, `budget` the bytes that a picture which does not move has at most, if that
    can be; `locale` and `time_zone` are for where neither message nor recipient has
    one. `rules` is the version of the language of conditions.

    `choose` takes the first variant that holds, or one of these by lot (`split`). `hold_out`
    percent of people get the fallback for comparison; `no_repeats` keeps out products that the
    message sells in another block. Another `salt` (the block's id, if none is given) draws lots and
    hold-out anew."""

    rules: Literal[1] = VERSION
    title: ShortText
    class_: Annotated[MessageClass, Field(alias="class")]
    locale: LocaleName = "en"
    time_zone: TimeZone | None = None
    type: ImageTypeName = "png"
    budget: Annotated[int, Field(ge=LEAST_BUDGET, le=MOST_BUDGET)] = 200_000
    choose: Choice = "first"
    hold_out: Annotated[Percent, Field(le=MOST_HELD_OUT)] = 0
    no_repeats: bool = False
    salt: Salt | None = None
    variants: tuple[Variant, ...] = Field(max_length=MOST_VARIANTS)
    fallback: Fallback

    @model_serializer(mode="wrap")
    def _with_version(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Stored always: a later version may have another default."""
        return {"rules": self.rules, **write(self)}

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        ids = [variant.id for variant in self.variants]
        if twice := sorted({name for name in ids if ids.count(name) > 1}):
            raise ValueError(f"two variants have the same id: {', '.join(twice)}")
        shown: tuple[Variant | Fallback, ...] = (*self.variants, self.fallback)
        layers = sum(len(one.layers) for each in shown for one in each.creative.canvases.values())
        if layers > MOST_LAYERS:
            raise ValueError(f"a block has at most {MOST_LAYERS} layers in all, this one {layers}")
        for variant in self.variants:
            if _size(variant) != self.size:
                raise ValueError(
                    f"all pictures of a block have one size: the fallback's is"
                    f" {self.size[0]}x{self.size[1]}, that of {variant.id}"
                    f" {_size(variant)[0]}x{_size(variant)[1]}"
                )
        return self

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in CSS pixels."""
        return _size(self.fallback)

    @property
    def attributes(self) -> frozenset[str]:
        """What a workspace added of which its conditions ask or that its texts and clocks show, by
        the names under which it is declared."""
        conditions = (variant.condition for variant in self.variants if variant.condition)
        asked = {key for condition in conditions for key in keys(condition, {})}
        for variant in self.variants:
            asked |= set(map(parse_key, _paths(variant)))
            if isinstance(variant.creative, CountdownCreative) and variant.creative.fact:
                asked.add(variant.creative.fact)
        return frozenset(key.declaration for key in asked if key.registered is None)

    @property
    def assets(self) -> Iterator[Asset]:
        """Every uploaded picture and font that is used."""
        yield from _assets(self.fallback, ("fallback",))
        for number, variant in enumerate(self.variants):
            yield from _assets(variant, ("variants", number))


def _size(shown: Fallback | Variant) -> tuple[int, int]:
    canvas = shown.creative.canvas
    return canvas.width, canvas.height


def _paths(shown: Fallback | Variant) -> set[str]:
    """The values that it shows or depends on."""
    paths: set[str] = set()
    for canvas in shown.creative.canvases.values():
        paths |= Drawing(canvas, is_value).paths
    texts = [shown.alt, *(shown.html.texts if shown.html else ())]
    sources = (source for text in texts for source in text.values())
    return paths.union(*(parse(source, is_value).paths for source in sources))


def _numbers(shown: Fallback | Variant) -> Iterator[str]:
    """Those of the values that must be numbers."""
    for canvas in shown.creative.canvases.values():
        for layer in canvas.layers:
            for source in layer.numbers:
                if isinstance(source, str):
                    yield from parse(source, is_value).paths


def _shows_offer(shown: Fallback | Variant) -> bool:
    return OFFER_LINK in shown.link.values() or any(
        path.startswith("offer.") for path in _paths(shown)
    )


def _assets(shown: Fallback | Variant, place: Place) -> Iterator[Asset]:
    if isinstance(shown.creative, PictureCreative):
        yield (*place, "creative", "picture"), shown.creative.picture, "picture"
        return
    for where, canvas in shown.creative.canvases.items():
        for number, layer in enumerate(canvas.layers):
            here = (*place, "creative", *where, "layers", number)
            for name in layer.pictures:
                if not is_written_as_value(name):
                    yield (*here, "picture"), name, "picture"
        for font in fonts.uploads(canvas.fonts):
            yield (*place, "creative", *where), font, "font"
    if isinstance(shown.creative, CountdownCreative):
        for font in fonts.uploads(shown.creative.clock.fonts):
            yield (*place, "creative", "clock"), font, "font"
