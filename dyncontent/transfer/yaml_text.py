"""YAML that holds what JSON can and nothing else, so that a text is never taken for a date, an
`off` or a number to the base of 60. What is written is read as the same by YAML 1.1 as well.

Source: the JSON schema of YAML 1.2, chapter 10.2.
"""

import json
import re
from typing import Any

import yaml

_NULL, _BOOL, _INT, _FLOAT = (
    f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float")
)
_RESOLVED = (
    (_NULL, re.compile(r"(?:null|~|)\Z"), ("n", "~", "")),
    (_BOOL, re.compile(r"(?:true|false)\Z"), tuple("tf")),
    (_INT, re.compile(r"-?(?:0|[1-9][0-9]*)\Z"), tuple("-0123456789")),
    (
        _FLOAT,
        re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?\Z"),
        tuple("-0123456789"),
    ),
)


_OTHER_ENDS = re.compile("[\x85\u2028\u2029\ufeff]")
"""What some readers take for the end of a line, or for nothing: it is written as an escape."""


class YamlTextError(ValueError):
    """A text that is not such YAML: why, and its line and column, counted from 1."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """Knows the types of JSON alone, and neither aliases nor a key twice."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark
            raise yaml.MarkedYAMLError(problem="aliases are not taken", problem_mark=mark)
        return super().compose_node(parent, index)


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[str, Any]:
    read: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        problem = None
        if not isinstance(key, str):
            problem = f"a name is a text: write it in quotes, {str(key)!r}"
        elif key in read:
            problem = f"{key} stands here twice"
        if problem:
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=key_node.start_mark)
        read[key] = loader.construct_object(value_node, deep=True)
    return read


def _number(_: _Loader, node: yaml.ScalarNode) -> Any:
    try:
        return json.loads(node.value)
    except ValueError as error:  # of more digits than Python takes
        message = "this number is too long"
        raise yaml.MarkedYAMLError(problem=message, problem_mark=node.start_mark) from error


def _foreign(_: _Loader, node: yaml.Node) -> Any:
    message = f"{node.tag} is not taken: only what JSON can hold"
    raise yaml.MarkedYAMLError(problem=message, problem_mark=node.start_mark)


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]
    """One value a line, texts of several lines as such."""

    def ignore_aliases(self, _: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, **_: Any) -> None:
        super().increase_indent(flow, indentless=False)


def _written_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    if _OTHER_ENDS.search(text):
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_Loader.yaml_constructors = {
    "tag:yaml.org,2002:map": _mapping,
    _INT: _number,
    _FLOAT: _number,
    None: _foreign,
    **{
        f"tag:yaml.org,2002:{name}": yaml.SafeLoader.yaml_constructors[f"tag:yaml.org,2002:{name}"]
        for name in ("null", "bool", "str", "seq")
    },
}
for _tag, _pattern, _first in _RESOLVED:
    _Loader.add_implicit_resolver(_tag, _pattern, _first)
    _Dumper.add_implicit_resolver(_tag, _pattern, _first)
_Dumper.add_representer(str, _written_text)


def write(document: Any) -> str:
    """What JSON can hold, in the order that it has."""
    text: str = yaml.dump(
        document,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        width=1_000_000,
    )
    return text


def read(text: str) -> Any:
    """Raises YamlTextError."""
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506  a SafeLoader with fewer types
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise YamlTextError(error.problem or "this is no YAML", line, column) from error
    except yaml.YAMLError as error:
        raise YamlTextError(f"this is no YAML: {error}".splitlines()[0], 1, 1) from error
    except RecursionError as error:
        raise YamlTextError("this is nested too deeply", 1, 1) from error
