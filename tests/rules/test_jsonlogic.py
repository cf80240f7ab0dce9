import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import datalogic_py
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from json_logic import jsonLogic
from json_logic.builtins import BUILTINS
from pydantic import JsonValue, TypeAdapter

from rules.compile import compile_condition
from rules.facts import Declared, Facts, FactType
from rules.jsonlogic import DEEPEST_JSON, MOST_OBJECTS, JsonLogicError, export, parse
from rules.tree import (
    DECLARED,
    DEEPEST,
    LARGEST_INTEGER,
    MOST_MEMBERS,
    MOST_NODES,
    Amount,
    Between,
    Comparison,
    Condition,
    Equality,
    Group,
    ListContains,
    Membership,
    Not,
    Presence,
    RootCondition,
    Share,
    TextMatch,
    TimeComparison,
    Within,
)
from rules.truth import Truth
from tests.rules import support
from tests.rules.support import law

A = "recipient.attributes"
TYPED: Declared = {
    f"{A}.n": FactType.NUMBER,
    f"{A}.t": FactType.TEXT,
    f"{A}.b": FactType.BOOLEAN,
    f"{A}.l": FactType.TEXTS,
    f"{A}.m": FactType.MONEY,
    f"{A}.d": FactType.DATE,
    f"{A}.i": FactType.INSTANT,
    f"{A}.s": FactType.LOCALISED,
}
NAMES = {name.removeprefix(f"{A}."): name for name in TYPED}
WIDE = 2**53 + 1

_TREE: TypeAdapter[Condition] = TypeAdapter(RootCondition)


def tree(node: Mapping[str, Any]) -> Condition:
    return _TREE.validate_json(json.dumps(node), context={DECLARED: TYPED})


def read(rule: Any) -> Condition:
    return parse(rule, TYPED, NAMES)


# What is drawn

numbers = st.sampled_from([0, 1, -2, 0.5, 1.0, 2**53, WIDE, -WIDE, LARGEST_INTEGER])
texts = st.sampled_from(["", "x", "xy", "marketing", "1", "é", "$"])
amounts = st.decimals(0, 99, places=2).map(lambda amount: Amount(amount=amount, currency="EUR"))
number_facts = st.sampled_from([f"{A}.n", "product.p.stock"])
text_facts = st.sampled_from([f"{A}.t", "recipient.first_name"])
list_facts = st.sampled_from([f"{A}.l", "recipient.cart"])
equal = st.sampled_from(["equals", "not_equals"])
within = st.sampled_from(["in", "not_in"])
ordered = st.sampled_from(["above", "at_least", "below", "at_most"])


def _some(of: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(of, min_size=1, max_size=3).map(tuple)


def _between(facts: st.SearchStrategy[str], of: st.SearchStrategy[Any], key: Any = None) -> Any:
    ends = st.lists(of, min_size=2, max_size=2).map(lambda pair: sorted(pair, key=key))
    return st.builds(
        lambda fact, pair: Between(op="between", fact=fact, least=pair[0], most=pair[1]),
        facts,
        ends,
    )


def _plain_leaves(numbers: st.SearchStrategy[Any]) -> st.SearchStrategy[Condition]:
    return st.one_of(
        st.builds(Equality, op=equal, fact=number_facts, value=numbers),
        st.builds(Equality, op=equal, fact=text_facts, value=texts),
        st.builds(Equality, op=equal, fact=st.just(f"{A}.b"), value=st.booleans()),
        st.builds(Comparison, op=ordered, fact=number_facts, value=numbers),
        _between(number_facts, numbers),
        st.builds(Membership, op=within, fact=number_facts, values=_some(numbers)),
        st.builds(Membership, op=within, fact=text_facts, values=_some(texts)),
        st.builds(
            TextMatch,
            op=st.sampled_from(["starts_with", "ends_with", "contains"]),
            fact=text_facts,
            value=texts,
        ),
        st.builds(TextMatch, op=st.just("contains"), fact=list_facts, value=texts),
        st.builds(
            Presence,
            op=st.sampled_from(["is_set", "is_not_set"]),
            fact=number_facts | text_facts | list_facts,
        ),
    )


_other_leaves: st.SearchStrategy[Condition] = st.one_of(
    st.builds(Equality, op=equal, fact=text_facts, value=texts, ignore_case=st.just(True)),
    st.builds(
        Membership, op=within, fact=text_facts, values=_some(texts), ignore_case=st.just(True)
    ),
    st.builds(
        TextMatch, op=st.just("contains"), fact=text_facts, value=texts, ignore_case=st.just(True)
    ),
    st.builds(Equality, op=equal, fact=st.sampled_from([f"{A}.m", "order.total"]), value=amounts),
    st.builds(Equality, op=equal, fact=st.just("order.expected"), value=st.just("2026-12-24")),
    st.builds(Comparison, op=ordered, fact=st.just(f"{A}.m"), value=amounts),
    _between(st.just(f"{A}.m"), amounts, lambda one: one.amount),
    _between(st.just(f"{A}.d"), st.sampled_from(["2026-12-24", "2027-01-01"])),
    st.builds(
        ListContains,
        op=st.sampled_from(["contains_any", "contains_all", "contains_none"]),
        fact=list_facts,
        values=_some(texts),
    ),
    st.builds(Presence, op=st.just("is_set"), fact=st.sampled_from(list(TYPED))),
    st.builds(
        TimeComparison,
        op=st.sampled_from(["before", "after"]),
        fact=st.just(f"{A}.i"),
        value=st.sampled_from(["now", "2026-12-24T18:00+02:00"]),
    ),
    st.builds(
        Within,
        op=st.sampled_from(["within_last", "within_next"]),
        fact=st.just("message.deadline"),
        duration=st.just("P3D"),
    ),
    st.builds(
        Share, op=st.just("share"), percent=st.sampled_from([0, 12.5, 100]), salt=st.just("s")
    ),
)


def _trees(of: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    def grow(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
        groups = st.builds(Group, op=st.sampled_from(["all", "any"]), of=_some(inner))
        return groups | st.builds(Not, op=st.just("not"), of=inner)

    return st.recursive(of, grow, max_leaves=8)


conditions = _trees(_plain_leaves(numbers) | _other_leaves)
plain_conditions = _trees(_plain_leaves(st.sampled_from([0, 1, -2, 0.5, 1.0, 2**53])))

OPERATORS = (
    *("and", "or", "!", "!!", "if", "?:", "==", "===", "!=", "!==", ">", ">=", "<", "<=", "in"),
    *("starts_with", "ends_with", "missing", "missing_some", "var", "dyncontent", "%", "some"),
)
_scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["", "\ud800", *NAMES, "order.status", "shipped", "$flagd.flagKey", "share"])
)
_vars = st.sampled_from([{"var": name} for name in (*NAMES, "order.status", "z")])
rules: st.SearchStrategy[Any] = st.recursive(
    _scalars | _vars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(OPERATORS), inner, max_size=1)
        | st.dictionaries(st.sampled_from(("op", "of", "fact", "value", "place", "self")), inner)
        | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=20,
)


# Laws


@law
@given(conditions)
@example(Not(op="not", of=Membership(op="in", fact=f"{A}.t", values=("x",), ignore_case=True)))
@example(Not(op="not", of=Not(op="not", of=Membership(op="not_in", fact=f"{A}.t", values=("x",)))))
@example(Group(op="all", of=(Equality(op="equals", fact=f"{A}.n", value=1.0),)))
def test_what_is_exported_is_read_as_the_same_tree(condition: Condition) -> None:
    rule = json.loads(json.dumps(export(condition, TYPED)))
    assert parse(rule, TYPED) == condition
    assert parse(rule, TYPED).model_dump_json() == condition.model_dump_json()


@law
@given(support.conditions)
def test_every_condition_can_be_exported_and_read_again(condition: Condition) -> None:
    rule = json.loads(json.dumps(export(condition, support.DECLARED)))
    assert parse(rule, support.DECLARED) == condition


def test_an_attribute_that_is_declared_no_more_is_refused() -> None:
    rule = export(Equality(op="equals", fact=f"{A}.n", value=1), TYPED)
    with pytest.raises(JsonLogicError, match="is not declared"):
        parse(rule, {})


@law
@given(rules)
def test_a_rule_is_read_or_refused(rule: JsonValue) -> None:
    try:
        condition = read(rule)
    except JsonLogicError as error:
        _follow(error.path, rule)
    else:
        assert read(export(condition, TYPED)) == condition


def _follow(path: str, rule: Any) -> None:
    """Raises LookupError for a path that leads to nothing."""
    for step in path.split(".") if path else ():
        rule = rule[int(step) if isinstance(rule, list) else step]


PANZI = BUILTINS | {
    "starts_with": lambda _, text, start: text.startswith(start),
    "ends_with": lambda _, text, end: text.endswith(end),
}
"""With the operators that flagd adds too."""

_facts = st.fixed_dictionaries(
    {
        f"{A}.n": st.sampled_from([0, 1, -2, 0.5, 3, 2**53]),
        f"{A}.t": texts,
        f"{A}.b": st.booleans(),
        f"{A}.l": st.lists(texts, max_size=3).map(tuple),
        "recipient.first_name": texts,
        "recipient.cart": st.lists(texts, max_size=3).map(frozenset),
        "product.p.stock": st.sampled_from([0, 1, 2]),
    }
)


def _nested(facts: Mapping[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for name, value in facts.items():
        *levels, last = name.split(".")
        level = data
        for step in levels:
            level = level.setdefault(step, {})
        level[last] = list(value) if isinstance(value, tuple | frozenset) else value
    return data


@law
@given(plain_conditions, _facts)
def test_engines_answer_what_is_exported_as_we_do(
    condition: Condition, facts: Mapping[str, Any]
) -> None:
    rule: Any = export(condition, TYPED)
    known = Facts(
        recipient={
            name.removeprefix("recipient."): value
            for name, value in facts.items()
            if name.startswith("recipient.")
        },
        products={"p": {"stock": facts["product.p.stock"]}},
    )
    data = _nested(facts)
    ours = compile_condition(condition, TYPED).test(known, None)
    assert "dyncontent" not in json.dumps(rule)
    assert datalogic_py.apply(rule, data) is jsonLogic(rule, data, PANZI) is ours


# The table of docs/jsonlogic.md

DOCS = Path(__file__).parents[2] / "docs" / "jsonlogic.md"
ROW = re.compile(r"\| `(.+)` \| `(.+)` \| (\w+) \| (\w+) \| (\w+) \|")
ROWS = [match.groups() for match in map(ROW.fullmatch, DOCS.read_text().splitlines()) if match]


def _answer(engine: Callable[[], Any]) -> str:
    try:
        return "true" if engine() else "false"
    except (datalogic_py.DataLogicError, ReferenceError):
        return "error"


def _ours(rule: Any, data: Mapping[str, Any]) -> str:
    try:
        test = compile_condition(read(rule), TYPED).test
    except JsonLogicError:
        return "refused"
    facts = {f"attributes.{name}": value for name, value in data.items()}
    names: Mapping[Truth, str] = {True: "true", False: "false", None: "unknown"}
    return names[test(Facts(recipient=facts), None)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: " ".join(row[:2]))
def test_the_table_of_differences_is_true(row: tuple[str, ...]) -> None:
    rule, data = json.loads(row[0]), json.loads(row[1])
    answers = (
        _answer(lambda: datalogic_py.apply(rule, data)),
        _answer(lambda: jsonLogic(rule, data)),
        _ours(rule, data),
    )
    assert answers == row[2:]


def test_the_table_of_differences_is_read() -> None:
    table = DOCS.read_text().partition("| rule | data |")[2]
    assert len(ROWS) == table.count("\n| `{")


@pytest.mark.parametrize(("product", "found"), [("vip-trip", True), ("vip.trip", False)])
def test_engines_find_nothing_of_a_product_whose_id_has_a_dot(product: str, found: bool) -> None:
    condition = Comparison(op="above", fact=f"product.{product}.stock", value=2)
    rule, data = export(condition, {}), {"product": {product: {"stock": 3}}}
    assert datalogic_py.apply(rule, data) is jsonLogic(rule, data) is found
    assert parse(rule, {}) == condition


# Forms


def V(name: str) -> dict[str, str]:  # noqa: N802
    return {"var": f"{A}.{name}"}


def N(op: str, name: str, **fields: Any) -> dict[str, Any]:  # noqa: N802
    return {"op": op, "fact": f"{A}.{name}"} | fields


FORMS: list[tuple[dict[str, Any], Any]] = [
    (N("equals", "t", value="x"), {"===": [V("t"), "x"]}),
    (N("not_equals", "n", value=1), {"!==": [V("n"), 1]}),
    (N("equals", "b", value=False), {"===": [V("b"), False]}),
    (N("above", "n", value=1), {">": [V("n"), 1]}),
    (N("at_least", "n", value=1), {">=": [V("n"), 1]}),
    (N("below", "n", value=1), {"<": [V("n"), 1]}),
    (N("at_most", "n", value=1.5), {"<=": [V("n"), 1.5]}),
    (N("between", "n", least=1, most=2), {"<=": [1, V("n"), 2]}),
    (N("in", "t", values=["x", "y"]), {"in": [V("t"), ["x", "y"]]}),
    (N("not_in", "t", values=["x"]), {"!": {"in": [V("t"), ["x"]]}}),
    (N("contains", "t", value="x"), {"in": ["x", V("t")]}),
    (N("contains", "l", value="x"), {"in": ["x", V("l")]}),
    (N("starts_with", "t", value="x"), {"starts_with": [V("t"), "x"]}),
    (N("ends_with", "t", value="x"), {"ends_with": [V("t"), "x"]}),
    (N("is_set", "m"), {"!==": [V("m"), None]}),
    (N("is_not_set", "s"), {"===": [V("s"), None]}),
    ({"op": "all", "of": [N("is_set", "t")]}, {"and": [{"!==": [V("t"), None]}]}),
    ({"op": "any", "of": [N("is_set", "t")]}, {"or": [{"!==": [V("t"), None]}]}),
    ({"op": "not", "of": N("equals", "n", value=1)}, {"!": {"===": [V("n"), 1]}}),
    ({"op": "not", "of": N("contains", "t", value="x")}, {"!": {"in": ["x", V("t")]}}),
    (
        {"op": "not", "of": N("in", "n", values=[1])},
        {"if": [{"in": [V("n"), [1]]}, False, True]},
    ),
    *(
        (own, {"dyncontent": own})
        for own in (
            N("equals", "t", value="x", ignore_case=True),
            N("equals", "n", value=WIDE),
            N("in", "n", values=[1, -WIDE]),
            N("between", "n", least=0, most=WIDE),
            N("equals", "m", value={"amount": "19.90", "currency": "EUR"}),
            N("equals", "d", value="2026-12-24"),
            N("before", "i", value="now"),
            N("within_last", "i", duration="P3D"),
            N("contains_any", "l", values=["x"]),
            {"op": "share", "percent": 12.5, "salt": "spring"},
        )
    ),
]


@pytest.mark.parametrize(("own", "rule"), FORMS)
def test_each_condition_has_one_form(own: dict[str, Any], rule: Any) -> None:
    assert export(tree(own), TYPED) == rule
    assert parse(rule, TYPED) == tree(own)


@pytest.mark.parametrize(
    ("rule", "own"),
    [
        ({"==": [{"var": "t"}, "x"]}, N("equals", "t", value="x")),
        ({"===": ["x", {"var": "t"}]}, N("equals", "t", value="x")),
        ({"!=": [1, {"var": ["n"]}]}, N("not_equals", "n", value=1)),
        ({"==": [{"var": "t"}, None]}, N("is_not_set", "t")),
        ({"!=": [None, {"var": "t"}]}, N("is_set", "t")),
        ({">": [1, {"var": "n"}]}, N("below", "n", value=1)),
        ({">=": [1, {"var": "n"}]}, N("at_most", "n", value=1)),
        ({"<": [1, {"var": "n"}]}, N("above", "n", value=1)),
        ({"<=": [1, {"var": "n"}]}, N("at_least", "n", value=1)),
        ({"and": {"var": "b"}}, {"op": "all", "of": [N("equals", "b", value=True)]}),
        ({"!": [{"var": ["b"]}]}, {"op": "not", "of": N("equals", "b", value=True)}),
        ({"!!": [{"!!": {"===": [{"var": "n"}, 1]}}]}, N("equals", "n", value=1)),
        ({"!": [{"!!": {"in": [{"var": "t"}, ["x"]]}}]}, N("not_in", "t", values=["x"])),
        ({"if": [{"===": [{"var": "n"}, 1]}, True, False]}, N("equals", "n", value=1)),
        (
            {"?:": [{"===": [{"var": "n"}, 1]}, False, True]},
            {"op": "not", "of": N("equals", "n", value=1)},
        ),
        ({"missing": "n"}, N("is_not_set", "n")),
        ({"missing": ["n"]}, N("is_not_set", "n")),
        (
            {"missing": ["n", "l"]},
            {"op": "any", "of": [N("is_not_set", "n"), N("is_not_set", "l")]},
        ),
        (
            {"missing_some": [1, ["n", "b"]]},
            {"op": "all", "of": [N("is_not_set", "n"), N("is_not_set", "b")]},
        ),
        ({"dyncontent": [N("is_set", "t")]}, N("is_set", "t")),
        (
            {"dyncontent": {"op": "all", "of": [N("is_set", "t")]}},
            {"op": "all", "of": [N("is_set", "t")]},
        ),
    ],
)
def test_what_others_write_is_read(rule: Any, own: dict[str, Any]) -> None:
    assert read(rule) == tree(own)


SET = {"!==": [{"var": "t"}, None]}


@pytest.mark.parametrize(
    ("rule", "path", "message"),
    [
        (None, "", "null is no condition, which has one operator of and, or,"),
        (True, "", "true is no condition"),
        ([SET], "", "is no condition"),
        ({}, "", "{} is no condition"),
        ({"and": [], "or": []}, "", "is no condition"),
        ({"and": [SET, {"xor": [1]}]}, "and.1", '{"xor": [1]} is no condition'),
        ({"x" * 200: 1}, "", "x... is no condition"),
        ({"and": [SET, True]}, "and.1", "true is no condition"),
        ({"or": []}, "or", "there are 1 to 50 operands here, not 0"),
        ({"or": [SET] * 51}, "or", "not 51"),
        ({"!": []}, "!", "! has one operand here, not 0"),
        ({"!!": [SET, SET]}, "!!", "!! has one operand here, not 2"),
        ({"if": [SET, "on", "off"]}, "if", "chooses between other values"),
        ({"if": [SET, 1, 0]}, "if", "chooses between other values"),
        ({"if": []}, "if", "an if is a condition as"),
        ({"if": [SET, True]}, "if", "an if is a condition as"),
        ({"if": [{"if": 1}, False, True]}, "if.0.if", "an if is a condition as"),
        ({"var": "n"}, "var", f"{A}.n is of the type number, and only what is true or false"),
        ({"!": {"var": "t"}}, "!.var", "is of the type text, and only"),
        ({"===": [{"var": "t"}, {"var": "t"}]}, "===.1", "is no constant: a fact is compared with"),
        ({"===": [1, 1]}, "===", "a fact is compared with"),
        ({"===": [{"var": "n"}]}, "===.0", "is no constant"),
        ({"===": [{"var": "n"}, 1, 1]}, "===.0", "is no constant"),
        ({"===": []}, "===", "a fact is compared with"),
        ({"===": [{"var": "t"}, ["x"]]}, "===.1", '["x"] is no constant'),
        ({"==": [{"%": [{"var": "n"}, 2]}, 0]}, "==.0", "nothing is computed"),
        ({">": [{"var": "n"}, {"+": [1, 2]}]}, ">.1", "nothing is computed"),
        ({"+": [1, 2]}, "", "nothing is computed"),
        ({"and": [{"some": [{"var": "l"}, True]}]}, "and.0", "a list is asked with"),
        ({"in": [{"cat": ["a"]}, {"var": "t"}]}, "in.0", "nothing is computed"),
        ({"===": [{"var": ["n", 1]}, 1]}, "===.0.var", "a default would make"),
        ({"===": [{"var": []}, 1]}, "===.0.var", "var has one operand here, not 0"),
        ({"===": [{"var": ""}, 1]}, "===.0.var", "a fact begins with one of"),
        ({"===": [{"var": 0}, 1]}, "===.0.var", "a fact has a name, such as order.status, not 0"),
        ({"===": [{"var": [{"var": "n"}]}, 1]}, "===.0.var.0", "a fact has a name"),
        ({"===": [{"var": "colour"}, 1]}, "===.0.var", "not 'colour'"),
        ({"===": [{"var": f"{A}.z"}, 1]}, "===.0.var", f"{A}.z is not declared"),
        ({"===": [{"var": f"{A}.z"}, None]}, "===.0.var", f"{A}.z is not declared"),
        ({"===": [{"var": "n"}, "1"]}, "===", f"{A}.n is a number, which '1' is not"),
        ({"===": [{"var": "n"}, True]}, "===", f"{A}.n is a number, which True is not"),
        ({"===": [{"var": "l"}, "x"]}, "===", f"{A}.l is a list of texts"),
        ({"===": [{"var": "order.status"}, "lost"]}, "===", "never 'lost'"),
        ({"===": [{"var": "t"}, "x" * 501]}, "===", "at most 500 characters"),
        ({"===": [{"var": "t"}, "\ud800"]}, "===", "JSON"),
        ({"===": [{"var": "n"}, float("inf")]}, "===", "finite number"),
        ({"===": [{"var": "m"}, 1]}, "===.0.var", "is of the type money, which JSON does not have"),
        ({"<": [{"var": "d"}, "2026-12-24"]}, "<.0.var", "is of the type date, which JSON"),
        ({"<": [{"var": "t"}, "x"]}, "<", "Input should be a valid integer"),
        ({"<": [{"var": "t"}, 1]}, "<", f"but {A}.t is a text"),
        ({"<": [1, {"var": "n"}, 2]}, "<", "another range is an and of two comparisons"),
        ({"<=": [1, 2, {"var": "n"}]}, "<=", "another range is"),
        ({"<=": [3, {"var": "n"}, 2]}, "<=", "the least, 3, is above the most, 2"),
        ({"<=": [None, {"var": "n"}, 2]}, "<=.0", "null is no constant"),
        ({"in": [{"var": "t"}, []]}, "in", "values: Tuple should have at least 1 item"),
        ({"in": [{"var": "t"}, ["x", None]]}, "in.1.1", "null is no constant"),
        ({"in": [{"var": "t"}, ["x", 1]]}, "in", f"{A}.t is a text, which 1 is not"),
        ({"in": [{"var": "t"}, "xyz"]}, "in", "in is ["),
        ({"in": [{"var": "t"}, {"var": "l"}]}, "in.0", "is no constant"),
        ({"in": ["x"]}, "in", "in is ["),
        ({"in": [1, {"var": "t"}]}, "in", "value: Input should be a valid string"),
        (
            {"starts_with": ["x", {"var": "t"}]},
            "starts_with",
            'starts_with is [{"var": FACT}, TEXT]',
        ),
        ({"ends_with": [{"var": "t"}, 1]}, "ends_with", "value: Input should be a valid string"),
        ({"missing": ["t"]}, "missing.0", f'write {{"===": [{{"var": "{A}.t"}}, null]}}'),
        ({"missing": []}, "missing", "there are 1 to 50 operands here, not 0"),
        ({"missing": [["n", "b"]]}, "missing.0", "a fact has a name"),
        ({"missing_some": [2, ["n", "b", "l"]]}, "missing_some", "missing_some is [1,"),
        ({"missing_some": [1, ["t"]]}, "missing_some.1.0", "takes an empty text for an absent one"),
        ({"dyncontent": N("equals", "t", value=1)}, "dyncontent", "is a text, which 1 is not"),
        ({"dyncontent": {"op": "equal"}}, "dyncontent", "does not match any of the expected tags"),
        ({"dyncontent": 1}, "dyncontent", "object"),
        ({"dyncontent": []}, "dyncontent", "dyncontent has one operand here, not 0"),
        ({"!": {"dyncontent": {"op": "not"}}}, "!.dyncontent", "of: Field required"),
        ({"or": [SET, {"dyncontent": {"place": 1, "self": 1}}]}, "or.1.dyncontent", "op"),
    ],
)
def test_what_no_condition_says_is_refused_where_it_stands(
    rule: Any, path: str, message: str
) -> None:
    with pytest.raises(JsonLogicError) as refused:
        read(rule)
    assert refused.value.path == path
    assert message in refused.value.message
    assert str(refused.value) == (f"at {path}: " if path else "") + refused.value.message
    assert isinstance(refused.value, ValueError)


def _nest(rule: Any, times: int, wrap: Callable[[Any], Any]) -> Any:
    for _ in range(times):
        rule = wrap(rule)
    return rule


@pytest.mark.parametrize(
    "wrap",
    [
        lambda rule: {"!": rule},
        lambda rule: {"and": [rule]},
        lambda rule: [rule],
        lambda rule: {"dyncontent": {"op": "not", "of": rule}},
        lambda rule: {"var": rule},
    ],
)
def test_a_rule_that_is_too_deep_is_refused(wrap: Callable[[Any], Any]) -> None:
    with pytest.raises(
        JsonLogicError, match=f"^a rule is at most {DEEPEST_JSON} lists and objects deep$"
    ):
        read(_nest(SET, 10_000, wrap))


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        (_nest(1, DEEPEST_JSON, lambda rule: {"!!": rule}), "!!" + ".!!" * (DEEPEST_JSON - 1)),
        (_nest(1, DEEPEST_JSON + 1, lambda rule: {"!!": rule}), ""),
        ({"and": [{}] * (MOST_OBJECTS - 1)}, "and.0"),
        ({"and": [{}] * MOST_OBJECTS}, ""),
    ],
)
def test_a_rule_is_looked_into_if_it_is_within_the_limits(rule: Any, path: str) -> None:
    with pytest.raises(JsonLogicError) as refused:
        read(rule)
    assert refused.value.path == path


HUGE = 10**4300


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        (HUGE, ""),
        ({"and": [SET, HUGE]}, "and.1"),
        ({"===": [{"var": HUGE}, 1]}, "===.0.var"),
        ({"===": [{"var": "n"}, HUGE]}, "==="),
        ({"===": [{"var": "n"}, [HUGE]]}, "===.1"),
        ({"in": [{"var": "n"}, [1, HUGE]]}, "in"),
        ({"missing": [HUGE]}, "missing.0"),
        ({"dyncontent": N("equals", "n", value=HUGE)}, "dyncontent"),
        ({"dyncontent": [N("equals", "n", value=HUGE)]}, "dyncontent.0"),
    ],
    ids=lambda one: one if isinstance(one, str) else "rule",
)
def test_an_integer_that_json_cannot_write_is_refused(rule: Any, path: str) -> None:
    with pytest.raises(JsonLogicError, match="an integer has at most 4300 digits") as refused:
        read(rule)
    assert refused.value.path == path


def test_the_longest_integer_is_read_again() -> None:
    longest = tree(N("equals", "n", value=LARGEST_INTEGER))
    assert parse(export(longest, TYPED), TYPED) == longest
    with pytest.raises(JsonLogicError, match="an integer is from"):
        read({"===": [{"var": "recipient.attributes.n"}, LARGEST_INTEGER + 1]})


def test_a_refusal_can_be_sent_whatever_the_rule_holds() -> None:
    with pytest.raises(JsonLogicError) as refused:
        read({"===": [{"var": "$flagd.\ud800"}, 1]})
    assert str(refused.value).encode()


def test_true_is_no_count() -> None:
    with pytest.raises(JsonLogicError, match="missing_some is"):
        read({"missing_some": [True, ["n"]]})


def test_the_limits_of_conditions_are_those_of_rules() -> None:
    def negation(rule: Any) -> Any:
        return {"!": rule}

    read(_nest(SET, DEEPEST - 1, negation))
    with pytest.raises(JsonLogicError, match=f"^a condition is at most {DEEPEST} levels deep"):
        read(_nest(SET, DEEPEST, negation))
    fifty = {"or": [SET] * MOST_MEMBERS}
    read({"and": [fifty, fifty, fifty, SET]})
    with pytest.raises(JsonLogicError, match=f"^a condition has at most {MOST_NODES} nodes"):
        read({"and": [fifty] * 4})
    with pytest.raises(JsonLogicError, match=f"^a rule has at most {MOST_OBJECTS} objects"):
        read({"and": [fifty] * 20})


def test_the_largest_conditions_are_read_again() -> None:
    wide = Group(op="any", of=(tree(N("not_in", "t", values=["x"])),) * (MOST_MEMBERS - 1))
    largest = Group(op="all", of=(wide,) * 3)
    assert parse(export(largest, TYPED), TYPED) == largest
    deep: Condition = tree(N("in", "t", values=["x"]))
    for _ in range(DEEPEST - 1):
        deep = Not(op="not", of=deep)
    assert parse(export(deep, TYPED), TYPED) == deep


def test_an_attribute_that_is_not_declared_any_more_is_exported_as_it_is() -> None:
    own = N("equals", "t", value="x")
    assert export(tree(own), {}) == {"dyncontent": own}
    money = tree(N("equals", "m", value={"amount": "1.00", "currency": "EUR"}))
    assert json.loads(json.dumps(export(money, {f"{A}.m": FactType.NUMBER})))["dyncontent"]


# Rules in the shape of flagd's targeting

FLAGD_TYPES: Declared = {
    f"{A}.email": FactType.TEXT,
    f"{A}.age": FactType.NUMBER,
    f"{A}.beta": FactType.BOOLEAN,
}
FLAGD = {name.removeprefix(f"{A}."): name for name in FLAGD_TYPES} | {
    "targetingKey": "recipient.id",
    "locale": "recipient.locale",
}


@pytest.mark.parametrize(
    ("rule", "own"),
    [
        (
            {"or": [{"ends_with": [{"var": "email"}, "@x.example"]}, {"var": "beta"}]},
            {
                "op": "any",
                "of": [
                    N("ends_with", "email", value="@x.example"),
                    N("equals", "beta", value=True),
                ],
            },
        ),
        ({"in": ["@x.example", {"var": ["email"]}]}, N("contains", "email", value="@x.example")),
        (
            {
                "and": [
                    {"!=": [{"var": "email"}, None]},
                    {">=": [{"var": "age"}, 18]},
                    {"!": {"in": [{"var": "locale"}, ["fi", "sv"]]}},
                ]
            },
            {
                "op": "all",
                "of": [
                    N("is_set", "email"),
                    N("at_least", "age", value=18),
                    {"op": "not_in", "fact": "recipient.locale", "values": ["fi", "sv"]},
                ],
            },
        ),
        (
            {"if": [{"==": [{"var": "targetingKey"}, "aino"]}, True, False]},
            {"op": "equals", "fact": "recipient.id", "value": "aino"},
        ),
        ({"<=": [18, {"var": "age"}, 65]}, N("between", "age", least=18, most=65)),
    ],
)
def test_a_flag_s_condition_is_read(rule: Any, own: dict[str, Any]) -> None:
    expected = _TREE.validate_json(json.dumps(own), context={DECLARED: FLAGD_TYPES})
    assert parse(rule, FLAGD_TYPES, FLAGD) == expected


@pytest.mark.parametrize(
    ("rule", "path", "message"),
    [
        ({"if": [{"in": ["@x.example", {"var": "email"}]}, "on", "off"]}, "if", "other values"),
        (
            {"fractional": [{"cat": [{"var": "$flagd.flagKey"}, {"var": "email"}]}, ["on", 50]]},
            "",
            "people are divided by",
        ),
        (
            {"or": [{"sem_ver": [{"var": "app"}, ">=", "1.2.0"]}]},
            "or.0",
            "versions are not compared",
        ),
        ({">": [{"var": "$flagd.timestamp"}, 1700000000]}, ">.0.var", "known to flagd alone"),
        ({"and": [{"$ref": "staff"}]}, "and.0", "a rule of flagd's $evaluators goes here itself"),
        ({"==": [{"var": "colour"}, "red"]}, "==.0.var", "not 'colour'"),
        ({"==": [{"var": "age"}, "18"]}, "==", "is a number, which '18' is not"),
        ({"==": [{"var": ["email", "nobody"]}, "x"]}, "==.0.var", "a default"),
    ],
)
def test_what_only_flagd_can_answer_is_refused(rule: Any, path: str, message: str) -> None:
    with pytest.raises(JsonLogicError) as refused:
        parse(rule, FLAGD_TYPES, FLAGD)
    assert refused.value.path == path
    assert message in refused.value.message
