import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.facts import FIELDS, NOTHING, FactKey, Facts, FactType, parse_key, reader
from tests.rules.support import law

FACTS = Facts(
    recipient={"first_name": "Aino", "attributes.age": 40},
    message={"class": "marketing", "parameters.campaign": "spring"},
    order={"status": "packed", "attributes.gift": False},
    products={
        "rome": {"stock": 3, "attributes.stars": 5},
        "oslo": {"stock": 0},
        "rome.v2": {"title": ""},
    },
)


@pytest.mark.parametrize(
    ("name", "key", "type"),
    [
        ("recipient.first_name", FactKey("recipient", "first_name"), FactType.TEXT),
        ("recipient.attributes.age", FactKey("recipient", "attributes.age"), FactType.ATTRIBUTE),
        ("message.sent_at", FactKey("message", "sent_at"), FactType.INSTANT),
        ("message.parameters.x", FactKey("message", "parameters.x"), FactType.ATTRIBUTE),
        ("order.expected", FactKey("order", "expected"), FactType.DATE),
        ("order.attributes.gift", FactKey("order", "attributes.gift"), FactType.ATTRIBUTE),
        ("product.rome.stock", FactKey("product", "stock", "rome"), FactType.NUMBER),
        ("product.rome.v2.price", FactKey("product", "price", "rome.v2"), FactType.MONEY),
        ("product.r.attributes.x", FactKey("product", "attributes.x", "r"), FactType.ATTRIBUTE),
        ("product.attributes.stock", FactKey("product", "stock", "attributes"), FactType.NUMBER),
        ("offer.title", FactKey("offer", "title"), FactType.LOCALISED),
        ("offer.attributes.stars", FactKey("offer", "attributes.stars"), FactType.ATTRIBUTE),
    ],
)
def test_a_name_gives_its_key_and_type(name: str, key: FactKey, type: FactType) -> None:
    assert parse_key(name) == key
    assert key.type is type
    assert str(key) == name


@law
@given(
    st.sampled_from([(source, field) for source, fields in FIELDS.items() for field in fields]),
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,20}", fullmatch=True),
)
def test_every_registered_fact_is_read_as_it_is_written(field: tuple[str, str], id: str) -> None:
    source, name = field
    key = FactKey(source, name, f"{id}1" if source == "product" else "")
    assert parse_key(str(key)) == key
    assert key.type is FIELDS[source][name]


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("", "begins with one of recipient, message, order, product, offer, not ''"),
        ("weather.rain", "begins with one of .*, not 'weather'"),
        ("Recipient.first_name", "not 'Recipient'"),
        ("recipient", r"recipient has the facts first_name, .*, attributes\.NAME, not ''"),
        ("recipient.age", "recipient has the facts .*, not 'age'"),
        ("recipient.stock", "not 'stock'"),
        ("recipient.attributes", "not 'attributes'"),
        ("recipient.attributes.", r"not 'attributes\.'"),
        ("recipient.attributes.two words", r"not 'attributes\.two words'"),
        ("recipient.attributes.a.b", r"not 'attributes\.a\.b'"),
        ("recipient.parameters.a", r"not 'parameters\.a'"),
        ("message.attributes.a", r"deadline, parameters\.NAME, not 'attributes\.a'"),
        ("product", r"is product\.ID\.FIELD, such as product\.vip-trip\.stock"),
        ("product.stock", r"is product\.ID\.FIELD"),
        ("product..stock", r"is product\.ID\.FIELD"),
        ("product.rome.", "product has the facts stock, .*, not ''"),
        ("product.rome.colour", "not 'colour'"),
        ("offer.rome.stock", r"offer has the facts .*, not 'rome\.stock'"),
    ],
)
def test_a_name_outside_the_registry_is_refused_with_what_is_right(
    name: str, complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse_key(name)


@pytest.mark.parametrize(
    ("name", "offer", "value"),
    [
        ("recipient.first_name", None, "Aino"),
        ("recipient.attributes.age", None, 40),
        ("recipient.last_name", None, None),
        ("message.class", None, "marketing"),
        ("message.parameters.campaign", None, "spring"),
        ("message.deadline", None, None),
        ("order.status", None, "packed"),
        ("order.attributes.gift", None, False),
        ("order.carrier", None, None),
        ("product.rome.stock", None, 3),
        ("product.rome.stock", "oslo", 3),
        ("product.rome.v2.title", None, ""),
        ("product.rome.price", None, None),
        ("product.riga.stock", None, None),
        ("offer.stock", "rome", 3),
        ("offer.stock", "oslo", 0),
        ("offer.attributes.stars", "rome", 5),
        ("offer.attributes.stars", "oslo", None),
        ("offer.stock", "riga", None),
        ("offer.stock", None, None),
    ],
)
def test_a_reader_gives_the_value_or_none(name: str, offer: str | None, value: object) -> None:
    assert reader(parse_key(name))(FACTS, offer) == value


@pytest.mark.parametrize("source", FIELDS)
def test_a_source_that_is_not_known_is_empty(source: str) -> None:
    name = f"{source}.{'rome.' if source == 'product' else ''}{next(iter(FIELDS[source]))}"
    assert reader(parse_key(name))(Facts(), "rome") is None


def test_nothing_stays_empty() -> None:
    with pytest.raises(TypeError):
        NOTHING["stock"] = 1  # type: ignore[index]
    assert dict(NOTHING) == {}
