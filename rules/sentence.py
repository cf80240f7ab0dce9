"""Conditions and decisions as sentences, in the reader's language."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from rules.decide import Decision, Detail, Skipped
from rules.explain import NodeTrace, OfferTrace, VariantTrace, decisive
from rules.facts import STALE, FactKey, parse_key
from rules.language import Language
from rules.nodes import Known
from rules.tree import (
    Between,
    CasedNode,
    Comparison,
    Condition,
    Equality,
    Group,
    Leaf,
    ListContains,
    Membership,
    Not,
    Presence,
    Share,
    TextMatch,
    TimeComparison,
    Within,
    parse_point,
)
from rules.variant import Guard

MOST_OFFERS = 3
"""Of a variant of which more offers do not hold, only their number is told."""

_QUIET = frozenset((Guard.CLASS, Guard.CONSENT, Guard.SCHEDULE, Guard.CAP, Guard.NOT_REPEATED))
"""Guards that are not worth a word where they hold."""


def condition_sentence(node: Condition, language: Language) -> str:
    """What a condition asks, without a full stop."""
    match node:
        case Group():
            parts = [_member(child, language) for child in node.of]
            return language.listing(parts, either=node.op == "any")
        case Not():
            return language.say("it is not so that {what}", what=_member(node.of, language))
        case _:
            return _asked(node, language)


def decision_sentence(
    decision: Decision, traces: Sequence[VariantTrace], language: Language
) -> str:
    """Why this was shown. `traces` are the decision's explanation."""
    reasons = language.listing(dict.fromkeys(_reasons(decision, traces, language)))
    if decision.detail is Detail.ARCHIVED:
        return language.say("The fallback is shown because the block is archived.")
    if decision.detail is Detail.HELD_OUT:
        phrase = "The fallback is shown because {person} is held out for comparison."
        return language.say(phrase, person=language.person)
    if decision.variant is None:
        if not traces:
            return language.say("The fallback is shown: there is no variant.")
        return language.say("The fallback is shown because {reasons}.", reasons=reasons)
    if not reasons:
        return language.say("Shown because nothing speaks against it.")
    phrase = {
        Detail.BY_LOT: "Drawn by lot among what holds: {reasons}.",
        Detail.KEPT_ARM: "Shown as before in this message, and it holds: {reasons}.",
    }.get(decision.detail, "Shown because {reasons}.")
    return language.say(phrase, reasons=reasons)


def found(traced: NodeTrace, language: Language) -> list[str]:
    """What was seen in each of the facts that a node's truth rests on."""
    return [phrase for leaf in decisive(traced) for phrase in _found(leaf, language)]


def _member(node: Condition, language: Language) -> str:
    """A part of another condition: a group in it stands in brackets."""
    said = condition_sentence(node, language)
    return f"({said})" if isinstance(node, Group) and len(node.of) > 1 else said


def _asked(leaf: Leaf, language: Language) -> str:
    match leaf:
        case Share():
            return _among(leaf, True, language)
        case Equality(value=bool()):
            return _yes_or_no(leaf.key, leaf.value is (leaf.op == "equals"), language)
        case Comparison() if leaf.key.field == "stock":
            value = language.value(leaf.key, leaf.value)
            return language.say_of(_LEFT[leaf.op], leaf.key.product, value=value)
        case Comparison() if leaf.fact == "now.hour":
            return language.say(_CLOCK[leaf.op], value=language.value(leaf.key, leaf.value))
        case Between():
            ends = {"least": leaf.least, "most": leaf.most}
            values = {name: language.value(leaf.key, _point(end)) for name, end in ends.items()}
            return _about("{fact} is from {least} to {most}", leaf.key, language, **values)
        case TimeComparison(value="now" | "today"):
            return _about(_RELATIVE[leaf.op, leaf.value], leaf.key, language)
        case CasedNode(ignore_case=True):
            said = _about(_PHRASES[leaf.op], leaf.key, language, value=_wanted(leaf, language))
            return language.say("{what} (in capitals or not)", what=said)
    return _about(_PHRASES[leaf.op], leaf.key, language, value=_wanted(leaf, language))


def _wanted(leaf: Leaf, language: Language) -> str:
    """What a fact is compared with."""
    match leaf:
        case Membership() | ListContains():
            values = (language.value(leaf.key, one) for one in leaf.values)
            return language.listing(values, either=leaf.op in _EITHER)
        case TimeComparison():
            return language.value(leaf.key, parse_point(leaf.value))
        case Within():
            return language.duration(leaf.duration)
        case Equality() | Comparison() | TextMatch():
            return language.value(leaf.key, leaf.value)
    return ""


_PHRASES = {
    "equals": "{fact} is {value}",
    "not_equals": "{fact} is not {value}",
    "above": "{fact} is above {value}",
    "at_least": "{fact} is at least {value}",
    "below": "{fact} is below {value}",
    "at_most": "{fact} is at most {value}",
    "in": "{fact} is {value}",
    "not_in": "{fact} is none of {value}",
    "contains": "{fact} contains {value}",
    "contains_any": "{fact} contains {value}",
    "contains_all": "{fact} contains {value}",
    "contains_none": "{fact} contains none of {value}",
    "starts_with": "{fact} starts with {value}",
    "ends_with": "{fact} ends with {value}",
    "is_set": "{fact} is known",
    "is_not_set": "{fact} is not known",
    "before": "{fact} is before {value}",
    "after": "{fact} is after {value}",
    "within_last": "{fact} is at most {value} ago",
    "within_next": "{fact} is at most {value} ahead",
}
_RELATIVE = {
    ("before", "now"): "{fact} is over",
    ("after", "now"): "{fact} is still to come",
    ("before", "today"): "{fact} is before today",
    ("after", "today"): "{fact} is after today",
}
_EITHER = frozenset(("in", "not_in", "contains_any", "contains_none"))
_CLOCK = {
    "above": "it is later than {value}",
    "at_least": "it is {value} or later",
    "below": "it is earlier than {value}",
    "at_most": "it is {value} or earlier",
}
_LEFT = {
    "above": "{product} has more than {value} left",
    "at_least": "{product} has at least {value} left",
    "below": "{product} has fewer than {value} left",
    "at_most": "{product} has at most {value} left",
}


def _about(phrase: str, key: FactKey, language: Language, **values: str) -> str:
    return language.say(phrase, fact=language.label(key), **values)


def _point(value: object) -> object:
    """The end of a range: of times it is written as a text."""
    return parse_point(value) if isinstance(value, str) else value


def _among(node: Share, holds: bool, language: Language) -> str:
    phrase = (
        "{person} is among the {share} of {salt}"
        if holds
        else "{person} is not among the {share} of {salt}"
    )
    salt = language.quoted(node.salt)
    return language.say(
        phrase, person=language.person, share=language.percent(node.percent), salt=salt
    )


def _yes_or_no(key: FactKey, holds: bool, language: Language) -> str:
    phrases = {
        "bought": ("{person} has bought {product}", "{person} has not bought {product}"),
        "repeated": (
            "{product} is elsewhere in this message too",
            "{product} is nowhere else in this message",
        ),
    }.get(key.field)
    if phrases is None:
        value = language.value(key, holds)
        return _about("{fact} is {value}", key, language, value=value)
    phrase = phrases[0] if holds else phrases[1]
    return language.say_of(phrase, key.product, person=language.person)


def _reasons(
    decision: Decision, traces: Sequence[VariantTrace], language: Language
) -> Iterator[str]:
    """What spoke against the variants before the one that is shown, and what for that one."""
    for traced in traces:
        skips = [skip for skip in decision.skipped if skip.variant == traced.variant]
        if len(skips) > MOST_OFFERS:
            one = "{number} product cannot be offered"
            yield language.count(one, "{number} products cannot be offered", len(skips))
        else:
            for skip in skips:
                yield from _against(skip, traced, language)
        if traced.variant == decision.variant:
            chosen = next(one for one in traced.offers if one.offer == decision.offer)
            yield from _for(chosen, language)


def _against(skip: Skipped, traced: VariantTrace, language: Language) -> Iterable[str]:
    if skip.guard is Guard.CANDIDATES:
        known = traced.candidates is not None
        yield language.say(
            "there is no product to choose"
            if known
            else "the products to choose from are not known"
        )
        return
    offers = [one for one in traced.offers if one.offer == skip.offer] or traced.offers
    for guard in offers[0].guards:
        if guard.guard is skip.guard and guard.trace.truth is skip.truth:
            yield from found(guard.trace, language)


def _for(chosen: OfferTrace, language: Language) -> Iterator[str]:
    for guard in chosen.guards:
        if guard.guard not in _QUIET and not isinstance(guard.trace.node, Known):
            yield from found(guard.trace, language)


_UNKNOWN = "{fact} is not known"
_STALE = "{fact} is too old to be relied on"


def _found(leaf: NodeTrace, language: Language) -> Iterator[str]:
    key, value = leaf.key, leaf.value
    if leaf.truth is None or key is None:
        for name, lacking in leaf.lacking:
            yield _about(_STALE if lacking is STALE else _UNKNOWN, parse_key(name), language)
        return
    match leaf.node:
        case Share():
            yield _among(leaf.node, leaf.truth, language)
        case Equality(value=bool()):
            yield _yes_or_no(key, value is True, language)
        case TextMatch() | ListContains() if isinstance(value, tuple | frozenset):
            yield _listed(leaf.node, leaf.truth, value, language)
        case Presence():
            yield _about(_PHRASES["is_not_set" if value is None else "is_set"], key, language)
        case _:
            yield _valued(key, value, language)


def _valued(key: FactKey, value: object, language: Language) -> str:
    """A fact with its value."""
    if key.field == "stock":
        left = language.value(key, value)
        return language.say_of("{product} has {number} left", key.product, number=left)
    if key.source == "shown" and isinstance(value, int):
        one = "{person} has seen {variant} {number} time"
        many = "{person} has seen {variant} {number} times"
        variant = language.quoted(key.field)
        return language.count(one, many, value, person=language.person, variant=variant)
    return _about("{fact} is {value}", key, language, value=language.value(key, value))


def _listed(
    node: TextMatch | ListContains, truth: bool, seen: Collection[str], language: Language
) -> str:
    """What of the values that were asked for is in a list, or what is not."""
    wanted = node.values if isinstance(node, ListContains) else (node.value,)
    holds = truth is (node.op != "contains_none")
    told = [one for one in wanted if (one in seen) is holds]
    phrases = _LISTED.get(node.fact, ("{fact} contains {value}", "{fact} does not contain {value}"))
    values = language.listing((language.value(node.key, one) for one in told), either=not holds)
    phrase = phrases[0] if holds else phrases[1]
    return language.say(
        phrase, fact=language.label(node.key), person=language.person, value=values, product=values
    )


_LISTED = {
    "recipient.purchases": ("{person} has bought {product}", "{person} has not bought {product}"),
    "recipient.consents": (
        "{person} has consented to {value}",
        "{person} has not consented to {value}",
    ),
}
