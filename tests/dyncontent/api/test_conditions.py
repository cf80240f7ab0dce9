"""Conditions over the API: attribute types, sentences, JSONLogic, the schema, and warnings."""

from typing import Any

import pytest

from rules.tree import schema
from tests import samples
from tests.samples import BLOCK, HOST, RED
from tests.site import Site

pytestmark = pytest.mark.anyio

PLAN = {"op": "equals", "fact": "recipient.attributes.plan", "value": "gold"}


def _block(condition: dict[str, Any]) -> dict[str, Any]:
    return samples.block(samples.variant("a", RED, f"https://{HOST}/", condition=condition))


async def test_a_condition_asks_only_of_attributes_that_are_declared(site: Site) -> None:
    refused = await site.api("PUT", f"blocks/{BLOCK}", _block(PLAN))
    [field] = refused.json()["fields"]
    assert field["path"] == "variants.0.condition"
    assert "recipient.attributes.plan is not declared" in field["expected"]
    types = {"recipient": {"plan": "text"}}
    assert await site.do("PUT", "attributes", types) == types
    assert await site.do("GET", "attributes") == types
    await site.publish(_block(PLAN))
    assert await site.colour() == samples.GREY
    await site.do("PATCH", "recipients/aino", {"attributes": {"plan": "gold"}})
    assert await site.colour() == RED


async def test_an_attribute_of_another_type_than_declared_is_refused(site: Site) -> None:
    await site.do("PUT", "attributes", {"recipient": {"plan": "text", "since": "date"}})
    body = {"attributes": {"plan": 3, "since": "2026-13-01", "free": 1}}
    for method in ("PUT", "PATCH"):
        refused = await site.api(method, "recipients/aino", body)
        assert refused.status_code == 422
        fields = {field["path"]: field["expected"] for field in refused.json()["fields"]}
        assert fields == {
            "attributes.plan": "text, as it was declared",
            "attributes.since": "date, as it was declared",
        }


async def test_of_two_who_declare_types_the_slower_is_told_so(site: Site) -> None:
    seen = (await site.api("GET", "attributes")).headers["etag"]
    theirs = await site.api("PUT", "attributes", {"recipient": {"a": "text"}}, if_match=seen)
    mine = await site.api("PUT", "attributes", {"recipient": {"b": "text"}}, if_match=seen)
    assert (theirs.status_code, mine.status_code) == (200, 412)
    assert mine.headers["etag"] == theirs.headers["etag"]
    assert await site.do("GET", "attributes") == {"recipient": {"a": "text"}}


async def test_what_was_published_keeps_the_types_of_that_day(site: Site) -> None:
    await site.do("PUT", "attributes", {"recipient": {"plan": "text"}})
    await site.publish(_block(PLAN))
    await site.do("PATCH", "recipients/aino", {"attributes": {"plan": "gold"}})
    await site.do("PUT", "attributes", {"recipient": {"plan": "number"}})
    assert await site.colour() == RED
    assert (await site.api("POST", f"blocks/{BLOCK}/publish")).status_code == 422


async def test_a_condition_is_read_in_words_and_as_jsonlogic_and_back(site: Site) -> None:
    condition = {"op": "equals", "fact": "order.status", "value": "shipped"}
    read = await site.do("POST", "conditions", {"condition": condition})
    assert read["condition"] == condition
    assert read["sentence"]["en"] == "the state of the order is shipped"
    assert read["sentence"]["fi"] == "tilauksen tila on lähetetty"
    assert await site.do("POST", "conditions", {"rule": read["rule"]}) == read
    foreign = {"rule": {"===": [{"var": "state"}, "shipped"]}, "names": {"state": "order.status"}}
    assert await site.do("POST", "conditions", foreign) == read


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, ""),
        ({"condition": {"op": "equals", "fact": "order.status", "value": "?"}}, "condition"),
        ({"rule": {"map": [1]}}, "rule"),
        ({"rule": {"and": [{"===": [{"var": "who"}, 1]}]}}, "rule.and.0"),
    ],
)
async def test_what_cannot_be_held_is_refused_with_its_place(
    site: Site, body: dict[str, Any], path: str
) -> None:
    refused = await site.api("POST", "conditions", body)
    assert refused.status_code == 422, refused.text
    assert refused.json()["fields"][0]["path"].startswith(path)


async def test_a_rule_that_is_refused_is_told_with_what_stands_there(site: Site) -> None:
    rule = {"and": [{"===": [{"var": "order.status"}, {"var": "order.carrier"}]}]}
    [field] = (await site.api("POST", "conditions", {"rule": rule})).json()["fields"]
    assert (field["path"], field["value"]) == ("rule.and.0.===.1", "{…}")


async def test_a_group_is_not_called_too_short_for_a_member_that_is_refused(site: Site) -> None:
    condition = {"op": "all", "of": [{"op": "is_set", "fact": "nonsense"}]}
    fields = (await site.api("POST", "conditions", {"condition": condition})).json()["fields"]
    assert [(field["path"], field["value"]) for field in fields] == [
        ("condition.of.0.fact", "nonsense")
    ]
    empty = {"condition": {"op": "all", "of": []}}
    assert (await site.api("POST", "conditions", empty)).json()["fields"][0]["path"] == (
        "condition.of"
    )


async def test_the_schema_is_published(site: Site) -> None:
    assert await site.do("GET", "conditions/schema") == schema()


async def test_a_block_is_saved_with_warnings(site: Site) -> None:
    home = f"https://{HOST}/"
    never = {
        "op": "all",
        "of": [
            {"op": "above", "fact": "product.rome.stock", "value": 3},
            {"op": "below", "fact": "product.rome.stock", "value": 4},
        ],
    }
    block = samples.block(
        samples.variant("never", RED, home, condition=never),
        samples.variant("gone", RED, home, offer={"product": "nowhere"}),
        samples.variant("all", RED, home),
        samples.variant("late", RED, home),
    )
    block["fallback"] |= {"link": f"https://{HOST}/rome", "alt": "From 99 €"}
    saved = await site.do("PUT", f"blocks/{BLOCK}", block)
    assert [(one["problem"], one["place"]) for one in saved["warnings"]] == [
        ("CONTRADICTION", "variants.0.condition"),
        ("FACT_NOT_PROVIDED", "variants.1"),
        ("UNREACHABLE", "variants.3"),
        ("FALLBACK_SELLS", "fallback.link"),
        ("FALLBACK_SELLS", "fallback.alt"),
    ]
    assert (await site.do("GET", f"blocks/{BLOCK}"))["warnings"] == saved["warnings"]
