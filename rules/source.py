"""The source of a Python function in the making. Names and operators are all that is written;
every constant is bound to a name, so that nothing that anybody typed in is ever parsed, and
functions of the same shape share their code."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from rules.facts import NOTHING, Declared, FactKey
from rules.values import CONVERSIONS


class Source:
    """The body of a function of `facts` and `offer`, the id of the offered product or None.

    `product` is that id where it is the same at every call.
    """

    def __init__(self, declared: Declared, product: str | None = None) -> None:
        self.declared = declared
        self._product = product
        self._lines: list[str] = []
        self._constants: list[object] = []
        self._locals: dict[tuple[str, object], str] = {}

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
        return self._local("v", key, lambda: self._reading(key))

    def typed(self, key: FactKey) -> str:
        """Like `read`, as a value of the fact's type: attributes are stored as JSON, which has
        neither times nor money."""
        kind = key.type(self.declared)
        if key.registered is not None or kind not in CONVERSIONS:
            return self.read(key)
        convert = CONVERSIONS[kind]
        return self._local("t", key, lambda: f"{self.bind(convert)}({self.read(key)})")

    def function(self) -> Callable[..., Any]:
        make = _maker("\n  ".join(self._lines), len(self._constants))
        return make(*self._constants)

    def _local(self, prefix: str, of: object, expression: Callable[[], str]) -> str:
        name = self._locals.get((prefix, of))
        if name is None:
            written = expression()
            name = self._locals[prefix, of] = f"{prefix}{len(self._locals)}"
            self.add(f"{name} = {written}")
        return name

    def _reading(self, key: FactKey) -> str:
        match key.source, key.field:
            case "recipient", "id":
                return "facts.person or None"
            case "now", field:
                return f"facts.moment.{field}"
            case "shown", variant:
                return f"facts.shown.get({self.bind(variant)})"
            case "product" | "offer", "bought":
                return self._among(key, self.read(key.rests_on))
            case "product" | "offer", "repeated":
                return self._among(key, self._local("r", "offered", lambda: "facts.offered"))
            case _:
                return f"{self._record(key)}.get({self.bind(key.field)})"

    def _record(self, key: FactKey) -> str:
        """The local that holds the record in which a fact stands."""
        if key.source in _RECORDS:
            return self._local("r", key.source, lambda: f"facts.{key.source}")
        return self._local(
            "r",
            (key.source, key.product),
            lambda: f"facts.products.get({self._id(key)}, {self.bind(NOTHING)})",
        )

    def _id(self, key: FactKey) -> str:
        return "offer" if key.source == "offer" else self.bind(key.product)

    def _among(self, key: FactKey, products: str) -> str:
        known = f"(type({products}) is frozenset or type({products}) is tuple)"
        if key.source == "offer":
            known += " and offer is not None"
        return f"{self._id(key)} in {products} if {known} else None"


_RECORDS = frozenset(("recipient", "message", "order", "open"))


_KNOWN = {known.__name__: known for known in (type, str, int, float, bool, tuple, frozenset)}


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
