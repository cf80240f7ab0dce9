"""What people agreed to, and when: recorded, and read with its history."""

from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from dyncontent.api.body import read_model
from dyncontent.api.operation import Operation, Scope
from dyncontent.api.pages import bad_cursor, cursor, page_limit, page_start
from dyncontent.api.problems import invalid
from dyncontent.api.respond import json, path_id
from dyncontent.catalog.catalogue import Catalogue
from dyncontent.catalog.consent import PURPOSES, ConsentRecord, Purpose, Statement
from dyncontent.catalog.instants import instant
from dyncontent.catalog.kinds import RECIPIENT
from dyncontent.catalog.model import Instant
from dyncontent.catalog.recipient import Recipient
from dyncontent.errors import BadField

EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
MOST_DIGITS = 12

MOST_AHEAD = timedelta(minutes=5)
"""By which the clock of whoever tells of a consent may be ahead."""


class State(BaseModel):
    """Whether a person consents to a purpose, and since when; `at` is null of one from before this
    was kept."""

    given: bool
    at: Instant | None


class Consented(BaseModel):
    """A person's consents at present."""

    id: str
    consents: dict[Purpose, State]


class History(Consented):
    """With what was recorded, the newest first."""

    history: list[ConsentRecord]
    next_cursor: str | None


class PersonsConsents:
    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    @property
    def operations(self) -> list[Operation]:
        path = "/recipients/{id}/consents"
        return [
            Operation(
                "POST",
                path,
                self.record,
                "Record a consent that was given or withdrawn",
                Scope.WRITE_FACTS,
                body=Statement,
                answer=Consented,
                status=201,
                example={"purpose": "tracking", "given": False},
            ),
            Operation(
                "GET",
                path,
                self.read,
                "Read a person's consents with their history",
                Scope.READ_FACTS,
                answer=History,
                problems=(404, 422),
                paged=True,
            ),
        ]

    async def record(self, request: Request) -> Response:
        name = path_id(request)
        statement = await read_model(request, Statement)
        latest = datetime.now(UTC) + MOST_AHEAD
        if statement.at is not None and not EARLIEST <= statement.at <= latest:
            given = statement.at.isoformat()
            right = f"an instant from {EARLIEST.year} on that is not in the future"
            raise invalid([BadField("at", given, right)])
        return json(_present(name, await self._catalogue.consent(name, statement)), 201)

    async def read(self, request: Request) -> Response:
        name = path_id(request)
        limit, before = page_limit(request), _before(page_start(request))
        person = await self._catalogue.get(RECIPIENT, name)
        records, first = await self._catalogue.consent_history(name, limit, before)
        return json(
            _present(name, person)
            | {
                "history": [record.model_dump(mode="json") for record in records],
                "next_cursor": cursor(str(first)) if first else None,
            }
        )


def _before(number: str) -> int | None:
    """Raises ProblemError for what no page ended with."""
    if not number:
        return None
    if not (number.isascii() and number.isdecimal() and len(number) <= MOST_DIGITS):
        raise bad_cursor(cursor(number))
    return int(number)


def _present(name: str, person: Recipient) -> dict[str, Any]:
    """Of purposes of which anything is known."""
    known = {}
    for purpose in PURPOSES:
        said, at = person.consents.says(purpose), person.consented.get(purpose)
        if said or at is not None:
            known[purpose] = {"given": bool(said), "at": None if at is None else instant(at)}
    return {"id": name, "consents": known}
