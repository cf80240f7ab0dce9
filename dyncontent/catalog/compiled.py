"""A published block made ready to be served: rules compiled, templates parsed, and the exact
facts that a decision and its picture can need."""

from dataclasses import dataclass

from dyncontent.catalog.block import FALLBACK, Block, Fallback, Offer, Variant, is_value
from dyncontent.catalog.links import OFFER_LINK
from renderers.canvas import Drawing
from renderers.localised import ANY, pick
from renderers.template import Lookup, parse
from rules import decide
from rules.compile import compile_condition
from rules.facts import FactKey, parse_key


class CompiledVariant:
    """A variant, or the fallback, ready to be drawn."""

    def __init__(self, definition: Fallback | Variant) -> None:
        self.id = definition.id if isinstance(definition, Variant) else FALLBACK
        self.drawing = Drawing(definition.creative.canvas, is_value)
        self._links = definition.link
        self._alt = {language: parse(text, is_value) for language, text in definition.alt.items()}

    def link(self, locale: str) -> str:
        """The address, or OFFER_LINK."""
        return pick(self._links, locale)

    def alt(self, lookup: Lookup, locale: str) -> str:
        return pick(self._alt, locale).write(lookup, locale)

    @property
    def locales(self) -> frozenset[str]:
        """The languages that this is written in."""
        return self.drawing.locales - {ANY}

    @property
    def required(self) -> frozenset[FactKey]:
        """The facts without which this cannot be shown."""
        alts = (template.required for template in self._alt.values())
        paths = self.drawing.required.union(*alts)
        if OFFER_LINK in self._links.values():
            paths |= {"offer.link"}
        return frozenset(map(parse_key, paths))

    @property
    def reads(self) -> frozenset[FactKey]:
        optional = self.drawing.paths.union(*(template.paths for template in self._alt.values()))
        return self.required | frozenset(map(parse_key, optional))


@dataclass(frozen=True, eq=False, slots=True)
class CompiledBlock:
    """`rules` are what the decision knows of the variants, in order; `variants` what they look
    like, with the fallback, by id. `products` and `similar` are the ids whose facts, or whose
    similar products' facts, a decision can read; `reads_order` tells whether it can read the
    message's order."""

    id: str
    version: int
    block: Block
    rules: tuple[decide.Variant, ...]
    variants: dict[str, CompiledVariant]
    products: frozenset[str]
    similar: frozenset[str]
    reads_order: bool

    @property
    def fallback(self) -> CompiledVariant:
        return self.variants[FALLBACK]

    @property
    def offers(self) -> dict[str, decide.Offer]:
        """The offers by the ids of their variants."""
        return {rule.id: rule.offer for rule in self.rules if rule.offer is not None}


def compile_block(block_id: str, version: int, block: Block) -> CompiledBlock:
    """Raises TemplateError if a text shows what is not allowed."""
    definitions: tuple[Variant | Fallback, ...] = (*block.variants, block.fallback)
    variants = {one.id: one for one in map(CompiledVariant, definitions)}
    rules = tuple(
        _rule(definition, variants[definition.id], block.class_ == "marketing")
        for definition in block.variants
    )
    keys = {key for variant in variants.values() for key in variant.reads}
    keys |= {key for rule in rules if rule.condition for key in rule.condition.keys}
    offers = [rule.offer for rule in rules if rule.offer]
    products = {key.product for key in keys if key.source == "product"}
    return CompiledBlock(
        id=block_id,
        version=version,
        block=block,
        rules=rules,
        variants=variants,
        products=frozenset(products | {offer.product for offer in offers if not offer.similar}),
        similar=frozenset(offer.product for offer in offers if offer.similar),
        reads_order=any(key.source == "order" for key in keys),
    )


def _rule(definition: Variant, variant: CompiledVariant, marketing: bool) -> decide.Variant:
    return decide.Variant(
        id=definition.id,
        marketing=marketing,
        offer=_offer(definition.offer) if definition.offer else None,
        condition=compile_condition(definition.condition) if definition.condition else None,
        values=variant.required,
    )


def _offer(offer: Offer) -> decide.Offer:
    return decide.Offer(
        product=offer.product or offer.similar_to or "",
        similar=offer.similar_to is not None,
        in_stock=offer.in_stock,
        not_bought=offer.not_bought,
    )
