"""What to paste into a template: a block's linked picture, for each sender.

A signed URL is of one person, so that what is signed comes from fields of the person at the
sender: each holds the query of a URL, what stands behind its question mark. Host and block stand
in the template itself: where a field is empty, the server answers the fallback.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from dyncontent.catalog.block import Block
from dyncontent.embed.senders import SENDERS, Sender
from renderers.html.fragment import Format, Fragment, Hosted
from renderers.html.spec import LINKED_PICTURE
from renderers.localised import pick

_IMAGE, _CLICK = "image", "click"
_PICTURE_ALONE = Fragment(LINKED_PICTURE, lambda _: False)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the person at the sender, and what it holds of an answer of `POST /links`."""

    name: str
    holds: str


@dataclass(frozen=True, slots=True)
class Snippet:
    """HTML to paste, the fields that it reads, and the sender's own tags of person and send."""

    sender: str
    name: str
    html: str
    fields: tuple[Field, ...]
    recipient_tag: str | None
    message_tag: str | None
    note: str


def alt_text(block: Block, locale: str | None = None) -> str:
    """The fallback's, which is true of every variant: it shows no values."""
    return pick(block.fallback.alt, locale or block.locale)


def snippets(
    public_url: str, name: str, block: Block, locale: str | None = None
) -> Iterator[Snippet]:
    """One for each sender, in a language (the block's, if none is given)."""
    language = locale or block.locale
    width, height = block.size
    image, click = f"{public_url}/i/{name}.{block.type}?", f"{public_url}/c/{name}?"
    hosted = Hosted(f"{image}I", f"{click}C", alt_text(block, locale), width, height)
    written = _PICTURE_ALONE.write(lambda _: None, language, hosted, Format.HTML)
    for sender in SENDERS:
        html = written
        for address, mark, use in ((image, "I", _IMAGE), (click, "C", _CLICK)):
            html = html.replace(f'"{address}{mark}"', f'"{address}{_query(sender, name, use)}"')
        yield Snippet(
            sender.id,
            sender.name,
            html,
            tuple(_fields(sender, name)),
            sender.recipient,
            sender.message,
            sender.note,
        )


def _query(sender: Sender, block: str, use: str) -> str:
    tag = sender.tag(sender.field_name(block, use))
    if not sender.encodes:
        return tag
    message, key = (sender.tag(sender.field_name(block, part)) for part in ("message", "key"))
    return f"r={sender.recipient}&amp;m={message}&amp;v={key}&amp;k={tag}"


def _fields(sender: Sender, block: str) -> Iterator[Field]:
    if sender.encodes:
        yield Field(sender.field_name(block, "message"), "m of both URLs")
        yield Field(sender.field_name(block, "key"), "v of both URLs")
    for use in (_IMAGE, _CLICK):
        part = "k" if sender.encodes else "all behind the question mark"
        yield Field(sender.field_name(block, use), f"{part} of {use}")
