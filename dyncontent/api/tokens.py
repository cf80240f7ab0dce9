"""The tokens of the control plane."""

from starlette.requests import Request
from starlette.responses import Response

from dyncontent.access.scope import Scope
from dyncontent.access.token import Scopes, TokenAsked, TokenId, TokenName
from dyncontent.access.tokens import Listed, Tokens
from dyncontent.api.access import caller_of
from dyncontent.api.body import read_model
from dyncontent.api.operation import Operation
from dyncontent.api.respond import json
from dyncontent.catalog.model import Definition, Instant
from dyncontent.errors import BadField, ProblemError


class TokenAnswer(Definition):
    """What is known of a token. `used` is when it was last used, within a minute or so."""

    id: TokenId
    name: TokenName
    scopes: Scopes
    created: Instant
    expires: Instant | None
    used: Instant | None

    @classmethod
    def of(cls, listed: Listed) -> "TokenAnswer":
        token = listed.token
        return cls(
            id=listed.id,
            name=token.name,
            scopes=token.scopes,
            created=token.created,
            expires=token.expires,
            used=listed.used,
        )


class NewToken(TokenAnswer):
    """With the `token` itself, which is told this once."""

    token: str


class TokenList(Definition):
    tokens: tuple[TokenAnswer, ...]


class TokenOperations:
    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    @property
    def operations(self) -> list[Operation]:
        path, admin = "/tokens", Scope.ADMIN
        one, types = f"{path}/{{id}}", {"id": TokenId}
        return [
            Operation("GET", path, self.all, "List the tokens", admin, answer=TokenList),
            Operation(
                "POST",
                path,
                self.create,
                "Make a token",
                admin,
                body=TokenAsked,
                answer=NewToken,
                status=201,
                secret=True,
                example={"name": "Shop", "scopes": [Scope.WRITE_FACTS, Scope.LINKS]},
                description="Its text is told this once and is not kept. It has no scope that the"
                " token lacks with which it is made.",
            ),
            Operation(
                "GET",
                one,
                self.read,
                "Read what is known of a token",
                admin,
                answer=TokenAnswer,
                path_types=types,
                problems=(404,),
            ),
            Operation(
                "DELETE",
                one,
                self.revoke,
                "Revoke a token",
                admin,
                status=204,
                path_types=types,
                problems=(404,),
                description="It opens nothing from now on, on no server.",
            ),
        ]

    async def all(self, _: Request) -> Response:
        found = await self._tokens.all()
        return _told(TokenList(tokens=tuple(map(TokenAnswer.of, found))))

    async def create(self, request: Request) -> Response:
        asked = await read_model(request, TokenAsked)
        lacking = [scope for scope in asked.scopes if scope not in caller_of(request).scopes]
        if lacking:
            raise ProblemError(
                403,
                "FORBIDDEN",
                f"A token has no scope that the one lacks that makes it: {', '.join(lacking)}",
                [BadField("scopes", scope, "a scope of your own token") for scope in lacking],
            )
        listed, text = await self._tokens.create(asked)
        return _told(NewToken(**dict(TokenAnswer.of(listed)), token=text), 201)

    async def read(self, request: Request) -> Response:
        return _told(TokenAnswer.of(await self._tokens.get(request.path_params["id"])))

    async def revoke(self, request: Request) -> Response:
        await self._tokens.revoke(request.path_params["id"])
        return Response(status_code=204)


def _told(answer: Definition, status: int = 200) -> Response:
    return json(answer.model_dump(mode="json"), status)
