"""The source of a Python function in the making. Names and operators are all that is written;
constants take their places when that is compiled, so that nothing that anybody typed in is ever
parsed, and functions that differ in their constants alone are compiled once.

Facts are read in two ways: as if all were there, which costs the least, or with care.
"""

from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from types import CodeType, FunctionType
from typing import Any, NamedTuple

from rules.facts import NOTHING, STALE, Declared, FactKey, Money
from rules.values import CONVERSIONS


class _Reading(NamedTuple):
    """A local: how it is read where it is there, and where it may be absent."""

    name: str
    quick: str
    careful: str


class Source:
    """The body of a function of `facts` and `offer`, the id of the offered product or None.

    `product` is that id where it is the same at every call.
    """

    def __init__(self, declared: Declared, product: str | None = None) -> None:
        self.declared = declared
        self._product = product
        self._constants: dict[object, object] = {}
        self._bound: dict[str, object] = {}
        self._locals: dict[tuple[str, object], _Reading] = {}

    def constant(self, value: object) -> str:
        """What stands in the place of a value that is compared or looked up."""
        name = f"#{len(self._constants)}"
        self._constants[name] = value
        return repr(name)

    def bind(self, value: object) -> str:
        """The name of what is called or returned."""
        name = f"c{len(self._bound)}"
        self._bound[name] = value
        return name

    def read(self, key: FactKey) -> str:
        """The name of the local that holds a fact's value, as it is stored."""
        if key.source == "offer" and self._product is not None:
            key = key.of(self._product)
        return self._local("v", key, lambda: self._value(key))

    def typed(self, key: FactKey) -> str:
        """Like `read`, as a value of the fact's type: attributes are stored as JSON, which has
        neither times nor money."""
        kind = key.type(self.declared)
        if key.registered is not None or kind not in CONVERSIONS:
            return self.read(key)
        convert = CONVERSIONS[kind]
        return self._local("t", key, lambda: _always(f"{self.bind(convert)}({self.read(key)})"))

    def careful(self, *lines: str) -> Callable[..., Any]:
        """A function of these lines, in which what is absent is None."""
        readings = (f"{one.name} = {one.careful}" for one in self._locals.values())
        return self._function((*readings, *lines))

    def quick(self, *lines: str, otherwise: Callable[..., Any]) -> Callable[..., Any]:
        """A function of these lines, and of `otherwise` where none of them returns, or where one
        fails, by a KeyError or a TypeError, because a fact is absent or of another type."""
        readings = (f" {one.name} = {one.quick}" for one in self._locals.values())
        attempt = ("try:", *readings, *(f" {line}" for line in lines), " pass")
        failed = ("except (KeyError, TypeError):", " pass")
        return self._function((*attempt, *failed, f"return {self.bind(otherwise)}(facts, offer)"))

    def _function(self, lines: Sequence[str]) -> Callable[..., Any]:
        code = _code("\n ".join(lines))
        constants = tuple(self._constants.get(one, one) for one in code.co_consts)
        names = {"__builtins__": {}, **_KNOWN, **self._bound}
        return FunctionType(code.replace(co_consts=constants), names)

    def _local(self, prefix: str, of: object, expressions: Callable[[], tuple[str, str]]) -> str:
        if (prefix, of) not in self._locals:
            quick, careful = expressions()
            name = f"{prefix}{len(self._locals)}"
            self._locals[prefix, of] = _Reading(name, quick, careful)
        return self._locals[prefix, of].name

    def _value(self, key: FactKey) -> tuple[str, str]:
        match key.source, key.field:
            case "recipient", "id":
                return _always("facts.person or None")
            case "now", field:
                return _always(f"facts.moment.{field}")
            case "shown", variant:
                return _of("facts.shown", self.constant(variant))
            case "product" | "offer", "bought":
                return _always(self._among(key, self.read(key.rests_on)))
            case "product" | "offer", "repeated":
                offered = self._local("r", "offered", lambda: _always("facts.offered"))
                return _always(self._among(key, offered))
            case "product" | "offer", _:
                product = self._id(key)
                quick, _ = self._field(f"facts.products[{product}]", key)
                _, careful = self._field(f"facts.products.get({product}, NOTHING)", key)
                return quick, careful
            case _:
                return self._field(f"facts.{key.source}", key)

    def _field(self, record: str, key: FactKey) -> tuple[str, str]:
        """A field of the registry is a name of ours, and mostly there; an attribute is neither."""
        if key.registered is None:
            return _always(f"{record}.get({self.constant(key.field)})")
        return _of(record, repr(key.field))

    def _id(self, key: FactKey) -> str:
        return "offer" if key.source == "offer" else self.constant(key.product)

    def _among(self, key: FactKey, products: str) -> str:
        there = " and offer is not None" if key.source == "offer" else ""
        known = f"(type({products}) is frozenset or type({products}) is tuple){there}"
        unknown = f"STALE if {products} is STALE{there} else None"
        return f"{self._id(key)} in {products} if {known} else {unknown}"


def _always(expression: str) -> tuple[str, str]:
    """What cannot fail."""
    return expression, expression


def _of(mapping: str, key: str) -> tuple[str, str]:
    """What stands under a key."""
    return f"{mapping}[{key}]", f"{mapping}.get({key})"


_TYPES = (type, str, int, float, bool, tuple, frozenset, date, Money, KeyError, TypeError)
_KNOWN = {"NOTHING": NOTHING, "STALE": STALE, **{one.__name__: one for one in _TYPES}}
"""What a function can name besides what is bound."""


@lru_cache(maxsize=4096)
def _code(body: str) -> CodeType:
    module = compile(f"def rule(facts, offer):\n {body}", "<rule>", "exec")
    return next(one for one in module.co_consts if isinstance(one, CodeType))
