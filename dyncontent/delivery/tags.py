"""Merge tags of senders: how each sender writes a value of a person into a mail, and how a tag that
nobody filled is known again in a URL. Pure."""

import html
import re
from collections.abc import Iterator
from urllib.parse import unquote_plus

TAG = re.compile(
    r"\*\|[^|\s]{1,100}\|\*"
    r"|\{{2,3}(?:[^<>\"{}]|\$\{\w+\}){1,200}?\}{2,3}"
    r"|%%[^%\s\"]{1,100}%%"
    r"|\{(?:contact|lead|owner)field=[^}\s]{1,100}\}"
    r"|\{\$[A-Za-z_][A-Za-z0-9_]{0,99}\}"
    r"|%[A-Z][A-Z0-9_]{3,99}%"
)
"""A merge tag of any sender. Of names in single per cent signs only those of four letters and more:
shorter ones are percent-encoded characters."""

WRITABLE = r"^[ !$%'-~]{1,200}$"
"""What may stand in a URL in the place of a recipient: a tag of any sender, or of a template engine
of one's own, if it takes nothing of the URL around it."""

_TRIAL = re.compile(r"\[[A-Z][A-Z0-9_]{2,63}\]|__test_email__")
"""What Mailchimp writes for a tag of its own in a mail that goes out as a trial."""

_CURLY = frozenset(
    (
        "klaviyo",
        "braze",
        "hubspot",
        "customerio",
        "listmonk",
        "brevo",
        "sendgrid",
        "kit",
        "drip",
        "beehiiv",
    )
)
_MAILCHIMP = frozenset(("mailchimp",))
_BY_OPENING = (
    ("*|", _MAILCHIMP),
    ("[", _MAILCHIMP),
    ("__", _MAILCHIMP),
    ("%%", frozenset(("salesforce",))),
    ("{$", frozenset(("mailerlite",))),
    ("%", frozenset(("activecampaign",))),
)
_BY_FIRST_WORD = (
    (re.compile(r"(?:contact|lead|owner)field="), frozenset(("mautic",))),
    (re.compile(r"\."), frozenset(("listmonk",))),
    (re.compile(r"\$\{|custom_attribute\."), frozenset(("braze",))),
    (re.compile(r"person\b"), frozenset(("klaviyo", "sendgrid"))),
    (re.compile(r"contact\b"), frozenset(("hubspot", "brevo", "sendgrid"))),
    (re.compile(r"customer\b"), frozenset(("customerio", "sendgrid"))),
    (re.compile(r"subscriber\."), frozenset(("kit", "drip", "sendgrid"))),
)
_MOST_ENCODED = 2
"""How often an address may have been percent-encoded on its way."""


def senders_of(tag: str) -> frozenset[str]:
    """The ids of the senders that could fill a tag."""
    for opening, ids in _BY_OPENING:
        if tag.startswith(opening):
            return ids
    content = tag.lstrip("{").lstrip()
    return next((ids for word, ids in _BY_FIRST_WORD if word.match(content)), _CURLY)


def unrendered(text: str) -> str | None:
    """The merge tag that stands in a part of a URL as no sender left it to: as it is, or escaped
    for HTML, or percent-encoded once or twice. None if there is none."""
    for form in reversed([*_forms(text)]):
        if found := TAG.search(form) or _TRIAL.search(form):
            return found.group()
    return None


def _forms(text: str) -> Iterator[str]:
    """A text as it came, and as it was before it was encoded."""
    for _ in range(_MOST_ENCODED + 1):
        text = html.unescape(text)
        yield text
        text = unquote_plus(text)
