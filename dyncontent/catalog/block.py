"""Blocks: one dynamic place in an email, as a marketer writes it down."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import (
    Discriminator,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from dyncontent.catalog.links import HOSTS, OFFER_LINK, AllowedHosts, Target
from dyncontent.catalog.model import Definition, LocaleName, ShortText, TimeZone, VariantId
from dyncontent.catalog.product import PictureId
from renderers.localised import PLAIN_TEXT_TOO, Locale
from renderers.spec import OFFER_PICTURE, Canvas, Length, PictureLayer, TextLayer
from renderers.template import ALLOWED_VALUES, Templated, parse
from rules.facts import Declared, MessageClass, parse_key
from rules.nodes import keys
from rules.offer import Offer
from rules.schedule import Schedule
from rules.tree import DECLARED, VERSION, Percent, RootCondition, Salt
from rules.variant import Cap, Choice

MOST_VARIANTS = 50
MOST_HELD_OUT = 50
"""Percent."""

ImageTypeName = Literal["png", "jpg", "gif"]

Place = tuple[str | int, ...]
"""A path in a definition."""

FALLBACK = "fallback"
"""The name of the fallback where a variant's is asked for."""

_SHOWN = frozenset(("recipient", "message", "order", "product", "offer"))
_NOT_SHOWN = frozenset(
    ("id", "consents", "purchases", "cart", "watched", "picture", "link", "bought", "repeated")
)


def is_value(path: str) -> bool:
    """Whether a text may show the fact of this name."""
    try:
        key = parse_key(path)
    except ValueError:
        return False
    return key.source in _SHOWN and key.field not in _NOT_SHOWN


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


class PictureCreative(Definition):
    """An uploaded picture, shown at a size in CSS pixels."""

    kind: Literal["picture"]
    picture: PictureId
    width: Length
    height: Length
    scale: Literal[1, 2, 3] = 1

    @property
    def canvas(self) -> Canvas:
        layer = PictureLayer(
            kind="picture", picture=self.picture, x=0, y=0, width=self.width, height=self.height
        )
        return Canvas(width=self.width, height=self.height, scale=self.scale, layers=(layer,))


Creative = Annotated[CanvasCreative | PictureCreative, Discriminator("kind")]


class Fallback(Definition):
    """What is always true: no offer, no condition, no value."""

    creative: Creative
    link: Links
    alt: Templated

    @model_validator(mode="after")
    def _needs_no_facts(self) -> Self:
        texts = [source for text in _texts(self) for source in text.values()]
        if any(parse(source, is_value).paths for source in texts):
            raise ValueError("the fallback shows no values, so that it is always true")
        if _shows_offer(self):
            raise ValueError("the fallback has no offer to show or to lead to")
        return self


class Variant(Definition):
    """One thing that the block can show, and when. `weight` is its part where the block chooses by
    lot."""

    id: VariantId
    offer: Offer | None = None
    condition: RootCondition | None = None
    schedule: Schedule | None = None
    cap: Cap | None = None
    weight: Annotated[int, Field(ge=1, le=10_000)] = 1
    creative: Creative
    link: Links
    alt: Templated

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.id == FALLBACK:
            raise ValueError(f"{FALLBACK!r} is the name of the fallback alone")
        if self.offer is None and _shows_offer(self):
            raise ValueError("without an offer there is no offer to show or to lead to")
        return self


class Block(Definition):
    """Variants in order of preference, and the fallback. All are of the same size, for mail
    clients stretch a picture to the size that the email declares. `type` is the one that the
    block's URLs ask for, `locale` and `time_zone` are for where neither message nor recipient has
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
        """The attributes that its conditions ask of, by the names under which they are declared."""
        conditions = (variant.condition for variant in self.variants if variant.condition)
        asked = (key for condition in conditions for key in keys(condition, {}))
        return frozenset(key.declaration for key in asked if key.registered is None)

    @property
    def pictures(self) -> Iterator[tuple[Place, str]]:
        """Every uploaded picture that is used, with its place in the definition."""
        yield from _pictures(self.fallback, ("fallback",))
        for number, variant in enumerate(self.variants):
            yield from _pictures(variant, ("variants", number))


def _size(shown: Fallback | Variant) -> tuple[int, int]:
    canvas = shown.creative.canvas
    return canvas.width, canvas.height


def _texts(shown: Fallback | Variant) -> Iterator[dict[str, str]]:
    yield shown.alt
    for layer in shown.creative.canvas.layers:
        if isinstance(layer, TextLayer):
            yield layer.text


def _shows_offer(shown: Fallback | Variant) -> bool:
    texts = [source for text in _texts(shown) for source in text.values()]
    return (
        OFFER_LINK in shown.link.values()
        or any(
            isinstance(layer, PictureLayer) and layer.picture == OFFER_PICTURE
            for layer in shown.creative.canvas.layers
        )
        or any(path.startswith("offer.") for text in texts for path in parse(text, is_value).paths)
    )


def _pictures(shown: Fallback | Variant, place: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(shown.creative, PictureCreative):
        yield (*place, "creative", "picture"), shown.creative.picture
        return
    for number, layer in enumerate(shown.creative.canvas.layers):
        if isinstance(layer, PictureLayer) and layer.picture != OFFER_PICTURE:
            yield (*place, "creative", "canvas", "layers", number, "picture"), layer.picture
