"""Handles from the control plane."""

import orjson
import pytest

from dyncontent.delivery.handles import read_handle
from tests.site import Site

pytestmark = pytest.mark.anyio


async def test_a_handle_is_the_same_each_time(site: Site) -> None:
    made = await site.do("POST", "recipients/aino/handle")
    assert made == await site.do("POST", "recipients/aino/handle")
    assert made["recipient"] == "aino"
    assert read_handle(site.settings.keyring, made["handle"]) == "aino"


async def test_a_handle_can_be_made_before_the_person_is_known(site: Site) -> None:
    made = await site.do("POST", "recipients/new/handle")
    assert (await site.api("GET", "recipients/new")).status_code == 404
    assert read_handle(site.settings.keyring, made["handle"]) == "new"


async def test_many_are_answered_a_line_each(site: Site) -> None:
    people = [f"r{number}" for number in range(1000)]
    lines = [orjson.dumps({"recipient": name}) for name in people]
    lines[3] = b'{"recipient": "a b"}'
    lines[5] = b"no JSON"
    response = await site.api("POST", "handles/bulk", b"\n".join(lines))
    assert response.headers["content-type"] == "application/x-ndjson"
    told = [orjson.loads(line) for line in response.content.splitlines()]
    assert len(told) == len(people)
    assert (told[3]["line"], told[3]["error"]["status"]) == (4, 422)
    assert (told[5]["line"], told[5]["error"]["code"]) == (6, "NOT_JSON")
    assert told[7] == await site.do("POST", "recipients/r7/handle")


async def test_an_id_that_cannot_be_one_is_refused(site: Site) -> None:
    assert (await site.api("POST", "recipients/a b/handle")).status_code == 422
