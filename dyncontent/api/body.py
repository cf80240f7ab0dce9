"""Bodies of requests: read up to a limit, parsed, validated."""

from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from dyncontent.api.problems import refused
from dyncontent.errors import ProblemError

MOST_JSON_BYTES = 1024 * 1024

Model = TypeVar("Model", bound=BaseModel)


async def read_bytes(request: Request, most: int) -> bytes:
    """Raises ProblemError 413 as soon as there is more."""
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > most:
            raise ProblemError(413, "TOO_LARGE", f"A body here has at most {most} bytes")
    return bytes(received)


async def read_json(request: Request) -> tuple[bytes, dict[str, Any]]:
    """The body and the JSON object in it. Raises ProblemError 400 for anything else."""
    raw = await read_bytes(request, MOST_JSON_BYTES)
    return raw, parse_object(raw)


def parse(raw: bytes, what: str = "body") -> Any:
    """The JSON in something. Raises ProblemError 400 for anything else."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise ProblemError(400, "NOT_JSON", f"The {what} is not JSON: {error}") from error


def parse_object(raw: bytes, what: str = "body") -> dict[str, Any]:
    """The JSON object in something. Raises ProblemError 400 for anything else."""
    parsed = parse(raw, what)
    if not isinstance(parsed, dict):
        raise ProblemError(400, "NOT_AN_OBJECT", f"The {what} is not a JSON object: {{...}}")
    return parsed


async def read_model(
    request: Request, model: type[Model], context: dict[str, Any] | None = None
) -> Model:
    """Raises ProblemError with each bad field."""
    raw, parsed = await read_json(request)
    return _validated(raw, parsed, model, context)


async def read_model_if_any(request: Request, model: type[Model]) -> Model:
    """The same, where no body at all is as good as `{}`."""
    raw = await read_bytes(request, MOST_JSON_BYTES) or b"{}"
    return _validated(raw, parse_object(raw), model, None)


def _validated(
    raw: bytes, parsed: dict[str, Any], model: type[Model], context: dict[str, Any] | None
) -> Model:
    try:
        return model.model_validate_json(raw, context=context)
    except ValidationError as error:
        raise refused(error, parsed) from error
