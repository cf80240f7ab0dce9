"""The source of a Python function in the making. Names and operators are all that is written;
every constant is bound to a name, so that nothing that anybody typed in is ever parsed, and
functions that differ in their constants alone share their code.

Facts are read in two ways: at first as if all were there, which costs the least, and only where one
is not, with care.
"""

from collections.abc import Callable
from datetime import date
from functools import lru_cache
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
        self._first: tuple[str, str] | None = None
        self._lines: list[str] = []
        self._constants: list[object] = []
        self._locals: dict[tuple[str, object], _Reading] = {}

    def first(self, quick: str, result: str) -> None:
        """Return `result` at once if `quick` holds. It may fail, by a KeyError or a TypeError,
        where a fact is absent or of another type: then, as where it does not hold, the lines that
        were added find out."""
        self._first = quick, result

    def add(self, line: str) -> None:
        self._lines.append(line)

    def bind(self, value: object) -> str:
        """The name of a constant."""
        self._constants.append(value)
        return _name(len(self._constants) - 1)

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

    def function(self) -> Callable[..., Any]:
        readings = self._locals.values()
        lines = [f"{one.name} = {one.careful}" for one in readings]
        if self._first is not None:
            quick, result = self._first
            lines = [
                "try:",
                *(f" {one.name} = {one.quick}" for one in readings),
                f" if {quick}: return {result}",
                "except (KeyError, TypeError):",
                *(f" {line}" for line in lines),
                " pass",
            ]
        make = _maker("\n  ".join((*lines, *self._lines)), len(self._constants))
        return make(*self._constants)

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
                return _of("facts.shown", self.bind(variant))
            case "product" | "offer", "bought":
                return _always(self._among(key, self.read(key.rests_on)))
            case "product" | "offer", "repeated":
                offered = self._local("r", "offered", lambda: _always("facts.offered"))
                return _always(self._among(key, offered))
            case "product" | "offer", _:
                product, name = self._id(key), self._field(key)
                careful = f"facts.products.get({product}, NOTHING).get({name})"
                return f"facts.products[{product}][{name}]", careful
            case _:
                return _of(f"facts.{key.source}", self._field(key))

    def _field(self, key: FactKey) -> str:
        """A field of the registry is a name of ours."""
        return self.bind(key.field) if key.registered is None else repr(key.field)

    def _id(self, key: FactKey) -> str:
        return "offer" if key.source == "offer" else self.bind(key.product)

    def _among(self, key: FactKey, products: str) -> str:
        known = f"(type({products}) is frozenset or type({products}) is tuple)"
        if key.source == "offer":
            known += " and offer is not None"
        return f"{self._id(key)} in {products} if {known} else None"


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
def _maker(body: str, constants: int) -> Callable[..., Callable[..., Any]]:
    """Makes functions of this shape, given their constants."""
    names = ", ".join(map(_name, range(constants)))
    source = f"def make({names}):\n def rule(facts, offer):\n  {body}\n return rule"
    scope: dict[str, Any] = {"__builtins__": {}, **_KNOWN}
    exec(source, scope)  # noqa: S102 (it holds nothing but our own names and operators)
    make: Callable[..., Callable[..., Any]] = scope["make"]
    return make


def _name(number: int) -> str:
    return f"c{number}"
