"""When the control plane said what."""

from typing import Any

import pytest
from pydantic import ValidationError

from dyncontent.catalog import dated
from dyncontent.catalog.dated import said_fields
from dyncontent.catalog.product import Product
from dyncontent.catalog.recipient import Profile, Recipient
from tests.site import Site


def test_a_whole_document_stands_for_each_of_its_fields() -> None:
    product = Product(stock=1).written(5)
    assert (product.said_at("stock"), product.said_at("attributes.size")) == (5, 5)
    assert product.said_at("purchases.p") is None
    assert Product().said_at("stock") is None


def test_the_latest_date_of_a_field_counts() -> None:
    product = Product().written(5).written(9, ["stock", "attributes.a"])
    assert (product.said_at("stock"), product.said_at("price")) == (9, 5)
    assert product.written(7, ["stock"]).said_at("stock") == 10
    assert product.written(12, ["attributes"]).said_at("attributes.a") == 12
    assert product.written(20).as_of == {"": 20}


def test_a_replaced_profile_keeps_the_dates_of_purchases() -> None:
    person = Recipient().written(3, ["purchases.p", "cart"])
    assert person.with_profile(Profile()).written(8).as_of == {"purchases.p": 3, "": 8}


def test_a_new_body_goes_on_from_the_dates_of_the_old_one() -> None:
    before = Product().written(5, ["stock"])
    assert Product().written(8, ["price"], before).as_of == {"stock": 5, "price": 8}


def test_very_many_dates_of_attributes_become_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dated, "MOST_ATTRIBUTES", 3)
    product = Product().written(9, ["stock"])
    for at in range(5):
        product = product.written(at, [f"attributes.a{at}"])
    assert product.as_of == {
        "stock": 9, "attributes": 1, "attributes.a2": 2, "attributes.a3": 3, "attributes.a4": 4
    }  # fmt: skip


@pytest.mark.parametrize(
    ("patch", "fields"),
    [
        ({}, []),
        ({"stock": None, "nothing": 1}, ["stock"]),
        ({"attributes": {"a": 1, "b": None}}, ["attributes.a", "attributes.b"]),
        ({"attributes": None}, ["attributes"]),
    ],
)
def test_a_patch_speaks_of_what_it_names(patch: dict[str, Any], fields: list[str]) -> None:
    assert said_fields(patch, ("stock", "attributes"), "attributes") == fields


def test_dates_are_stored_and_told_to_nobody() -> None:
    product = Product(stock=1).written(5)
    assert product.told == Product(stock=1)
    assert "as_of" not in Product.model_json_schema()["properties"]
    with pytest.raises(ValidationError, match="Extra inputs"):
        Product.model_validate_json('{"as_of": {"": 1}}', context={})


@pytest.mark.anyio
async def test_clients_neither_write_nor_read_dates(site: Site) -> None:
    for method in ("PUT", "PATCH"):
        response = await site.api(method, "products/rome", {"as_of": {"": 1}})
        assert response.status_code == 422
        assert response.json()["fields"][0] == {
            "path": "as_of", "value": "{…}", "expected": "nothing: there is no such field"
        }  # fmt: skip
    assert "as_of" not in await site.do("GET", "products/rome")
