"""Steps 3 and 4 for whoever shows a block: the decision, and what it looks like here and now."""

from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from dyncontent.catalog.block import FALLBACK
from dyncontent.catalog.clocks import Viewing
from dyncontent.catalog.compiled import CompiledBlock, CompiledVariant
from dyncontent.catalog.links import OFFER_LINK
from dyncontent.delivery.client import Verdict
from dyncontent.delivery.facts import Situation
from renderers.drawable import Drawable
from renderers.encode import ImageType
from renderers.html.fragment import Format, Hosted
from renderers.template import Value
from rules.compile import read_fact
from rules.decide import OUT_OF_USE, Decision, decide
from rules.facts import STALE, parse_key
from rules.moment import Moment, in_zone


class Showing(NamedTuple):
    """Something that a block shows in a situation: `offer` is the product that it sells."""

    variant: CompiledVariant
    situation: Situation
    offer: str | None

    def value(self, path: str) -> Value:
        """The value that a text shows for a path, None if it is absent or too old; an attribute as
        the type that was declared; an instant in the recipient's time zone, where that is known."""
        key, declared = parse_key(path), self.situation.block.rules.rules.declared
        value = read_fact(key, self.situation.facts, self.offer, key.type(declared))
        if value is STALE:
            return None
        zone = self.situation.facts.moment.zone
        return in_zone(value, zone) if isinstance(value, datetime) and zone else value

    def fill(self, kind: ImageType) -> Drawable:
        facts = self.situation.facts
        ahead = facts.open.get("client") == Verdict.PREFETCH
        viewing = Viewing(kind, facts.moment, ahead)
        return self.variant.fill(self.value, self.situation.locale, viewing)

    @property
    def alt(self) -> str:
        return self.variant.alt(self.value, self.situation.locale)

    def html(self, picture: str, link: str, form: Format) -> str:
        """The fragment; `picture` and `link` are the person's URLs of this block."""
        width, height = self.situation.block.block.size
        hosted = Hosted(picture, link, self.alt, width, height)
        return self.variant.html(self.value, self.situation.locale, hosted, form)

    @property
    def link(self) -> str | None:
        """The stored address; None if it is the offer's and that has none."""
        link = self.variant.link(self.situation.locale)
        if link != OFFER_LINK:
            return link
        stored: str | None = self.value("offer.link")
        return stored


def choose(situation: Situation) -> tuple[Decision, Showing]:
    """What the block shows in this situation."""
    block = situation.block
    decision = OUT_OF_USE if block.is_archived else decide(block.rules, situation.facts)
    variant = block.variants[decision.variant or FALLBACK]
    return decision, Showing(variant, situation, decision.offer)


@lru_cache(maxsize=512)
def fallback_picture(block: CompiledBlock, locale: str | None) -> Drawable:
    """The fallback, which needs no facts and is the same whenever it is seen."""
    return block.fallback.fill(lambda _: None, locale or block.block.locale, _WHENEVER)


_WHENEVER = Viewing(ImageType.PNG, Moment())
