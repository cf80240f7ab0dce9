"""What is wrong with the references to hosted blocks in an email, before it is sent."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from dyncontent.catalog.model import block_id_matches
from dyncontent.delivery.faults import Fault
from dyncontent.delivery.handles import is_handle
from dyncontent.delivery.tags import TAG, senders_of
from dyncontent.delivery.urls import may_be_unguessable
from dyncontent.embed.references import Finder, Reference, Url
from dyncontent.embed.senders import BY_ID, PLACEHOLDER, SENDERS, encoded_tag, sender_of
from dyncontent.embed.sources import Position, Text
from renderers.encode import BY_EXTENSION

LONG_HTML, CLIPPED_HTML = 85_000, 102_000
"""Bytes. Gmail shows about 102 kB of a mail's HTML; links that a sender rewrites get longer."""

_LONGEST_SHOWN = 120
_LOCAL = ("localhost", "127.0.0.1", "::1")
_ANYBODY = "0"
"""Stands for what a sender fills in: the signature of a tagged URL is good for all."""
_NAMES = {"i": "picture", "c": "click", "h": "HTML"}


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


class Code(StrEnum):
    ALT_EMPTY = "alt-empty"
    ALT_MISSING = "alt-missing"
    BLOCK_MARKETING = "block-marketing"
    BLOCK_UNKNOWN = "block-unknown"
    BLOCK_UNPUBLISHED = "block-unpublished"
    HTML_CLIPPED = "html-clipped"
    HTML_LONG = "html-long"
    ID_GUESSABLE = "id-guessable"
    INSECURE = "insecure"
    LINK_ELSEWHERE = "link-elsewhere"
    LINK_MISSING = "link-missing"
    LINK_OTHER_BLOCK = "link-other-block"
    LINK_OTHER_PERSON = "link-other-person"
    LINK_SAME_SIGNATURE = "link-same-signature"
    NO_PICTURE = "no-picture"
    PLACEHOLDER_LEFT = "placeholder-left"
    SIGNATURE_OF_ONE = "signature-of-one"
    SIGNATURE_OVER_TAG = "signature-over-tag"
    SIGNATURE_WRONG = "signature-wrong"
    SIZE_MISSING = "size-missing"
    SIZE_OTHER = "size-other"
    TAG_ENCODED = "tag-encoded"
    TAG_FOREIGN = "tag-foreign"
    TAG_UNRENDERED = "tag-unrendered"
    TYPE_OTHER = "type-other"
    URL_BROKEN = "url-broken"


WARNINGS = frozenset(
    (
        Code.HTML_LONG,
        Code.ID_GUESSABLE,
        Code.LINK_MISSING,
        Code.SIGNATURE_OF_ONE,
        Code.TAG_UNRENDERED,
        Code.TYPE_OTHER,
    )
)
"""What is no error."""


@dataclass(frozen=True, slots=True)
class Finding:
    """At a line and column of the file, both from 1: what is wrong, and what would be right."""

    line: int
    column: int
    severity: Severity
    code: Code
    message: str


@dataclass(frozen=True, slots=True)
class Known:
    """What a template must agree with of a block; the size is in CSS pixels."""

    is_published: bool
    is_marketing: bool
    is_personal: bool
    type: str
    width: int
    height: int


Verify = Callable[[str, bytes], Fault | None]
"""What is wrong with a path and query of this server's (see delivery.urls.read)."""


@dataclass(frozen=True, slots=True)
class Email:
    """The texts of a template or, where `is_finished`, of a mail that was made for one person.
    `class_` is the message's, None if it is not known, `sender` the id of who sends it, None to
    tell it from the tags."""

    texts: Sequence[Text]
    is_finished: bool
    class_: str | None = None
    sender: str | None = None


def block_names(finder: Finder, email: Email) -> set[str]:
    """The ids of the blocks that an email refers to, known or not."""
    names = (one.url.block for text in email.texts for one in finder.references(text))
    return {name for name in names if block_id_matches(name)}


def lint(
    email: Email,
    finder: Finder,
    blocks: Mapping[str, Known],
    verify: Verify,
    *,
    ids_are_unguessable: bool = False,
) -> list[Finding]:
    """Sorted by place. `blocks` are the known ones among `block_names`; `ids_are_unguessable` is
    what the workspace says of the ids that senders put into tagged URLs."""
    tags = (tag for text in email.texts for tag in TAG.findall(text.content))
    senders = frozenset((email.sender,)) if email.sender else sender_of(tags)
    judge = _Judge(email, finder, blocks, verify, ids_are_unguessable, senders)
    findings = []
    for text in email.texts:
        findings += [_finding((1, 1), told) for told in _length(text)]
        for reference in finder.references(text):
            position = text.position(reference.offset)
            findings += [_finding(position, told) for told in judge.of(reference)]
    findings.sort(key=lambda one: (one.line, one.column, one.severity, one.code))
    return findings


class Told(NamedTuple):
    code: Code
    message: str


def _finding(position: Position, told: Told) -> Finding:
    severity = Severity.WARNING if told.code in WARNINGS else Severity.ERROR
    return Finding(*position, severity, told.code, told.message)


def _length(text: Text) -> Iterator[Told]:
    length = len(text.content.encode("utf-8", "surrogateescape"))
    if not text.is_html or length <= LONG_HTML:
        return
    size = f"the HTML has {length / 1000:.0f} kB"
    if length > CLIPPED_HTML:
        yield Told(Code.HTML_CLIPPED, f"{size}: Gmail clips it at about 102 kB. Make it shorter")
    else:
        yield Told(
            Code.HTML_LONG,
            f"{size}: Gmail clips it at about 102 kB, and links get longer when they are sent",
        )


@dataclass(frozen=True, slots=True)
class _Judge:
    email: Email
    finder: Finder
    blocks: Mapping[str, Known]
    verify: Verify
    ids_are_unguessable: bool
    senders: frozenset[str]

    def of(self, reference: Reference) -> Iterator[Told]:
        url = reference.url
        yield from self._address(url)
        yield from self._tags(url)
        block = self.blocks.get(url.block)
        if block is None:
            yield Told(
                Code.BLOCK_UNKNOWN,
                f"there is no block {_shown(url.block)!r} on this server: create it, or mend its"
                " name",
            )
        else:
            yield from self._block(url, block)
        if reference.role == "image":
            yield from self._image(reference, block)

    def _address(self, url: Url) -> Iterator[Told]:
        if url.scheme != "https" and url.host not in _LOCAL:
            yield Told(
                Code.INSECURE,
                f"the address begins with {url.scheme + ':' if url.scheme else ''}//: mail clients"
                " show and follow https:// alone",
            )
        if PLACEHOLDER in url.query:
            yield Told(
                Code.PLACEHOLDER_LEFT,
                f"{PLACEHOLDER}… is a placeholder: write the tag of your field for it",
            )
        elif url.purpose == "i" and url.extension not in BY_EXTENSION:
            types = ", ".join(f".{extension}" for extension in BY_EXTENSION)
            yield Told(
                Code.URL_BROKEN,
                f"{_shown(url.path)} is no picture of this server: it ends in one of {types}",
            )
        elif not url.field and not encoded_tag(url.query):
            yield from self._signature(url)

    def _signature(self, url: Url) -> Iterator[Told]:
        if url.is_tagged:
            yield from self._tagged(url)
            return
        absent = [name for name in "rmvk" if not url.given.get(name)]
        if absent:
            yield Told(
                Code.URL_BROKEN,
                f"the {_NAMES[url.purpose]} URL lacks {', '.join(absent)}: take the snippet of the"
                " block, or a URL of POST /api/v1/links",
            )
            return
        if TAG.search(url.given["k"]):
            return
        if TAG.search("".join(url.given[name] for name in "rmv")):
            yield Told(
                Code.SIGNATURE_OVER_TAG,
                "k is the signature of one person, but r, m or v is a tag: take the snippet of the"
                " block for a message, whose signature t is for a whole list",
            )
            return
        fault = self.verify(url.path, url.query.encode("utf-8", "replace"))
        if fault:
            yield _faulty(url, fault)
        elif not self.email.is_finished:
            yield _of_one(url)

    def _tagged(self, url: Url) -> Iterator[Told]:
        absent = [name for name in "rmv" if not url.given.get(name)]
        if absent:
            yield Told(
                Code.URL_BROKEN,
                f"the tagged {_NAMES[url.purpose]} URL lacks {', '.join(absent)}: take the snippet"
                " of the block for a message",
            )
            return
        if TAG.search("".join(url.given[name] for name in "mvt")):
            yield Told(
                Code.SIGNATURE_OVER_TAG,
                "m, v or t is a tag, but t is the signature of one message: only r may be a tag."
                " Take the snippet of the block for this message",
            )
            return
        named = url.given["r"]
        is_tag = TAG.fullmatch(named) is not None
        covered = "&".join(f"{name}={url.given[name]}" for name in "mvt")
        query = f"r={_ANYBODY if is_tag else named}&{covered}"
        if fault := self.verify(url.path, query.encode("utf-8", "replace")):
            yield _faulty(url, fault)
            return
        if not is_tag and not self.email.is_finished:
            yield _of_one(url)
        block = self.blocks.get(url.block)
        if block is not None and block.is_personal and self._is_guessable(named):
            yield Told(
                Code.ID_GUESSABLE,
                f"the block {url.block} is personal, and {_shown(named)} is an id that could be"
                " guessed, so that everybody gets what needs no person: take a field with the"
                " person's handle, as the snippet of the block does",
            )

    def _is_guessable(self, named: str) -> bool:
        """Whether an id, or the tag of a sender's own id, is one that names nobody for certain."""
        if TAG.fullmatch(named):
            of = [one for one in SENDERS if one.recipient and _same(one.recipient, named)]
            return bool(of) and (not self.ids_are_unguessable or all(one.guessable for one in of))
        if is_handle(named):
            return False
        return not (self.ids_are_unguessable and may_be_unguessable(named))

    def _tags(self, url: Url) -> Iterator[Told]:
        for tag in url.tags:
            if self.email.is_finished:
                yield Told(
                    Code.TAG_UNRENDERED,
                    f"{_shown(tag)} was not filled: if this mail goes out so, everybody gets the"
                    " fallback. Write it as the snippet for the sender of this mail has it",
                )
            if self.senders and not senders_of(tag) & self.senders:
                names = " or ".join(sorted(BY_ID[id].name for id in self.senders))
                yield Told(
                    Code.TAG_FOREIGN,
                    f"{_shown(tag)} is no tag of {names}, which sends this mail: take the snippet"
                    " for that sender",
                )
        if encoded := encoded_tag(url.query):
            yield Told(
                Code.TAG_ENCODED,
                f"the tag {_shown(encoded)} stands here percent-encoded, and no sender fills it:"
                " write it as it is, in the HTML and not in a dialog for links",
            )

    def _block(self, url: Url, block: Known) -> Iterator[Told]:
        if not block.is_published:
            yield Told(
                Code.BLOCK_UNPUBLISHED,
                f"the block {url.block} was never published: publish it before the send",
            )
        if block.is_marketing and self.email.class_ == "transactional":
            yield Told(
                Code.BLOCK_MARKETING,
                f"the block {url.block} is marketing, and this mail is transactional: it would"
                " show the fallback alone. Take a transactional block",
            )
        kind = BY_EXTENSION.get(url.extension) if url.purpose == "i" else None
        if kind is not None and kind != block.type:
            yield Told(
                Code.TYPE_OTHER,
                f"the picture is asked for as {url.extension}, the block {url.block} is made for"
                f" {block.type}: write {url.block}.{block.type}",
            )

    def _image(self, reference: Reference, block: Known | None) -> Iterator[Told]:
        url = reference.url
        if url.purpose != "i":
            yield Told(
                Code.NO_PICTURE,
                f"{_shown(url.path)} is no picture: an image has /i/{_shown(url.block)} and its"
                " type",
            )
            return
        if block is not None:
            yield from _size(reference, block)
        yield from _alt(reference)
        yield from self._link(reference)

    def _link(self, reference: Reference) -> Iterator[Told]:
        url = reference.url
        right = f"/c/{_shown(url.block)}"
        if reference.link is None:
            yield Told(
                Code.LINK_MISSING,
                f"no link is around the picture: put it into a link to {right}, which follows what"
                " the picture shows",
            )
            return
        link = self.finder.url(reference.link)
        if link is None or link.purpose != "c":
            yield Told(
                Code.LINK_ELSEWHERE,
                f"the picture is linked to {_shown(reference.link)}, which does not follow what it"
                f" shows: link it to {right}",
            )
            return
        if link.block != url.block:
            yield Told(
                Code.LINK_OTHER_BLOCK,
                f"the picture is of the block {_shown(url.block)}, its link of"
                f" {_shown(link.block)}: link it to {right}",
            )
            return
        yield from _same_person(url, link)


def _same(tag: str, other: str) -> bool:
    return tag.replace(" ", "") == other.replace(" ", "")


def _faulty(url: Url, fault: Fault) -> Told:
    if fault is Fault.BAD_SIGNATURE:
        return Told(
            Code.SIGNATURE_WRONG,
            f"the signature is not of this {_NAMES[url.purpose]} URL, or the key"
            f" {_shown(url.given['v'])} is gone: make the URL anew with POST /api/v1/links",
        )
    return Told(
        Code.URL_BROKEN,
        f"{_shown(url.path)} with r={_shown(url.given['r'])} and m={_shown(url.given['m'])}"
        " is no URL of this server: make it anew with POST /api/v1/links",
    )


def _of_one(url: Url) -> Told:
    return Told(
        Code.SIGNATURE_OF_ONE,
        f"everybody gets the {_NAMES[url.purpose]} of the recipient {_shown(url.given['r'])}: in a"
        " template a tag of the sender stands there, as in the snippet of the block",
    )


def _same_person(url: Url, link: Url) -> Iterator[Told]:
    if bool(url.field) != bool(link.field):
        return  # each is judged where it stands; what the field holds is not known here
    differing = [name for name in "rm" if url.given.get(name) != link.given.get(name)]
    if differing:
        name = differing[0]
        yield Told(
            Code.LINK_OTHER_PERSON,
            f"{name} is {_shown(url.given.get(name, ''))!r} in the picture and"
            f" {_shown(link.given.get(name, ''))!r} in its link: both are of the same recipient and"
            " message",
        )
    signed = url.field or url.signature
    if signed and signed == (link.field or link.signature):
        yield Told(
            Code.LINK_SAME_SIGNATURE,
            f"picture and link have the same {_shown(signed)}: each has a signature of its own, so"
            " that the link needs a field of its own",
        )


def _size(reference: Reference, block: Known) -> Iterator[Told]:
    for name, right in (("width", block.width), ("height", block.height)):
        value = (reference.attributes.get(name) or "").strip()
        if not value:
            yield Told(
                Code.SIZE_MISSING,
                f'the image has no {name}: write {name}="{right}", as Outlook needs it',
            )
        elif value.removesuffix("px") != str(right):
            yield Told(
                Code.SIZE_OTHER,
                f'the image has {name}="{_shown(value)}", the block {name}="{right}": Outlook'
                " would stretch the picture",
            )


def _alt(reference: Reference) -> Iterator[Told]:
    alt = reference.attributes.get("alt", None)
    if "alt" not in reference.attributes:
        yield Told(
            Code.ALT_MISSING,
            "the image has no alt: write what is true whatever is shown, as the fallback's text",
        )
    elif not (alt or "").strip():
        yield Told(
            Code.ALT_EMPTY,
            "the image has an empty alt: write what is true whatever is shown, as the fallback's"
            " text",
        )


def _shown(text: str) -> str:
    """A part of the file in a message: short, and without what is no character."""
    clean = text.encode("utf-8", "replace").decode()
    return clean if len(clean) <= _LONGEST_SHOWN else f"{clean[:_LONGEST_SHOWN]}…"


def failed(findings: Iterable[Finding]) -> bool:
    """Whether one of them is an error."""
    return any(one.severity is Severity.ERROR for one in findings)
