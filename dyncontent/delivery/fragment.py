"""The block as a fragment of HTML, for view-in-browser pages: its picture and its link."""

from dyncontent.delivery import facts
from dyncontent.delivery.faults import Fault
from dyncontent.delivery.reply import Reply
from dyncontent.delivery.showing import choose
from dyncontent.delivery.urls import Address, Purpose, make
from dyncontent.delivery.visit import Visit, within_budget
from dyncontent.keyring import Keyring
from dyncontent.store.store import Store
from renderers.encode import BY_EXTENSION, ImageType
from renderers.html import linked_picture

_MEDIA_TYPE = "text/html; charset=utf-8"


class Fragments:
    def __init__(self, store: Store, keyring: Keyring, public_url: str) -> None:
        self._store = store
        self._keyring = keyring
        self._public_url = public_url

    async def answer(self, visit: Visit) -> Reply:
        """200 with the fragment; of a block about which nothing is known an empty one."""
        html = await within_budget(visit, self._html(visit))
        return nothing() if isinstance(html, Fault) else Reply(200, _MEDIA_TYPE, html.encode())

    async def _html(self, visit: Visit) -> str:
        address = visit.address
        situation = await facts.asked_situation(self._store, visit)
        _, showing = choose(situation)
        block = situation.block.block
        width, height = block.size
        kind = BY_EXTENSION[block.type]
        return linked_picture(
            self._url(Purpose.PICTURE, address, kind),
            self._url(Purpose.CLICK, address, kind),
            showing.alt,
            width,
            height,
        )

    def _url(self, purpose: Purpose, address: Address, kind: ImageType) -> str:
        return self._public_url + make(
            self._keyring, purpose, address.block, address.recipient, address.message, kind
        )


def nothing() -> Reply:
    """An empty fragment."""
    return Reply(200, _MEDIA_TYPE, b"")
