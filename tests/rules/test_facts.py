import re
from copy import deepcopy

import pytest

from rules.facts import (
    FACT_NAME,
    FIELDS,
    NOTHING,
    STALE,
    FactKey,
    FactType,
    Selector,
    parse_key,
)


@pytest.mark.parametrize(
    ("name", "key", "type"),
    [
        ("recipient.first_name", FactKey("recipient", "first_name"), FactType.TEXT),
        ("product.rome.v2.price", FactKey("product", "price", "rome.v2"), FactType.MONEY),
        ("product.r.attributes.x", FactKey("product", "attributes.x", "r"), FactType.NUMBER),
        ("product.attributes.stock", FactKey("product", "stock", "attributes"), FactType.NUMBER),
        ("offer.attributes.x", FactKey("offer", "attributes.x"), FactType.NUMBER),
        ("order.attributes.x", FactKey("order", "attributes.x"), None),
        ("shown.spring-a", FactKey("shown", "spring-a"), FactType.NUMBER),
        ("cart.total", FactKey("cart", "total"), FactType.MONEY),
        ("cart.1.title", FactKey("cart", "1.title"), FactType.LOCALISED),
        ("cart.10.instead.price", FactKey("cart", "10.instead.price"), FactType.MONEY),
        ("source.weather.rain", FactKey("source", "weather.rain"), FactType.BOOLEAN),
        ("source.weather.snow", FactKey("source", "weather.snow"), None),
    ],
)
def test_a_name_gives_its_key_and_type(name: str, key: FactKey, type: FactType | None) -> None:
    assert parse_key(name) == key
    declared = {
        "product.attributes.x": FactType.NUMBER,
        "source.weather.rain": FactType.BOOLEAN,
    }
    assert key.type(declared) is type
    assert str(key) == name


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("weather.rain", "begins with one of recipient, .*, not 'weather'"),
        ("recipient.age", r"has the facts id, .*, attributes\.NAME, not 'age'"),
        ("recipient.attributes.a.b", r"not 'attributes\.a\.b'"),
        ("message.attributes.a", r"parameters\.NAME, not 'attributes\.a'"),
        ("", "begins with one of recipient, .*, not ''"),
        ("Recipient.first_name", "not 'Recipient'"),
        ("recipient", "not ''"),
        ("recipient.stock", "not 'stock'"),
        ("recipient.attributes", "not 'attributes'"),
        ("recipient.attributes.", r"not 'attributes\.'"),
        ("recipient.attributes.two words", r"not 'attributes\.two words'"),
        ("recipient.parameters.a", r"not 'parameters\.a'"),
        ("product", r"is product\.ID\.FIELD, such as product\.vip-trip\.stock"),
        ("product.stock", r"is product\.ID\.FIELD"),
        ("product..stock", r"is product\.ID\.FIELD"),
        ("product.rome.", "product has the facts stock, .*, not ''"),
        ("product.rome.colour", "not 'colour'"),
        ("offer.rome.stock", r"offer has the facts .*, not 'rome\.stock'"),
        ("now.minute", "instant, date, weekday, hour, not 'minute'"),
        ("source.weather", r"source has the facts ID\.NAME, not 'weather'"),
        ("source.weather.", r"not 'weather\.'"),
        ("source.weather.rain.soon", r"not 'weather\.rain\.soon'"),
        ("source.New-York.rain", r"not 'New-York\.rain'"),
        ("shown.a b", "shown has the facts VARIANT, not 'a b'"),
        ("cart.11.title", r"cart has the facts count, .*, N\.title, .*, not '11\.title'"),
        ("cart.0.title", r"not '0\.title'"),
        ("cart.1", "not '1'"),
        ("cart.1.instead", r"not '1\.instead'"),
        ("cart.1.instead.quantity", r"not '1\.instead\.quantity'"),
    ],
)
def test_another_name_is_refused_with_what_is_right(name: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse_key(name)


def test_every_registered_fact_is_read_as_it_is_written() -> None:
    for source, fields in FIELDS.items():
        for field in fields:
            key = FactKey(source, field, "rome" if source == "product" else "")
            assert parse_key(str(key)) == key


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("cart.1.instead.price", "price"),
        ("cart.count", "count"),
        ("recipient.attributes.price", "attributes.price"),
    ],
)
def test_a_field_is_called_the_same_wherever_it_stands_in_a_cart(key: str, name: str) -> None:
    assert parse_key(key).name == name


def test_the_pattern_of_names_takes_what_is_read_as_a_name() -> None:
    for name in ("cart.1.title", "cart.10.instead.price", "cart.total", "order.attributes.a"):
        assert re.match(FACT_NAME, name)
    for name in ("cart.11.title", "cart.0.title", "cart.1", "cart.1.instead.quantity", "cart.x"):
        assert not re.match(FACT_NAME, name)


def test_a_fact_of_the_offer_is_one_of_its_product() -> None:
    assert parse_key("offer.stock").of("rome") == parse_key("product.rome.stock")
    assert parse_key("order.status").of("rome") == parse_key("order.status")


@pytest.mark.parametrize(
    ("name", "on"),
    [
        ("offer.bought", "recipient.purchases"),
        ("now.hour", "recipient.time_zone"),
        ("now.instant", "now.instant"),
    ],
)
def test_a_fact_rests_on_what_someone_provides(name: str, on: str) -> None:
    assert parse_key(name).rests_on == parse_key(on)


@pytest.mark.parametrize(
    ("selector", "on"),
    [
        (Selector("similar_to", "rome"), "product.rome"),
        (Selector("cart"), "recipient.cart"),
        (Selector("recommended"), "recipient.purchases"),
    ],
)
def test_candidates_rest_on_what_someone_provides(selector: Selector, on: str) -> None:
    assert selector.rests_on == on


def test_nothing_stays_empty_and_a_copy_of_what_is_stale_is_stale() -> None:
    assert dict(NOTHING) == {}
    assert deepcopy(STALE) is STALE
