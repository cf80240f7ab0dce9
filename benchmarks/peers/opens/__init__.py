"""Who answers opens beside us: the same request for the same block, decided by the same facts in
the same store, with the same event and the same picture.

Each module has a context manager that starts one, in one process that works. None has what keeps
our picture whole where something fails, none counts what it does, and none keeps receipts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dyncontent.keyring import Secret


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG as our server answered it."""

    data: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class Variant:
    """Sells a product, to whose address a click leads. `pictures` are by the person's first name,
    empty for one that is not known."""

    id: str
    product: str
    pictures: Mapping[str, Picture]


@dataclass(frozen=True, slots=True)
class Given:
    """What a peer is given: a store that our server fills, `prefix` of its keys, the `secret` that
    signs URLs, and a published block of marketing. Of its variants the first is shown whose product
    is in stock and not bought. Addresses of offers begin with `links`."""

    store_url: str
    prefix: str
    secret: Secret
    block: str
    version: int
    variants: Sequence[Variant]
    fallback: Picture
    fallback_link: str
    links: str


@dataclass(frozen=True, slots=True)
class Peer:
    """One that runs, with the processes that serve."""

    name: str
    base_url: str
    pids: Sequence[int]
