"""Snippets of blocks for the templates of emails, and the lint of a template."""

import asyncio
import re
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from typing import Literal, get_args

from starlette.requests import Request
from starlette.responses import Response

from dyncontent.api.body import read_bytes
from dyncontent.api.operation import Content, Operation, Query, Scope
from dyncontent.api.problems import invalid
from dyncontent.api.respond import json, path_block
from dyncontent.api.schemas import schema_of
from dyncontent.catalog.block import Block, ImageTypeName
from dyncontent.catalog.catalogue import Catalogue, NotFoundError
from dyncontent.catalog.compiled import compile_block
from dyncontent.catalog.model import BlockId, Definition, Id, id_matches
from dyncontent.delivery.faults import Fault
from dyncontent.delivery.urls import read
from dyncontent.embed.lint import Email, Finding, Known, block_names, failed, lint
from dyncontent.embed.references import Finder
from dyncontent.embed.senders import BY_ID
from dyncontent.embed.snippets import Snippet, Tagging, alt_text, snippets
from dyncontent.embed.sources import Text, UnreadableError, of_html, of_message
from dyncontent.errors import BadField, ProblemError, short
from dyncontent.keyring import Keyring
from renderers.localised import LOCALE
from rules.facts import ID, MessageClass

MOST_TEMPLATE_BYTES = 2 * 1024 * 1024

_READERS: dict[str, Callable[[bytes], list[Text]]] = {
    "text/html": of_html,
    "message/rfc822": of_message,
}


@dataclass(frozen=True, slots=True)
class _Latest:
    """A block as it was published, or the draft before that."""

    block: Block
    is_published: bool
    is_personal: bool


class BlockSnippets(Definition):
    """`published` tells whether they are of what is published, `personal` whether the block shows
    attributes of a person; size in CSS pixels."""

    block: BlockId
    published: bool
    personal: bool
    form: Literal["signed", "tagged"]
    message: Id | None
    width: int
    height: int
    type: ImageTypeName
    alt: str
    snippets: tuple[Snippet, ...]


class LintReport(Definition):
    """`ok` where nothing is worse than a warning."""

    ok: bool
    findings: tuple[Finding, ...]


_MESSAGE = Query(
    "message",
    "The message of tagged URLs; without it the snippets have fields for signed ones",
    schema_of(Id),
)
_LOCALE = Query(
    "locale",
    "Another language than the block's, such as `fi` or `en-GB`",
    {"type": "string", "pattern": LOCALE},
)
_CLASS = Query(
    "class", "What the template is", {"type": "string", "enum": list(get_args(MessageClass))}
)
_SENDER = Query("sender", "Whose tags it has", {"type": "string", "enum": list(BY_ID)})


class Embedding:
    def __init__(
        self,
        catalogue: Catalogue,
        keyring: Keyring,
        public_url: str,
        *,
        ids_are_unguessable: bool = False,
    ) -> None:
        self._catalogue = catalogue
        self._keyring = keyring
        self._public_url = public_url
        self._ids_are_unguessable = ids_are_unguessable
        self._finder = Finder(public_url)

    @property
    def operations(self) -> list[Operation]:
        read = Scope.READ_DEFINITIONS
        path = "/blocks/{id}/snippets"
        return [
            Operation(
                "GET",
                path,
                self.snippets,
                "Read a block's snippets for templates",
                read,
                answer=BlockSnippets,
                query=(_MESSAGE, _LOCALE),
                problems=(404,),
                path_types={"id": BlockId},
                description="What to paste, for each sender. Of the block as it was published, or"
                " of the draft before that.",
            ),
            Operation(
                "POST",
                "/lint",
                self.lint,
                "Find what is wrong in a template",
                read,
                body=Content(tuple(_READERS), schema={"type": "string"}),
                answer=LintReport,
                query=(_CLASS, _SENDER),
                problems=(415,),
                example='<a href="https://img.example/c/trip?r=aino"><img alt="Trip"></a>',
                description="HTML, or a whole mail, as the body, at most 2 MB.",
            ),
        ]

    async def snippets(self, request: Request) -> Response:
        """Of the block as it was published, or of the draft before that: for a message with tagged
        URLs, else with fields for signed ones."""
        name = path_block(request)
        locale = request.query_params.get("locale")
        if locale is not None and not re.fullmatch(LOCALE, locale):
            raise invalid([BadField("locale", short(locale), "a language such as fi or en-GB")])
        message = request.query_params.get("message")
        if message is not None and not id_matches(message):
            raise invalid([BadField("message", short(message), f"an id that matches {ID}")])
        latest = await self._latest(name)
        block = latest.block
        tagging = message and Tagging(
            self._keyring, message, latest.is_personal, self._ids_are_unguessable
        )
        width, height = block.size
        return json(
            {
                "block": name,
                "published": latest.is_published,
                "personal": latest.is_personal,
                "form": "tagged" if tagging else "signed",
                "message": message,
                "width": width,
                "height": height,
                "type": block.type,
                "alt": alt_text(block, locale),
                "snippets": [
                    asdict(one)
                    for one in snippets(self._public_url, name, block, locale, tagging or None)
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
        try:
            texts = await asyncio.to_thread(_READERS[kind], raw)
        except UnreadableError as error:
            raise invalid([BadField("", None, str(error))]) from error
        email = Email(texts, kind == "message/rfc822", class_, sender)
        names = await asyncio.to_thread(block_names, self._finder, email)
        blocks = {name: known for name in sorted(names) if (known := await self._known(name))}
        findings = await asyncio.to_thread(
            lint,
            email,
            self._finder,
            blocks,
            self._verify,
            ids_are_unguessable=self._ids_are_unguessable,
        )
        return json(
            {"ok": not failed(findings), "findings": [asdict(finding) for finding in findings]}
        )

    async def _latest(self, name: str) -> "_Latest":
        draft = await self._catalogue.draft(name)
        if draft.versions:
            version = await self._catalogue.version(name, draft.versions)
            block, declared = version.block, version.declared
        else:
            block, declared = draft.block, dict(await self._catalogue.declared())
        compiled = await asyncio.to_thread(compile_block, name, draft.versions, block, declared)
        return _Latest(block, draft.versions > 0, compiled.is_personal)

    async def _known(self, name: str) -> Known | None:
        try:
            latest = await self._latest(name)
        except NotFoundError:
            return None
        block = latest.block
        is_marketing = block.class_ == "marketing"
        return Known(latest.is_published, is_marketing, latest.is_personal, block.type, *block.size)

    def _verify(self, path: str, query: bytes) -> Fault | None:
        return read(self._keyring, path, query).fault


def _chosen(request: Request, name: str, choices: Collection[str]) -> str | None:
    value = request.query_params.get(name)
    if value is not None and value not in choices:
        raise invalid([BadField(name, short(value), f"one of {', '.join(choices)}")])
    return value
