"""A published block made ready to be served: rules compiled, templates parsed, and the exact
facts that a decision and its picture can need."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dyncontent.catalog.block import (
    FALLBACK,
    Block,
    CountdownCreative,
    Fallback,
    Variant,
    is_value,
)
from dyncontent.catalog.clocks import CountdownDrawing, Viewing
from dyncontent.catalog.links import OFFER_LINK
from dyncontent.catalog.stored_people import Look, look
from renderers.canvas import Drawing
from renderers.drawable import Drawable
from renderers.html.fragment import Format, Fragment, Hosted
from renderers.html.spec import LINKED_PICTURE
from renderers.localised import ANY, pick
from renderers.template import Lookup, parse
from rules import variant as variant_rules
from rules.compile import Test
from rules.decide import CompiledRules, compile_offer, compile_rules
from rules.facts import Declared, FactKey, parse_key
from rules.variant import Cap, Rules


class CompiledVariant:
    """A variant, or the fallback, ready to be drawn in files of at most `budget` bytes.
    `is_written` tells whether its HTML is more than its picture."""

    def __init__(self, definition: Fallback | Variant, budget: int | None = None) -> None:
        self.id = definition.id if isinstance(definition, Variant) else FALLBACK
        self.drawing: Drawing | CountdownDrawing
        if isinstance(definition.creative, CountdownCreative):
            self.drawing = CountdownDrawing(definition.creative, budget)
        else:
            self.drawing = Drawing(definition.creative.canvas, is_value, budget)
        self.is_written = definition.html is not None
        self._fragment = Fragment(definition.html or LINKED_PICTURE, is_value)
        self._links = definition.link
        self._alt = {language: parse(text, is_value) for language, text in definition.alt.items()}

    def fill(self, lookup: Lookup, locale: str, viewing: Viewing) -> Drawable:
        """What is drawn. Raises MissingValueError if a value that is needed is None."""
        if isinstance(self.drawing, CountdownDrawing):
            return self.drawing.fill(lookup, locale, viewing)
        return self.drawing.fill(lookup, locale)

    def link(self, locale: str) -> str:
        """The address, or OFFER_LINK."""
        return pick(self._links, locale)

    def alt(self, lookup: Lookup, locale: str) -> str:
        return pick(self._alt, locale).write(lookup, locale)

    def html(self, lookup: Lookup, locale: str, hosted: Hosted, form: Format) -> str:
        """The fragment. Raises MissingValueError if a value that is needed is None."""
        return self._fragment.write(lookup, locale, hosted, form)

    @property
    def locales(self) -> frozenset[str]:
        """The languages that this is written in."""
        return self.drawing.locales - {ANY}

    @property
    def required(self) -> frozenset[FactKey]:
        """The facts without which this cannot be shown."""
        alts = (template.required for template in self._alt.values())
        paths = self.drawing.required.union(self._fragment.required, *alts)
        if OFFER_LINK in self._links.values():
            paths |= {"offer.link"}
        return frozenset(map(parse_key, paths))

    @property
    def reads(self) -> frozenset[FactKey]:
        alts = (template.paths for template in self._alt.values())
        optional = self.drawing.paths.union(self._fragment.paths, *alts)
        return self.required | frozenset(map(parse_key, optional))


@dataclass(frozen=True, eq=False, slots=True)
class CompiledBlock:
    """`rules` decide; `variants` are what the variants look like, with the fallback, by id.
    `offers` test whether a variant's offer still stands. `products` are the ids of those whose
    facts a decision can read besides the candidates, `sources` those of data sources; `reads_order`
    tells whether it can read the message's order, `reads_cart` whether the recipient's cart,
    `reads_instead` whether what could take a place in it, `reads_shown` whether what else the
    message showed this person, `is_personal` whether it asks for or shows anything of a person,
    `no_repeats` whether it keeps out what the message sells elsewhere. `looks` find what it can
    read of the recipient, besides the consents. One that `is_archived` shows
    its fallback alone."""

    id: str
    version: int
    block: Block
    rules: CompiledRules
    variants: dict[str, CompiledVariant]
    offers: dict[str, Test]
    caps: dict[str, Cap]
    products: frozenset[str]
    sources: frozenset[str]
    reads_order: bool
    reads_cart: bool
    reads_instead: bool
    reads_shown: bool
    is_personal: bool
    looks: Sequence[tuple[str, Look]]
    is_archived: bool = False

    @property
    def no_repeats(self) -> bool:
        """Whether it sells nothing that another block of the message sells."""
        return self.rules.rules.no_repeats

    @property
    def is_plain(self) -> bool:
        """Whether it asks for no more than the recipient, the message, and products that are named
        in it."""
        return not (
            self.reads_order
            or self.reads_cart
            or self.reads_shown
            or self.no_repeats
            or self.caps
            or self.sources
            or self.rules.selectors
        )

    @property
    def fallback(self) -> CompiledVariant:
        return self.variants[FALLBACK]


def compile_block(block_id: str, version: int, block: Block, declared: Declared) -> CompiledBlock:
    """Raises TemplateError if a text shows what is not allowed."""
    definitions: tuple[Variant | Fallback, ...] = (*block.variants, block.fallback)
    compiled = (CompiledVariant(definition, block.budget) for definition in definitions)
    variants = {one.id: one for one in compiled}
    rules = compile_rules(rules_of(block_id, block, variants, declared))
    keys = rules.keys.union(*(variant.reads for variant in variants.values()))
    offers = {variant.id: variant.offer for variant in block.variants if variant.offer}
    products = {offer.product for offer in offers.values() if offer.product}
    return CompiledBlock(
        id=block_id,
        version=version,
        block=block,
        rules=rules,
        variants=variants,
        offers={name: compile_offer(offer) for name, offer in offers.items()},
        caps={variant.id: variant.cap for variant in block.variants if variant.cap},
        products=frozenset(products | {key.product for key in keys if key.product}),
        sources=frozenset(key.field.partition(".")[0] for key in keys if key.source == "source"),
        reads_order=any(key.source == "order" for key in keys),
        reads_cart=any(key.source == "cart" for key in keys),
        reads_instead=any(key.source == "cart" and ".instead." in key.field for key in keys),
        reads_shown=rules.is_split or any(key.field == "repeated" for key in keys),
        looks=[(name, look(name)) for name in sorted(_of_the_recipient(keys))],
        is_personal=any(map(_is_personal, keys)) or not all(one.anchor for one in rules.selectors),
    )


def _of_the_recipient(keys: Iterable[FactKey]) -> set[str]:
    """The names of the recipient's facts, without consents and what is no document's."""
    rests_on = (key.rests_on for key in keys)
    return {key.field for key in rests_on if key.source == "recipient"} - {"consents", "id"}


def _is_personal(key: FactKey) -> bool:
    return key.source in _PERSONAL_SOURCES or key.field in _PERSONAL_FIELDS


_PERSONAL_SOURCES = frozenset(("recipient", "order", "cart", "shown"))
_PERSONAL_FIELDS = frozenset(("bought", "repeated"))


def rules_of(
    block_id: str, block: Block, variants: Mapping[str, CompiledVariant], declared: Declared
) -> Rules:
    """What the decision knows of a block."""
    return Rules(
        variants=tuple(
            variant_rules.Variant(
                id=variant.id,
                offer=variant.offer,
                condition=variant.condition,
                schedule=variant.schedule,
                cap=variant.cap,
                weight=variant.weight,
                values=variants[variant.id].required,
            )
            for variant in block.variants
        ),
        marketing=block.class_ == "marketing",
        choice=block.choose,
        hold_out=block.hold_out,
        no_repeats=block.no_repeats,
        salt=block.salt or block_id,
        declared=declared,
    )
