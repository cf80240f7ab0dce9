"""Whatever is sent, it is read or refused in words, and what is read can be taken."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dyncontent.catalog.attributes import AttributeTypes
from dyncontent.catalog.links import HOSTS, AllowedHosts
from dyncontent.errors import ProblemError
from dyncontent.ingest import cloud_events, shopify, woocommerce
from dyncontent.ingest.cloud_events import TYPES
from dyncontent.ingest.happenings import Told
from dyncontent.ingest.plan import STATES, PartState, Plan, perform
from dyncontent.ingest.segment import CALLS, Reader
from dyncontent.ingest.shop import Shop
from rules.facts import FactType

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
CASES = [orjson.loads(path.read_bytes()) for path in Path("tests/cases/webhooks").glob("*.json")]
SAMPLES = orjson.loads(Path("tests/cases/segment.json").read_bytes())["events"]

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(), st.text(max_size=8),
    st.sampled_from(["x" * 600, "a@b", "1e999", "2024-01-01T00:00:00Z", "EUR", "NaN", "\0", "🙂"]),
)  # fmt: skip
anything = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def damaged(draw: st.DrawFn, whole: Any) -> Any:
    """A body with something else in a place or two."""
    body = orjson.loads(orjson.dumps(whole))
    for _ in range(draw(st.integers(1, 3))):
        here: Any = {"": body}
        name: Any = ""
        while isinstance(here[name], dict | list) and here[name] and draw(st.integers(0, 4)):
            here = here[name]
            name = draw(st.sampled_from(list(here) if isinstance(here, dict) else range(len(here))))
        here[name] = draw(anything)
        body = here[""] if name == "" else body
    return body


def _take(told: Told) -> None:
    if isinstance(told, ProblemError):
        assert told.body()
        return
    types = AttributeTypes(recipient={"plan": FactType.NUMBER, "viewed": FactType.TEXT})
    plan = Plan(types, {HOSTS: AllowedHosts.of(("shop.example",))})
    for happening in told.happenings:
        plan.add(0, happening, (1, 0, "event"))
    for kind, named in plan.deeds.items():
        for deeds in named.values():
            state: Any = PartState(None) if kind == "part" else STATES[kind][0](None, None)
            plan.report.add(perform(state, deeds))
            state.ledger.model_dump_json()
    orjson.dumps(list(plan.report.refused.values()), default=str)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_webhooks(data: st.DataObject) -> None:
    case = data.draw(st.sampled_from(CASES))
    body = data.draw(damaged(case["payload"]))
    shop = Shop(
        data.draw(st.sampled_from(["product", "variant", "sku"])), "EUR", "https://shop.example"
    )
    if case["shop"] == "shopify":
        _take(shopify.read(case["topic"], body, "e", data.draw(st.none() | st.text()), shop))
    else:
        _take(woocommerce.read(case["topic"], body, "e", shop))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_calls(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(SAMPLES)))
    call = {
        "type": data.draw(st.sampled_from(CALLS)), "userId": "aino", "event": name,
        "properties": SAMPLES[name], "traits": {"plan": 1, "company": {"name": "x"}},
        "context": {"locale": "et", "timezone": "Europe/Riga"}, "groupId": "g",
        "timestamp": "2024-01-01T00:00:00Z", "sentAt": "2024-01-01T00:00:00Z", "messageId": "m",
    }  # fmt: skip
    sent = data.draw(st.none() | scalars)
    _take(Reader(NOW, sent).read(data.draw(damaged(call))))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_cloud_events(data: st.DataObject) -> None:
    body = {
        "product": "p", "recipient": "r", "order": "o", "message": "m", "stock": 1, "price": None,
        "status": "shipped", "products": ["p", {"product": "q", "quantity": 2}], "cart": ["p"],
        "attributes": {"plan": 1}, "fields": {"locale": "et", "attributes": {"a": 1}},
    }  # fmt: skip
    event = {
        "specversion": "1.0", "id": "1", "source": "/s", "time": "2024-01-01T00:00:00Z",
        "type": f"dyncontent.{data.draw(st.sampled_from(sorted(TYPES)))}", "data": body,
    }  # fmt: skip
    _take(cloud_events.read(data.draw(damaged(event))))


@pytest.mark.parametrize("read", [Reader(NOW).read, cloud_events.read])
@given(body=anything)
def test_what_is_nothing_at_all_is_refused(read: Any, body: Any) -> None:
    assert isinstance(read(body), ProblemError)
