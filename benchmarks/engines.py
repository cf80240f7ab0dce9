"""Other engines, asked the same: a condition is written in the language of each, and facts are
given to each as the Python values that an open has, plain dictionaries and lists.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
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
Choices = Sequence[tuple[str, Condition]]
"""Conditions by name; the first that holds is chosen."""


@dataclass(frozen=True, slots=True)
class Engine:
    """`compile` makes a function of the facts of a condition; `prepare` what that function takes
    of the facts, before the clock runs. `choose` makes one that tells the first name whose
    condition holds, of an engine that can be asked that at once."""

    name: str
    compile: Callable[[Condition], Callable[[Any], bool]]
    prepare: Callable[[Data], Any] = lambda data: data
    choose: Callable[[Choices], Callable[[Any], str | None]] | None = None


def engines() -> Iterator[Engine]:
    """Those that take facts as Python values, each in the fastest way that it documents."""
    yield Engine("datalogic-py", _datalogic, choose=_datalogic_choice)
    yield Engine("panzi-json-logic", _panzi, choose=_panzi_choice)
    yield Engine("common-expression-language", _common_expression_language, choose=_cel_choice)
    yield Engine("cel-python", _cel_python, choose=_cel_python_choice)
    yield Engine("rule-engine", _rule_engine, choose=_rule_engine_choice)
    yield Engine("growthbook", _growthbook)


def prepared_engines() -> Iterator[Engine]:
    """Those that can be given facts in a form of their own, which costs them nothing here: what
    they would do if facts never changed."""
    yield Engine("datalogic-py, facts parsed before", _datalogic_prepared, datalogic_py.DataHandle)
    yield Engine("datalogic-py, facts as one JSON text", _datalogic_text, json.dumps)
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


def _datalogic_text(condition: Condition) -> Callable[[Any], bool]:
    evaluate = datalogic_py.Engine().compile(export(condition, {})).evaluate_str
    return lambda text: evaluate(text) == "true"


def _if(choices: Choices) -> Any:
    """One rule of JSONLogic for all."""
    steps = [step for name, condition in choices for step in (export(condition, {}), name)]
    return {"if": [*steps, None]}


def _datalogic_choice(choices: Choices) -> Callable[[Any], str | None]:
    evaluate: Callable[[Any], str | None]
    evaluate = datalogic_py.Engine().compile(_if(choices)).evaluate
    return evaluate


def _panzi_choice(choices: Choices) -> Callable[[Any], str | None]:
    rule = _if(choices)

    def choose(data: Data) -> str | None:
        chosen: str | None = jsonLogic(rule, data)
        return chosen

    return choose


def _ternary(choices: Choices, words: Mapping[str, str]) -> str:
    """One expression for all, of a language that has ? and :."""
    chosen = "null"
    for name, condition in reversed(choices):
        chosen = f"({_expression(condition, words)} ? {json.dumps(name)} : {chosen})"
    return chosen


def _cel_choice(choices: Choices) -> Callable[[Any], str | None]:
    execute: Callable[[Any], str | None] = cel.compile(_ternary(choices, _CEL)).execute
    return execute


def _cel_python_choice(choices: Choices) -> Callable[[Any], str | None]:
    environment = celpy.Environment()
    program = environment.program(environment.compile(_ternary(choices, _CEL)))

    def choose(data: Data) -> str | None:
        chosen = program.evaluate({name: json_to_cel(data[name]) for name in data})
        return None if chosen is None else str(chosen)

    return choose


def _rule_engine_choice(choices: Choices) -> Callable[[Any], str | None]:
    evaluate: Callable[[Any], str | None]
    evaluate = rule_engine.Rule(_ternary(choices, _RULE_ENGINE)).evaluate
    return evaluate


def _panzi(condition: Condition) -> Ask:
    rule = export(condition, {})
    return lambda data: bool(jsonLogic(rule, data))


def _common_expression_language(condition: Condition) -> Callable[[Any], Any]:
    execute: Callable[[Any], Any] = cel.compile(_expression(condition, _CEL)).execute
    return execute


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
