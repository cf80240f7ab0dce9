"""What to paste into a template: a block's linked picture, for each sender.

A tagged URL is good for a whole list: the sender puts its own id of a person, or the handle that it
keeps of them, for the tag in it. It is signed for one message.

A signed URL is of one person, so that what is signed comes from fields of the person at the
sender: each holds the query of a URL, what stands behind its question mark. Host and block stand
in the template itself: where a field is empty, the server answers the fallback.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

from dyncontent.catalog.block import Block
from dyncontent.delivery.urls import Purpose, make_tagged
from dyncontent.embed.senders import SENDERS, Sender
from dyncontent.keyring import Keyring
from renderers.encode import BY_EXTENSION
from renderers.html.fragment import Format, Fragment, Hosted
from renderers.html.spec import LINKED_PICTURE
from renderers.localised import pick

_IMAGE, _CLICK = "image", "click"
_PICTURE_ALONE = Fragment(LINKED_PICTURE, lambda _: False)
_TAG = "TAG"


@dataclass(frozen=True, slots=True)
class SnippetField:
    """A field of the person at the sender, and what it holds."""

    name: str
    holds: str


@dataclass(frozen=True, slots=True)
class Snippet:
    """HTML to paste, the fields that it reads, and the sender's own tags of person and send."""

    sender: str
    name: str
    html: str
    fields: tuple[SnippetField, ...]
    recipient_tag: str | None
    message_tag: str | None
    note: str


@dataclass(frozen=True, slots=True)
class Tagging:
    """What tagged URLs are made of: who signs, for which message; whether the block `is_personal`,
    and whether the workspace says that the ids of its senders cannot be guessed."""

    keyring: Keyring
    message: str
    is_personal: bool
    ids_are_unguessable: bool

    def takes_id_of(self, sender: Sender) -> bool:
        """Whether by the sender's own id a block shows all that it can. Else it needs a handle."""
        if sender.recipient is None:
            return False
        return not self.is_personal or (self.ids_are_unguessable and not sender.guessable)

    def url(self, purpose: Purpose, name: str, block: Block, tag: str) -> str:
        """As it stands in an attribute, the tag as it is."""
        kind = BY_EXTENSION[block.type]
        made = make_tagged(self.keyring, purpose, name, _TAG, self.message, kind)
        return escape(made).replace(f"r={_TAG}", f"r={tag}")


def alt_text(block: Block, locale: str | None = None) -> str:
    """The fallback's, which is true of every variant: it shows no values."""
    return pick(block.fallback.alt, locale or block.locale)


def snippets(
    public_url: str,
    name: str,
    block: Block,
    locale: str | None = None,
    tagging: Tagging | None = None,
) -> Iterator[Snippet]:
    """One for each sender, in a language (the block's, if none is given): with tagged URLs, or else
    with fields for signed ones."""
    language = locale or block.locale
    width, height = block.size
    hosted = Hosted(f"{public_url}/I", f"{public_url}/C", alt_text(block, locale), width, height)
    written = _PICTURE_ALONE.write(lambda _: None, language, hosted, Format.HTML)
    for sender in SENDERS:
        urls, fields = (
            _tagged(sender, name, block, tagging) if tagging else _signed(sender, name, block)
        )
        html = written
        for mark, use in (("I", _IMAGE), ("C", _CLICK)):
            html = html.replace(f'"{public_url}/{mark}"', f'"{public_url}{urls[use]}"')
        yield Snippet(
            sender.id,
            sender.name,
            html,
            fields,
            sender.recipient,
            sender.message,
            sender.note,
        )


_Made = tuple[Mapping[str, str], tuple[SnippetField, ...]]
"""The path and query of each URL, as they stand in attributes, and the fields in them."""


def _tagged(sender: Sender, name: str, block: Block, tagging: Tagging) -> _Made:
    fields: tuple[SnippetField, ...] = ()
    tag = sender.recipient
    if tag is None or not tagging.takes_id_of(sender):
        tag = sender.tag(sender.handle_field)
        fields = (SnippetField(sender.handle_field, "the person's handle"),)
    purposes = {_IMAGE: Purpose.PICTURE, _CLICK: Purpose.CLICK}
    return {use: tagging.url(one, name, block, tag) for use, one in purposes.items()}, fields


def _signed(sender: Sender, name: str, block: Block) -> _Made:
    paths = {_IMAGE: f"/i/{name}.{block.type}", _CLICK: f"/c/{name}"}
    urls = {use: f"{path}?{_query(sender, name, use)}" for use, path in paths.items()}
    return urls, tuple(_fields(sender, name))


def _query(sender: Sender, block: str, use: str) -> str:
    tag = sender.tag(sender.field_name(block, use))
    if not sender.encodes:
        return tag
    message, key = (sender.tag(sender.field_name(block, part)) for part in ("message", "key"))
    return f"r={sender.recipient}&amp;m={message}&amp;v={key}&amp;k={tag}"


def _fields(sender: Sender, block: str) -> Iterator[SnippetField]:
    if sender.encodes:
        yield SnippetField(sender.field_name(block, "message"), "m of both URLs")
        yield SnippetField(sender.field_name(block, "key"), "v of both URLs")
    for use in (_IMAGE, _CLICK):
        part = "k" if sender.encodes else "all behind the question mark"
        yield SnippetField(sender.field_name(block, use), f"{part} of {use}")
