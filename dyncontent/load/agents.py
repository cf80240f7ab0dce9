"""The programs by which mails are opened, as they name themselves."""

import random
from collections.abc import Iterator, Mapping
from itertools import cycle

APPLE = "Mozilla/5.0"
"""Apple's relay, which fetches pictures when a mail arrives."""
GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
GMAIL_AHEAD = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0"
)
"""Gmail, which fetches before the mail is opened."""
PERSON = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X)"
    " AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
)
"""A mail program of a person, which fetches by itself."""
SHARES: Mapping[str, int] = {APPLE: 50, GMAIL: 28, GMAIL_AHEAD: 2, PERSON: 20}
"""Of a hundred opens. Litmus counted 41 to 53 from Apple's relay and 26 to 30 from Gmail (Email
client market share, December 2021 and March 2022); up to 6 of 100 of Gmail's come ahead."""


def mixed() -> Iterator[str]:
    """Without end; of each hundred in a row so many are of each, in an order that looks like none
    and is always the same."""
    hundred = [agent for agent, share in SHARES.items() for _ in range(share)]
    random.Random(1).shuffle(hundred)  # noqa: S311
    return cycle(hundred)
