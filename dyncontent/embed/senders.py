"""The senders of emails, and how each writes a value of a person into a mail: its merge tags.

The forms of ids are those of the senders' documentation, November 2026; those of a field of one's
own follow each sender's way to write ids, and were not tried with an account.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from dyncontent.delivery.tags import TAG, senders_of

_FIRST_DIGIT = re.compile(r"^(?=\d)")
_NOT_OF_NAMES = re.compile(r"[^A-Za-z0-9_]")

PLACEHOLDER = "FIELD-OF-"
"""Stands where a person must write the tag, for a sender whose tags are not known."""


@dataclass(frozen=True, slots=True)
class Sender:
    """`field` is the tag of a field of the name NAME, `recipient` and `message` the tags of the
    sender's own ids of a person and a send, where it has them. `guessable` tells that its ids of
    persons are known to be short, numbers, or made one after the other. `encodes` tells that it
    percent-encodes `=` and `&` in a value that stands in an address."""

    id: str
    name: str
    field: str
    recipient: str | None = None
    message: str | None = None
    note: str = ""
    capitals: bool = False
    longest: int = 64
    encodes: bool = False
    guessable: bool = False

    def field_name(self, block: str, use: str) -> str:
        """A name that this sender allows, for a use (`image`, `click`, ...) of a block."""
        name = _FIRST_DIGIT.sub("b", _NOT_OF_NAMES.sub("_", block))
        suffix = f"_{use}" if self.longest > len(use) + 8 else f"_{use[0]}"
        whole = name[: self.longest - len(suffix)] + suffix
        return whole.upper() if self.capitals else whole

    @property
    def handle_field(self) -> str:
        """A name that this sender allows, for the field that holds a person's handle."""
        name = "dyncontent_id" if self.longest > len("dyncontent_id") else "dync_id"
        return name.upper() if self.capitals else name

    def tag(self, name: str) -> str:
        return self.field.replace("NAME", name)


_NO_ID = "It has no tag for an id of its own."

SENDERS = (
    Sender(
        "mailchimp",
        "Mailchimp",
        "*|NAME|*",
        "*|UNIQID|*",
        "*|CAMPAIGN_UID|*",
        "Tags of fields have at most 10 characters: give another where two blocks have the same.",
        capitals=True,
        longest=10,
        guessable=True,
    ),
    Sender(
        "klaviyo",
        "Klaviyo",
        "{{ person|lookup:'NAME' }}",
        "{{ person.KlaviyoID }}",
        note="{{ person.id }} is your own id of the person. Its ids of six characters, which older"
        " profiles have, can be guessed.",
    ),
    Sender(
        "braze",
        "Braze",
        "{{custom_attribute.${NAME}}}",
        "{{${braze_id}}}",
        note="{{${user_id}}} is your own id of the person.",
        guessable=True,
    ),
    Sender(
        "salesforce",
        "Salesforce Marketing Cloud",
        "%%NAME%%",
        "%%subscriberid%%",
        "%%jobid%%",
        "%%_subscriberkey%% is your own id of the person. The fields are columns of the data"
        " extension that is sent to. A link of variables that it is to track needs RedirectTo().",
        guessable=True,
    ),
    Sender(
        "hubspot",
        "HubSpot",
        "{{ contact.NAME }}",
        "{{ contact.hs_object_id }}",
        note="It appends _hsenc and _hsmi to links, which are not read.",
        guessable=True,
    ),
    Sender(
        "customerio",
        "Customer.io",
        "{{customer.NAME}}",
        "{{customer.id}}",
        note="{{customer.id}} is your own id of the person, {{customer.cio_id}} its own. Test sends"
        ' arrive with the tags as they are, and get the fallback. class="untracked" on the link'
        " keeps it from being rewritten.",
    ),
    Sender(
        "listmonk",
        "listmonk",
        "{{ .Subscriber.Attribs.NAME }}",
        "{{ .Subscriber.UUID }}",
        "{{ .Campaign.UUID }}",
        "It encodes = and & of a value in an address, so each part of the query is an attribute.",
        encodes=True,
    ),
    Sender("mautic", "Mautic", "{contactfield=NAME}", "{contactfield=id}", guessable=True),
    Sender(
        "activecampaign",
        "ActiveCampaign",
        "%NAME%",
        "%CONTACTID%",
        note="%SUBSCRIBERID% is an older name of the id.",
        capitals=True,
        guessable=True,
    ),
    Sender("brevo", "Brevo", "{{ contact.NAME }}", note=_NO_ID, capitals=True),
    Sender("mailerlite", "MailerLite", "{$NAME}", note=_NO_ID),
    Sender(
        "sendgrid",
        "SendGrid",
        "{{{NAME}}}",
        note=f"{_NO_ID} The fields are of the send's own data.",
    ),
    Sender("kit", "Kit", "{{ subscriber.NAME }}", "{{ subscriber.id }}", guessable=True),
    Sender("drip", "Drip", "{{ subscriber.NAME }}", "{{ subscriber.id }}"),
    Sender("beehiiv", "beehiiv", "{{NAME}}", "{{subscriber_id}}"),
    Sender(
        "smaily",
        "Smaily",
        f"{PLACEHOLDER}NAME",
        note=f"Its tags are not known here: write that of your field for {PLACEHOLDER}…",
    ),
)
BY_ID = {sender.id: sender for sender in SENDERS}


def sender_of(tags: Iterable[str]) -> frozenset[str]:
    """The ids of the senders that could fill most of these tags; none without any."""
    counts: dict[str, int] = {}
    for tag in tags:
        for id in senders_of(tag):
            counts[id] = counts.get(id, 0) + 1
    most = max(counts.values(), default=0)
    return frozenset(id for id, count in counts.items() if count == most)


def encoded_tag(address: str) -> str | None:
    """The first merge tag that stands percent-encoded in an address, as no sender knows it."""
    if found := TAG.search(unquote(TAG.sub("", address))):
        return found.group()
    return None
