"""People of all sorts."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st

from dyncontent.catalog.consent import Consents
from dyncontent.catalog.recipient import CartLine, Recipient
from rules.tree import Amount

_ZONES = (UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-3, minutes=-30)))
_ids = st.sampled_from(["rome", "a.b~c", "x"])
_said = st.none() | st.booleans()
_texts = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
_values = (
    st.booleans()
    | st.integers(1 - 2**63, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "gold", '\x00 Щ "', ("a", "b"), {"fi": "kulta"}])
    | st.decimals(0, 10**9, places=4).map(lambda amount: Amount(amount=amount, currency="EUR"))
)
_instants = st.datetimes(
    datetime(1, 1, 2),  # noqa: DTZ001
    datetime(9999, 12, 30),  # noqa: DTZ001
    timezones=st.sampled_from(_ZONES),
).map(lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000))
PEOPLE = st.builds(
    Recipient,
    first_name=_texts,
    locale=st.none() | st.just("fi"),
    time_zone=st.none() | st.just("Europe/Tallinn"),
    consents=st.builds(
        Consents,
        marketing=st.booleans(),
        tracking=st.booleans(),
        **dict.fromkeys(("profiling", "marketing.sms", "marketing.phone"), _said),
    ),
    cart=st.none()
    | st.lists(st.builds(CartLine, product=_ids, quantity=st.integers(1, 3))).map(tuple),
    watched=st.none() | st.lists(_ids).map(tuple),
    attributes=st.dictionaries(st.sampled_from(["city", "tier"]), _values),
    purchases=st.dictionaries(_ids, _instants),
    consented=st.dictionaries(
        st.sampled_from(["tracking", "marketing.sms"]), st.integers(0, 2**50)
    ),
    noted=st.booleans(),
    as_of=st.dictionaries(
        st.sampled_from(["", "cart", "purchases.rome", "purchases.x"]), st.integers(0, 2**50)
    ),
)
