"""Where events come in: Segment's calls, webhooks of shops, CloudEvents."""

import base64
import binascii
import hashlib
import hmac
import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import orjson
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from dyncontent.api.body import parse, parse_object, read_bytes
from dyncontent.api.operation import Content, Operation
from dyncontent.api.operation import Scope as Right
from dyncontent.api.problems import Problem
from dyncontent.api.respond import json
from dyncontent.catalog.catalogue import Catalogue
from dyncontent.errors import BadField, ProblemError
from dyncontent.ingest import cloud_events, shopify, woocommerce
from dyncontent.ingest.apply import Ingest, Outcome, Result
from dyncontent.ingest.happenings import Told
from dyncontent.ingest.segment import CALLS, Reader
from dyncontent.ingest.shop import Shop

MOST_CALL_BYTES = 32 * 1024
MOST_BATCH_BYTES = 500 * 1024
MOST_CALLS = 2500
MOST_WEBHOOK_BYTES = 5 * 1024 * 1024
MOST_EVENTS_BYTES = 1024 * 1024
CLOUD_EVENT = "application/cloudevents+json"
CLOUD_EVENTS = "application/cloudevents-batch+json"


class BasicToo:
    """Takes a token also as the user name of Basic authentication, as Segment's libraries send
    their write key."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [
            (name, _as_bearer(value) if name == b"authorization" else value)
            for name, value in scope["headers"]
        ]
        await self._app({**scope, "headers": headers}, receive, send)


def _as_bearer(value: bytes) -> bytes:
    scheme, _, credentials = value.partition(b" ")
    if scheme.lower() != b"basic":
        return value
    try:
        user, _, _ = base64.b64decode(credentials.strip(), validate=True).partition(b":")
    except binascii.Error:
        return value
    return b"Bearer " + user


class RefusedCall(BaseModel):
    """A call that was refused, or of which a part was, by its place in the batch."""

    index: int
    messageId: str | None  # noqa: N815  as Segment names it
    outcome: Result
    error: Problem


class CallsTaken(BaseModel):
    """`success` tells that all was taken."""

    success: bool
    refused: list[RefusedCall] = []


class SegmentCalls:
    """Segment's HTTP API. Whatever is well-formed is answered with 200, so that no library sends
    again what will never be taken."""

    def __init__(self, ingest: Ingest, catalogue: Catalogue) -> None:
        self._ingest = ingest
        self._catalogue = catalogue

    @property
    def operations(self) -> list[Operation]:
        write, body = Right.WRITE_FACTS, Content(("application/json",), schema={"type": "object"})
        calls = [
            Operation(
                "POST", f"/{kind}", partial(self.call, kind), f"Take Segment's call {kind}", write,
                body=body, answer=CallsTaken, problems=(413,),
            )
            for kind in CALLS
        ]  # fmt: skip
        batches = [
            Operation(
                "POST",
                path,
                self.batch,
                "Take many of Segment's calls",
                write,
                body=body,
                answer=CallsTaken,
                problems=(413,),
            )
            for path in ("/batch", "/import")
        ]
        return [*calls, *batches]

    async def call(self, kind: str, request: Request) -> Response:
        call = await _an_object(request, MOST_CALL_BYTES)
        reader = await self._reader(None)
        return await self._take([call], [reader.read(call, kind)])

    async def batch(self, request: Request) -> Response:
        body = await _an_object(request, MOST_BATCH_BYTES)
        calls = body.get("batch")
        if not isinstance(calls, list) or len(calls) > MOST_CALLS:
            expected = f"a list of at most {MOST_CALLS} calls"
            fields = [BadField("batch", None if calls is None else "[…]", expected)]
            raise ProblemError(400, "NOT_A_BATCH", f"The batch is not {expected}", fields)
        reader = await self._reader(body.get("sentAt"))
        return await self._take(calls, [_if_small(call, reader) for call in calls])

    async def _reader(self, sent: Any) -> Reader:
        types = await self._catalogue.attribute_types()
        return Reader(datetime.now(UTC), sent, frozenset(types.recipient))

    async def _take(self, calls: Sequence[Any], told: Sequence[Told]) -> Response:
        outcomes = await self._ingest.take("segment", told, datetime.now(UTC))
        refused = [
            {
                "index": index,
                "messageId": call.get("messageId") if isinstance(call, dict) else None,
                "outcome": outcome.result,
                "error": outcome.problem.told(),
            }
            for index, (call, outcome) in enumerate(zip(calls, outcomes, strict=True))
            if outcome.problem is not None
        ]
        return json({"success": False, "refused": refused} if refused else {"success": True})


def _if_small(call: Any, reader: Reader) -> Told:
    if len(orjson.dumps(call)) > MOST_CALL_BYTES:
        return ProblemError(413, "TOO_LARGE", f"A call has at most {MOST_CALL_BYTES} bytes")
    return reader.read(call)


class Webhooks:
    """Webhooks are known by their signatures. Whatever is signed is answered with 200: a shop gives
    up on an address that refuses, and what is refused once would be so again."""

    def __init__(
        self,
        ingest: Ingest,
        shop: Shop,
        shopify_secrets: Sequence[str],
        woocommerce_secrets: Sequence[str],
    ) -> None:
        self._ingest = ingest
        self._shop = shop
        self._shopify = shopify_secrets
        self._woocommerce = woocommerce_secrets

    @property
    def routes(self) -> list[Route]:
        return [
            Route("/webhooks/shopify", self.shopify, methods=["POST"]),
            Route("/webhooks/woocommerce", self.woocommerce, methods=["POST"]),
        ]

    async def shopify(self, request: Request) -> Response:
        headers, raw = request.headers, await _body(request, self._shopify, "SHOPIFY")
        _verify(raw, self._shopify, headers.get("x-shopify-hmac-sha256"), "SHOPIFY")
        event = headers.get("x-shopify-webhook-id") or headers.get("x-shopify-event-id")
        told = shopify.read(
            headers.get("x-shopify-topic", ""),
            parse(raw),
            event or hashlib.sha256(raw).hexdigest(),
            headers.get("x-shopify-triggered-at"),
            self._shop,
        )
        return await self._take("shopify", told)

    async def woocommerce(self, request: Request) -> Response:
        headers, raw = request.headers, await _body(request, self._woocommerce, "WOOCOMMERCE")
        if "x-wc-webhook-topic" not in headers and raw.startswith(b"webhook_id="):
            return json({"outcome": "ignored"})  # the ping when it is made, which is not signed
        _verify(raw, self._woocommerce, headers.get("x-wc-webhook-signature"), "WOOCOMMERCE")
        told = woocommerce.read(
            headers.get("x-wc-webhook-topic", ""),
            parse(raw),
            headers.get("x-wc-webhook-delivery-id") or hashlib.sha256(raw).hexdigest(),
            self._shop,
        )
        return await self._take("woocommerce", told)

    async def _take(self, source: str, told: Told) -> Response:
        [outcome] = await self._ingest.take(source, [told], datetime.now(UTC))
        return json(_told_of(outcome))


async def _body(request: Request, secrets: Sequence[str], name: str) -> bytes:
    if not secrets:
        message = f"These webhooks are not taken here: set DYNCONTENT_{name}_SECRETS"
        raise ProblemError(404, "NOT_FOUND", message)
    return await read_bytes(request, MOST_WEBHOOK_BYTES)


def _verify(raw: bytes, secrets: Sequence[str], signature: str | None, name: str) -> None:
    """Raises ProblemError if none of the secrets signed the body so."""
    given = (signature or "").encode()
    signed = [hmac.digest(secret.encode(), raw, hashlib.sha256) for secret in secrets]
    if not any(hmac.compare_digest(given, base64.b64encode(digest)) for digest in signed):
        message = f"This is not signed by a secret of DYNCONTENT_{name}_SECRETS"
        raise ProblemError(401, "BAD_SIGNATURE", message)


class EventTaken(BaseModel):
    """What became of an event; `error` says why it, or a part of it, was refused."""

    id: str | None
    outcome: Result
    error: Problem | None = None


class EventsTaken(BaseModel):
    """`refused` counts the events of which nothing was taken."""

    taken: int
    refused: int
    events: list[EventTaken]


class CloudEvents:
    def __init__(self, ingest: Ingest) -> None:
        self._ingest = ingest

    @property
    def operations(self) -> list[Operation]:
        return [
            Operation(
                "POST",
                "/events",
                self.take,
                "Take events",
                Right.WRITE_FACTS,
                body=Content(
                    (CLOUD_EVENT, CLOUD_EVENTS, "application/json"),
                    schema={"type": ["object", "array"]},
                ),
                answer=EventsTaken,
                problems=(413, 415),
                example={
                    "specversion": "1.0",
                    "id": "4711",
                    "source": "/till/3",
                    "time": "2026-11-25T10:00:00Z",
                    "type": "dyncontent.product.stock",
                    "data": {"product": "rome", "stock": 3},
                },
            )
        ]

    async def take(self, request: Request) -> Response:
        """One event, a batch, or, with its attributes in headers, the data of one."""
        kind = request.headers.get("content-type", CLOUD_EVENT).partition(";")[0].strip().lower()
        if not kind.endswith("json"):
            expected = f"{CLOUD_EVENT}, {CLOUD_EVENTS} or application/json"
            raise ProblemError(
                415, "MEDIA_TYPE", f"Events are sent as {expected}",
                [BadField("Content-Type", kind[:100], expected)],
            )  # fmt: skip
        body = parse(await read_bytes(request, MOST_EVENTS_BYTES))
        if "ce-specversion" in request.headers:
            body = cloud_events.envelope(request.headers, body)
        if not isinstance(body, dict | list):
            raise ProblemError(
                400, "NOT_AN_OBJECT", "The body is no event, {...}, and no batch, [...]"
            )
        events: list[Any] = body if isinstance(body, list) else [body]
        if len(events) > MOST_CALLS:
            raise ProblemError(413, "TOO_LARGE", f"A batch has at most {MOST_CALLS} events")
        told = [cloud_events.read(event) for event in events]
        outcomes = await self._ingest.take("cloudevents", told, datetime.now(UTC))
        refused = sum(outcome.result == "refused" for outcome in outcomes)
        return json(
            {
                "taken": len(outcomes) - refused,
                "refused": refused,
                "events": [
                    {"id": _id_of(event)} | _told_of(outcome)
                    for event, outcome in zip(events, outcomes, strict=True)
                ],
            }
        )


def _id_of(event: Any) -> str | None:
    name = event.get("id") if isinstance(event, Mapping) else None
    return name[:200] if isinstance(name, str) else None


def _told_of(outcome: Outcome) -> dict[str, Any]:
    told: dict[str, Any] = {"outcome": outcome.result}
    return told if outcome.problem is None else told | {"error": outcome.problem.told()}


async def _an_object(request: Request, most: int) -> dict[str, Any]:
    """The JSON object in a body, which may be compressed."""
    raw = await read_bytes(request, most)
    if request.headers.get("content-encoding", "").lower() == "gzip":
        raw = _inflated(raw, most)
    return parse_object(raw)


def _inflated(raw: bytes, most: int) -> bytes:
    try:
        inflated = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(raw, most + 1)
    except zlib.error as error:
        raise ProblemError(400, "NOT_GZIP", f"The body is not gzip: {error}") from error
    if len(inflated) > most:
        raise ProblemError(413, "TOO_LARGE", f"A body here has at most {most} bytes")
    return inflated
