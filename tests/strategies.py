"""What hypothesis makes up: ids as the control plane takes them, and free text."""

from hypothesis import strategies as st

from dyncontent.catalog.model import BLOCK_ID
from rules.facts import ID

ids = st.from_regex(ID, fullmatch=True)
block_ids = st.from_regex(BLOCK_ID, fullmatch=True)
close_ids = st.text("a1.~_-", max_size=3).map(lambda rest: f"a{rest}")
"""Ids that are much alike."""
amounts = st.decimals(min_value=0, max_value=10**9, places=2)
