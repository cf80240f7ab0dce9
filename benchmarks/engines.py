"""Other engines, asked the same: a condition is written in the language of each, and facts are
given to each as the Python values that an open has, plain dictionaries and lists.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import cel
import celpy
import datalogic_py
import rule_engine
from celpy.adapter import json_to_cel
from growthbook.core import evalCondition
from json_logic import jsonLogic

from rules.jsonlogic import export
from rules.tree import Comparison, Condition, Equality, Group, Membership, Not, TextMatch

Data = dict[str, Any]
"""Facts by source, as JSON has them."""
Ask = Callable[[Data], bool]


@dataclass(frozen=True, slots=True)
class Engine:
    """`compile` makes a function of the facts of a condition; `prepare` what that function takes
    of the facts, before the clock runs."""

    name: str
    compile: Callable[[Condition], Callable[[Any], bool]]
    prepare: Callable[[Data], Any] = lambda data: data


def engines() -> Iterator[Engine]:
    """Those that take facts as they are, each in the fastest way that it documents."""
    yield Engine("datalogic-py", _datalogic)
    yield Engine("panzi-json-logic", _panzi)
    yield Engine("common-expression-language", _common_expression_language)
    yield Engine("cel-python", _cel_python)
    yield Engine("rule-engine", _rule_engine)
    yield Engine("growthbook", _growthbook)


def prepared_engines() -> Iterator[Engine]:
    """Those that can be given facts in a form of their own, which costs them nothing here: what
    they would do if facts never changed."""
    yield Engine("datalogic-py, facts parsed before", _datalogic_prepared, datalogic_py.DataHandle)
    yield Engine(
        "common-expression-language, context made before",
        lambda condition: cel.compile(_expression(condition, _CEL)).execute,
        cel.Context,
    )


def _datalogic(condition: Condition) -> Ask:
    evaluate: Ask = datalogic_py.Engine().compile(export(condition, {})).evaluate
    return evaluate


def _datalogic_prepared(condition: Condition) -> Callable[[Any], bool]:
    engine = datalogic_py.Engine()
    rule, evaluate = engine.compile(export(condition, {})), engine.session().evaluate_bool
    return lambda handle: evaluate(rule, handle)


def _panzi(condition: Condition) -> Ask:
    rule = export(condition, {})
    return lambda data: bool(jsonLogic(rule, data))


def _common_expression_language(condition: Condition) -> Callable[[Any], Any]:
    return cel.compile(_expression(condition, _CEL)).execute


def _cel_python(condition: Condition) -> Ask:
    environment = celpy.Environment()
    program = environment.program(environment.compile(_expression(condition, _CEL)))

    def ask(data: Data) -> bool:
        return bool(program.evaluate({name: json_to_cel(data[name]) for name in data}))

    return ask


def _rule_engine(condition: Condition) -> Ask:
    matches: Ask = rule_engine.Rule(_expression(condition, _RULE_ENGINE)).matches
    return matches


def _growthbook(condition: Condition) -> Ask:
    asked = _mongo(condition)
    return lambda data: evalCondition(data, asked)


_CEL = {"all": " && ", "any": " || ", "not": "!"}
_RULE_ENGINE = {"all": " and ", "any": " or ", "not": "not "}
_SIGNS = {
    "equals": "==",
    "not_equals": "!=",
    "above": ">",
    "at_least": ">=",
    "below": "<",
    "at_most": "<=",
}


def _expression(node: Condition, words: Mapping[str, str]) -> str:
    """A condition in the language of an engine that has `words` for all, any and not."""
    match node:
        case Group():
            return f"({words[node.op].join(_expression(child, words) for child in node.of)})"
        case Not():
            return f"{words['not']}({_expression(node.of, words)})"
        case Equality() | Comparison():
            return f"{node.fact} {_SIGNS[node.op]} {json.dumps(node.value)}"
        case Membership(op="in"):
            return f"{node.fact} in {json.dumps(node.values)}"
        case TextMatch(op="contains"):
            return f"{json.dumps(node.value)} in {node.fact}"
    raise NotImplementedError(node.op)


def _mongo(node: Condition) -> dict[str, Any]:
    match node:
        case Group():
            return {"$and" if node.op == "all" else "$or": [_mongo(child) for child in node.of]}
        case Not():
            return {"$not": _mongo(node.of)}
        case Equality(op="equals"):
            return {node.fact: node.value}
        case Comparison():
            return {node.fact: {_MONGO[node.op]: node.value}}
        case Membership(op="in"):
            return {node.fact: {"$in": list(node.values)}}
        case TextMatch(op="contains"):
            return {node.fact: {"$in": [node.value]}}
    raise NotImplementedError(node.op)


_MONGO = {"above": "$gt", "at_least": "$gte", "below": "$lt", "at_most": "$lte"}
