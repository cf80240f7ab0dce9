"""Uploads: the pictures and fonts that blocks use. The file is the body itself; its content gives
its id."""

import asyncio
import re

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from dyncontent.apart import accept_apart
from dyncontent.api.body import read_bytes
from dyncontent.api.operation import Content, Operation, Scope
from dyncontent.api.pages import bad_cursor, cursor, page_limit, page_start
from dyncontent.api.respond import json
from dyncontent.catalog.catalogue import Catalogue, NotFoundError
from dyncontent.catalog.font import Font
from dyncontent.catalog.lists import Start
from dyncontent.catalog.model import Definition, plain
from dyncontent.catalog.uploads import Upload
from dyncontent.errors import ProblemError
from renderers import picture, typeface
from renderers.fields import AssetId
from renderers.picture import PictureError
from renderers.typeface import TypefaceError

DECODED_AT_ONCE = 2
"""Pictures decoded at the same time; a large one takes some 300 MB meanwhile."""
READ_AT_ONCE = 1
"""Fonts, of which each has a process."""
_is_id = re.compile(r"[0-9a-f]{32}").fullmatch


class UploadPage(Definition):
    """By id."""

    assets: tuple[Upload, ...]
    next_cursor: str | None


class Fonts(Definition):
    """By family, then from light to heavy."""

    fonts: tuple[Font, ...]


_PICTURES = Content(("image/png", "image/jpeg", "image/gif", "image/webp"))
_FONTS = Content(("font/ttf", "font/otf", "font/woff2", "font/woff"))


class Assets:
    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._decoding = asyncio.Semaphore(DECODED_AT_ONCE)
        self._reading = asyncio.Semaphore(READ_AT_ONCE)

    @property
    def operations(self) -> list[Operation]:
        read, write = Scope.READ_DEFINITIONS, Scope.WRITE_DEFINITIONS
        return [
            Operation(
                "GET",
                "/assets",
                self.pictures,
                "List the uploaded pictures",
                read,
                answer=UploadPage,
                paged=True,
                description="By id.",
            ),
            Operation(
                "POST",
                "/assets",
                self.upload_picture,
                "Upload a picture",
                write,
                body=_PICTURES,
                answer=Upload,
                status=201,
                description="The file is the body, at most 10 MB. The same file has the same id.",
            ),
            Operation("GET", "/fonts", self.fonts, "List the uploaded fonts", read, answer=Fonts),
            Operation(
                "POST",
                "/fonts",
                self.upload_font,
                "Upload a font",
                write,
                body=_FONTS,
                answer=Font,
                status=201,
                description="The file is the body, at most 10 MB. The same file has the same id.",
            ),
            Operation(
                "GET",
                "/fonts/{id}",
                self.font,
                "Read what is known of a font",
                read,
                answer=Font,
                problems=(404,),
                path_types={"id": AssetId},
            ),
        ]

    async def upload_picture(self, request: Request) -> Response:
        data = await read_bytes(request, picture.MOST_BYTES)
        try:
            async with self._decoding:
                accepted = await run_in_threadpool(picture.accept, data)
        except PictureError as error:
            raise ProblemError(422, "NOT_A_PICTURE", str(error)) from error
        await self._catalogue.put_picture(accepted)
        return json(
            {
                "id": accepted.id,
                "type": accepted.type,
                "width": accepted.width,
                "height": accepted.height,
                "bytes": len(accepted.data),
            },
            201,
        )

    async def pictures(self, request: Request) -> Response:
        limit, after = page_limit(request), page_start(request)
        if after and not _is_id(after):
            raise bad_cursor(request.query_params["cursor"])
        found, following = await self._catalogue.pictures(limit, Start(0, after))
        next_cursor = following and cursor(following.after)
        return json({"assets": [plain(one) for one in found], "next_cursor": next_cursor})

    async def upload_font(self, request: Request) -> Response:
        data = await read_bytes(request, typeface.MOST_BYTES)
        try:
            async with self._reading:
                accepted = await accept_apart(data)
        except TypefaceError as error:
            raise ProblemError(422, "NOT_A_FONT", str(error)) from error
        await self._catalogue.put_font(accepted)
        return json(plain(Font.of(accepted)), 201)

    async def fonts(self, _: Request) -> Response:
        return json({"fonts": [plain(font) for font in await self._catalogue.fonts()]})

    async def font(self, request: Request) -> Response:
        name = request.path_params["id"]
        if not _is_id(name):
            raise NotFoundError(f"There is no font {name[:32]}")
        return json(plain(await self._catalogue.font(name)))
