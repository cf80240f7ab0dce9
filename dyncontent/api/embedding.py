"""Snippets of blocks for the templates of emails, and the lint of a template."""

import asyncio
import re
from collections.abc import Callable, Collection
from dataclasses import asdict
from typing import get_args

from starlette.requests import Request
from starlette.responses import Response

from dyncontent.api.body import read_bytes
from dyncontent.api.operation import Operation, Scope
from dyncontent.api.problems import invalid, short
from dyncontent.api.respond import json, path_block
from dyncontent.catalog.block import Block
from dyncontent.catalog.catalogue import Catalogue, NotFoundError
from dyncontent.delivery.faults import Fault
from dyncontent.delivery.urls import read
from dyncontent.embed.lint import Email, Known, block_names, failed, lint
from dyncontent.embed.references import Finder
from dyncontent.embed.senders import BY_ID
from dyncontent.embed.snippets import alt_text, snippets
from dyncontent.embed.sources import Text, of_html, of_message
from dyncontent.errors import BadField, ProblemError
from dyncontent.keyring import Keyring
from renderers.localised import LOCALE
from rules.facts import MessageClass

MOST_TEMPLATE_BYTES = 2 * 1024 * 1024

_READERS: dict[str, Callable[[bytes], list[Text]]] = {
    "text/html": of_html,
    "message/rfc822": of_message,
}


class Embedding:
    def __init__(self, catalogue: Catalogue, keyring: Keyring, public_url: str) -> None:
        self._catalogue = catalogue
        self._keyring = keyring
        self._public_url = public_url
        self._finder = Finder(public_url)

    @property
    def operations(self) -> list[Operation]:
        read = Scope.READ_DEFINITIONS
        path = "/blocks/{id}/snippets"
        return [
            Operation("GET", path, self.snippets, "Read a block's snippets for templates", read),
            Operation("POST", "/lint", self.lint, "Find what is wrong in a template", read),
        ]

    async def snippets(self, request: Request) -> Response:
        """Of the block as it was published, or of the draft before that."""
        name = path_block(request)
        locale = request.query_params.get("locale")
        if locale is not None and not re.fullmatch(LOCALE, locale):
            raise invalid([BadField("locale", short(locale), "a language such as fi or en-GB")])
        block, is_published = await self._latest(name)
        width, height = block.size
        return json(
            {
                "block": name,
                "published": is_published,
                "width": width,
                "height": height,
                "type": block.type,
                "alt": alt_text(block, locale),
                "snippets": [
                    asdict(one) for one in snippets(self._public_url, name, block, locale)
                ],
            }
        )

    async def lint(self, request: Request) -> Response:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in _READERS:
            raise ProblemError(
                415, "MEDIA_TYPE", f"The body is one of {', '.join(_READERS)}: say which"
            )
        class_ = _chosen(request, "class", get_args(MessageClass))
        sender = _chosen(request, "sender", BY_ID)
        raw = await read_bytes(request, MOST_TEMPLATE_BYTES)
        texts = await asyncio.to_thread(_READERS[kind], raw)
        email = Email(texts, kind == "message/rfc822", class_, sender)
        names = await asyncio.to_thread(block_names, self._finder, email)
        blocks = {name: known for name in sorted(names) if (known := await self._known(name))}
        findings = await asyncio.to_thread(lint, email, self._finder, blocks, self._verify)
        return json(
            {"ok": not failed(findings), "findings": [asdict(finding) for finding in findings]}
        )

    async def _latest(self, name: str) -> tuple[Block, bool]:
        draft = await self._catalogue.draft(name)
        if not draft.versions:
            return draft.block, False
        return (await self._catalogue.version(name, draft.versions)).block, True

    async def _known(self, name: str) -> Known | None:
        try:
            block, is_published = await self._latest(name)
        except NotFoundError:
            return None
        return Known(is_published, block.class_ == "marketing", block.type, *block.size)

    def _verify(self, path: str, query: bytes) -> Fault | None:
        return read(self._keyring, path, query).fault


def _chosen(request: Request, name: str, choices: Collection[str]) -> str | None:
    value = request.query_params.get(name)
    if value is not None and value not in choices:
        raise invalid([BadField(name, short(value), f"one of {', '.join(choices)}")])
    return value
