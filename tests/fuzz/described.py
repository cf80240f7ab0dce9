"""The API as schemathesis is to try it: what its description says, as requests that keep to it and
requests that do not."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import schemathesis
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from tests import samples

NDJSON = "application/x-ndjson"
SEED = 7
ACCEPTED = ["2xx", "304", "404", "409", "412"]
"""How what keeps to its schema may be answered: something may not be there, or have changed."""

Document = dict[str, Any]


@dataclass(frozen=True)
class Finding:
    """What an operation did against its description, and the request as a command."""

    operation: str
    check: str
    said: str
    request: str
    answer: str

    def __str__(self) -> str:
        return f"{self.operation}: {self.check}\n{self.said}\n{self.request}\n-> {self.answer}\n"


def findings(
    document: Document,
    base_url: str,
    headers: Mapping[str, str],
    examples: int,
    operations: list[dict[str, Any]],
) -> Iterator[Finding]:
    """Try all operations of an OpenAPI document, each with so many examples a phase. `operations`
    are what else is to be known of some, as in a schemathesis.toml."""
    config = SchemathesisConfig.from_dict(
        {
            "seed": SEED,
            "base-url": base_url,
            "headers": {name.title(): value for name, value in headers.items()},
            "generation": {"max-examples": examples, "deterministic": True, "database": "none"},
            "checks": {"positive_data_acceptance": {"expected-statuses": ACCEPTED}},
            "operations": operations,
        }
    )
    schema = schemathesis.openapi.from_dict(_with_lines(document), config=config)
    schema.validate()
    for event in from_schema(schema).execute():
        match event:
            case events.ScenarioFinished():
                yield from _findings(event, document)
            case events.NonFatalError():
                yield Finding(event.label, "error", str(event.value), "", "")
            case events.FatalError():
                raise event.exception


def _findings(scenario: events.ScenarioFinished, document: Document) -> Iterator[Finding]:
    recorded = scenario.recorder
    for case_id, checks in recorded.checks.items():
        case = recorded.cases[case_id].value
        for check in checks:
            if check.failure_info is None or _is_mistaken(check.name, case, document):
                continue
            response = recorded.interactions[case_id].response
            answer = f"{response.status_code} {response.text[:1000]}" if response else "nothing"
            yield Finding(
                case.operation.label,
                check.name,
                check.failure_info.failure.message,
                case.as_curl_command(),
                answer,
            )


def _is_mistaken(check: str, case: Any, document: Document) -> bool:
    """Whether a request is not what schemathesis takes it for, going by the schemas alone."""
    match check:
        case "negative_data_rejection":
            return _keeps_to(case, document)
        case "positive_data_acceptance":
            return not _keeps_to(case, document)
        case _:
            return False


def _keeps_to(case: Any, document: Document) -> bool:
    """Whether all parts of a request are as their schemas say."""
    operation = document["paths"][case.operation.path][case.method.lower()]
    given = {"path": case.path_parameters, "query": case.query, "header": case.headers}
    for parameter in operation.get("parameters", ()):
        values = given[parameter["in"]] or {}
        value = values.get(parameter["name"])
        if value is not None and not _fits(_as_written(value), parameter["schema"], document):
            return False
    media = operation.get("requestBody", {}).get("content", {}).get(case.media_type, {})
    return "schema" not in media or _fits(case.body, media["schema"], document)


def _as_written(value: Any) -> Any:
    """A number in a path or a query, of which the text is all that there is."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdecimal() else value


def _fits(value: Any, schema: Any, document: Document) -> bool:
    whole = {"components": document["components"], **schema}
    valid = Draft202012Validator(whole).is_valid
    return valid(value) or (isinstance(value, int) and valid(str(value)))


def _with_lines(document: Document) -> Document:
    """The same with newline-delimited JSON as the list that it stands for."""
    copied: Document = json.loads(json.dumps(document))
    for item in copied["paths"].values():
        for operation in item.values():
            for holder in (operation.get("requestBody", {}), *operation["responses"].values()):
                media = holder.get("content", {}).get(NDJSON, {})
                if "x-itemSchema" in media:
                    media["schema"] = {"type": "array", "items": media.pop("x-itemSchema")}
                    if "example" in media:
                        media["example"] = _lines(media["example"])
    return copied


def _lines(text: str | bytes) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


@schemathesis.serializer(NDJSON)
def _write_lines(_: Any, value: Any) -> bytes:
    lines = value if isinstance(value, list) else [value]
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


@schemathesis.deserializer(NDJSON)
def _read_lines(_: Any, response: Any) -> list[Any]:
    return _lines(response.content)


@schemathesis.hook
def map_body(_: Any, body: Any) -> Any:
    """What JSON Schema cannot say: an integer has no decimal point and 64 bits, an amount four
    decimals."""
    match body:
        case dict():
            return {
                name: round(value, 4)
                if name == "amount" and isinstance(value, float)
                else map_body(_, value)
                for name, value in body.items()
            }
        case list():
            return [map_body(_, value) for value in body]
        case float() if body.is_integer() and abs(body) < 2**63:
            return int(body)
        case int() if abs(body) >= 2**63:
            return float(body)
        case _:
            return body


@schemathesis.serializer(
    *(f"image/{type_}" for type_ in ("png", "jpeg", "gif", "webp")),
    *(f"font/{type_}" for type_ in ("ttf", "otf", "woff", "woff2")),
    *(f"application/{type_}" for type_ in ("xml", "gzip", "octet-stream")),
    *(f"text/{type_}" for type_ in ("html", "csv", "tab-separated-values")),
    "message/rfc822",
)
def _write_bytes(_: Any, value: Any) -> bytes:
    value = getattr(value, "data", value)
    return value if isinstance(value, bytes) else str(value).encode()


_bytes = st.binary(max_size=200)
for type_ in ("png", "jpeg", "gif", "webp"):
    form = type_.upper()
    schemathesis.openapi.media_type(
        f"image/{type_}", st.just(samples.a_picture(form=form)) | _bytes
    )
for type_ in ("ttf", "otf", "woff", "woff2"):
    schemathesis.openapi.media_type(f"font/{type_}", _bytes)
