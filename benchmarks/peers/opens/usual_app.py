"""Opens and clicks of one block, written in the usual way: everything that is asked of Redis is
asked at each request, all pictures are in memory."""

import base64
import hashlib
import hmac
import json
import os
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,127}")
GMAIL_PREFETCH = "Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0"
PROXIES = ("GoogleImageProxy", "YahooMailProxy")
NEVER_STORED = {
    "cache-control": "no-store, no-cache, max-age=0, must-revalidate, private",
    "x-content-type-options": "nosniff",
}

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Picture:
    data: bytes
    etag: str


@dataclass(frozen=True)
class Decision:
    """What is shown, None for the fallback, and why. `swap` tells that an offer before is over."""

    variant: Document | None
    detail: str
    swap: bool = False

    @property
    def id(self) -> str | None:
        return self.variant["id"] if self.variant else None

    @property
    def offer(self) -> str | None:
        return self.variant["product"] if self.variant else None


@dataclass(frozen=True)
class Facts:
    person: Document | None
    message: Document | None
    products: Mapping[str, Document]

    @property
    def tracked(self) -> bool:
        return bool((self.person or {}).get("consents", {}).get("tracking"))

    def is_over(self, product: str) -> bool | None:
        """None if it is not known."""
        stored = self.products.get(product, {})
        stock = 0 if stored.get("retired") else stored.get("stock")
        if stock == 0 or product in (self.person or {}).get("purchases", {}):
            return True
        return None if stock is None or self.person is None else False


def _person(raw: bytes | str) -> Document:
    """What is stored of a person is a list: see catalog.stored_people."""
    said, _, bought, _, _, *rest = json.loads(raw)
    agreed = [letter in "yY" for letter in said]
    return {
        "first_name": (rest and rest[0]) or "",
        "consents": dict(zip(("marketing", "tracking"), agreed, strict=False)),
        "purchases": bought.split(),
    }


class Delivery:
    def __init__(self, site: Document, redis: Redis) -> None:
        self.redis = redis
        self.block: str = site["block"]
        self.version: int = site["version"]
        self.prefix: str = site["prefix"]
        self.links: str = site["links"]
        self.fallback_link: str = site["fallback_link"]
        self.variants: Sequence[Document] = site["variants"]
        self.by_id = {variant["id"]: variant for variant in self.variants}
        self.pictures = {
            (variant["id"], name): decoded(picture)
            for variant in self.variants
            for name, picture in variant["pictures"].items()
        }
        self.fallback = decoded(site["fallback"])
        self.key_id: str = site["secret"]["id"]
        secret = base64.b64decode(site["secret"]["value"])
        self.keys = {
            purpose: hmac.digest(secret, f"dyncontent-url-1 {purpose}\x01".encode(), hashlib.sha256)
            for purpose in "ic"
        }

    async def open(self, request: Request) -> Response:
        asked = self.read_url(request, "i")
        if asked is None or request.path_params["block"] != self.block:
            return Response(status_code=403)
        recipient, message = asked
        facts = await self.read_facts(recipient, message)
        decision = self.decide(facts)
        if request.method == "GET":
            event = self.event("open", request, recipient, message, facts, decision)
            await self.record_open(recipient, message, facts, decision, event)
        picture = self.picture(facts, decision)
        headers = {
            **NEVER_STORED,
            "etag": picture.etag,
            "cross-origin-resource-policy": "cross-origin",
        }
        if request.headers.get("if-none-match") == picture.etag:
            return Response(status_code=304, headers=headers)
        return Response(picture.data, media_type="image/png", headers=headers)

    async def click(self, request: Request) -> Response:
        asked = self.read_url(request, "c")
        if asked is None or request.path_params["block"] != self.block:
            return Response(status_code=403)
        recipient, message = asked
        facts = await self.read_facts(recipient, message)
        raw = await self.redis.hget(self.shown_key(recipient, message), self.block)
        version, seen, seen_offer = json.loads(raw) if raw else (self.version, None, None)
        ended = seen_offer is not None and facts.is_over(seen_offer) is True
        if raw and not ended:
            decision = Decision(self.by_id.get(seen), "SHOWN")
        else:
            version, decision = self.version, self.decide(facts)
        if request.method == "GET":
            event = self.event("click", request, recipient, message, facts, decision)
            event |= {"version": version, "shown": seen, "shown_offer": seen_offer, "ended": ended}
            await self.record_click(recipient, facts, event)
        link = self.link(facts, decision)
        if ended:
            link += ("&" if "?" in link else "?") + "dyncontent=offer-ended"
        headers = {**NEVER_STORED, "location": link, "content-type": "text/plain"}
        return Response(status_code=302, headers=headers)

    def read_url(self, request: Request, purpose: str) -> tuple[str, str] | None:
        """Recipient and message, None where the signature is not ours."""
        given = request.query_params
        recipient, message = given.get("r", ""), given.get("m", "")
        if not (ID.fullmatch(recipient) and ID.fullmatch(message)):
            return None
        lines = ("dyncontent-url-1", purpose, self.block, recipient, message, self.key_id)
        text = "\n".join(lines).encode()
        digest = hmac.digest(self.keys[purpose], text, hashlib.sha256)[:16]
        signature = base64.urlsafe_b64encode(digest).rstrip(b"=")
        is_ours = hmac.compare_digest(signature, given.get("k", "").encode())
        return (recipient, message) if is_ours and given.get("v") == self.key_id else None

    async def read_facts(self, recipient: str, message: str) -> Facts:
        products = [variant["product"] for variant in self.variants]
        person, sent, *stored = await self.redis.mget(
            self.person_key(recipient),
            f"{{{self.prefix}}}:message:{message}",
            *(f"{{{self.prefix}}}:product:{product}" for product in products),
        )
        return Facts(
            person=_person(person) if person else None,
            message=json.loads(sent) if sent else None,
            products={
                product: json.loads(raw)
                for product, raw in zip(products, stored, strict=True)
                if raw
            },
        )

    def decide(self, facts: Facts) -> Decision:
        if facts.message and facts.message["class"] != "marketing":
            return Decision(None, "MESSAGE_CLASS")
        if facts.person and not facts.person.get("consents", {}).get("marketing"):
            return Decision(None, "CONSENT_MISSING")
        if not (facts.person and facts.message):
            return Decision(None, "FACT_MISSING")
        swap, is_known = False, True
        for variant in self.variants:
            over = facts.is_over(variant["product"])
            if over:
                swap = True
            elif over is None or "link" not in facts.products[variant["product"]]:
                is_known = False
            else:
                return Decision(variant, "VARIANT_HOLDS", swap)
        return Decision(None, "NO_VARIANT_HOLDS" if is_known else "FACT_MISSING", swap)

    def picture(self, facts: Facts, decision: Decision) -> Picture:
        if decision.id is None or facts.person is None:
            return self.fallback
        return self.pictures[decision.id, facts.person.get("first_name", "")]

    def link(self, facts: Facts, decision: Decision) -> str:
        link: str = facts.products.get(decision.offer or "", {}).get("link", "")
        return link if link.startswith(self.links) else self.fallback_link

    def event(
        self,
        kind: str,
        request: Request,
        recipient: str,
        message: str,
        facts: Facts,
        decision: Decision,
    ) -> dict[str, Any]:
        is_match = decision.variant or decision.detail == "SHOWN"
        event = {
            "kind": kind,
            "at": round(time.time() * 1000),
            "block": self.block,
            "version": self.version,
            "variant": decision.id,
            "offer": decision.offer,
            "reason": "TARGETING_MATCH" if is_match else "DEFAULT",
            "detail": decision.detail,
            "swap": decision.swap,
            "withheld": None,
            "verdict": verdict(request.headers, is_click=kind == "click"),
        }
        if facts.tracked:
            event |= {"recipient": recipient, "message": message}
        return event | {"type": "png"} if kind == "open" else event

    async def record_open(
        self, recipient: str, message: str, facts: Facts, decision: Decision, event: Document
    ) -> None:
        """Once more it is asked whether the person is there: what was kept of one who was erased
        meanwhile is taken away again."""
        async with self.redis.pipeline(transaction=False) as pipeline:
            shown_key = self.shown_key(recipient, message)
            pipeline.xadd(self.events_key, {"event": json.dumps(event)})
            if facts.person is not None:
                shown = json.dumps([self.version, decision.id, decision.offer])
                pipeline.hset(shown_key, self.block, shown)
                pipeline.exists(self.person_key(recipient))
            entry, *_, is_there = await pipeline.execute()
        if facts.person is not None and not is_there:
            await self.redis.xdel(self.events_key, entry)
            await self.redis.unlink(shown_key)

    async def record_click(self, recipient: str, facts: Facts, event: Document) -> None:
        async with self.redis.pipeline(transaction=False) as pipeline:
            pipeline.xadd(self.events_key, {"event": json.dumps(event)})
            pipeline.exists(self.person_key(recipient))
            entry, is_there = await pipeline.execute()
        if facts.tracked and not is_there:
            await self.redis.xdel(self.events_key, entry)

    @property
    def events_key(self) -> str:
        return f"{self.prefix}:events"

    def person_key(self, recipient: str) -> str:
        return f"{self.prefix}:recipient:{recipient}"

    def shown_key(self, recipient: str, message: str) -> str:
        return f"{{{self.person_key(recipient)}}}:shown:{message}"


def verdict(headers: Mapping[str, str], *, is_click: bool) -> str:
    if headers.get("sec-purpose", headers.get("purpose", "")).startswith("prefetch"):
        return "prefetch"
    agent = headers.get("user-agent", "")
    if is_click:
        return "human"
    if agent == "Mozilla/5.0" or agent.endswith(GMAIL_PREFETCH):
        return "prefetch"
    return "proxy" if any(proxy in agent for proxy in PROXIES) else "human"


def decoded(picture: Document) -> Picture:
    return Picture(base64.b64decode(picture["data"]), picture["etag"])


async def ready(_: Request) -> Response:
    return Response()


def app() -> Starlette:
    site = json.loads(Path(os.environ["SITE"]).read_bytes())
    delivery = Delivery(site, Redis.from_url(site["store_url"]))
    return Starlette(
        routes=[
            Route("/i/{block}.png", delivery.open),
            Route("/c/{block}", delivery.click),
            Route("/health/ready", ready),
        ]
    )
