"""The block as a fragment of HTML, for view-in-browser pages, AMP, and senders that fetch it when
they send: its text, its picture and its link."""

from urllib.parse import urlsplit

from dyncontent.delivery import facts
from dyncontent.delivery.faults import Fault
from dyncontent.delivery.record import Outcome, remembered
from dyncontent.delivery.reply import Header, Reply
from dyncontent.delivery.showing import choose
from dyncontent.delivery.traces import leave_unasked
from dyncontent.delivery.urls import Address, Purpose, make, make_tagged
from dyncontent.delivery.visit import Visit, within_budget
from dyncontent.keyring import Keyring
from dyncontent.store.store import Store
from renderers.encode import BY_EXTENSION, ImageType

_MEDIA_TYPE = "text/html; charset=utf-8"


class Fragments:
    def __init__(self, store: Store, keyring: Keyring, public_url: str) -> None:
        self._store = store
        self._keyring = keyring
        self._public_url = public_url
        origin = urlsplit(public_url)
        self._policy = _policy(f"{origin.scheme}://{origin.netloc}")

    async def answer(self, visit: Visit) -> Reply:
        """200 with the fragment; of a block about which nothing is known an empty one."""
        html = await within_budget(visit, self._html(visit))
        if isinstance(html, Fault):
            return nothing()
        return Reply(200, _MEDIA_TYPE, html.encode(), (self._policy,))

    async def _html(self, visit: Visit) -> str:
        address = visit.address
        situation = await facts.asked_situation(self._store, visit)
        decision, showing = choose(situation)
        kind = BY_EXTENSION[situation.block.block.type]
        html = showing.html(
            self._url(Purpose.PICTURE, address, kind),
            self._url(Purpose.CLICK, address, kind),
            address.form,
        )
        if showing.variant.is_written and situation.known and not visit.is_head:
            # What it tells is seen also where no picture is asked for, and the click follows it.
            outcome = Outcome.of(decision, situation)
            shown = remembered(self._store.keys, address, outcome)
            leave_unasked(self._store, situation.proof, shown)
        return html

    def _url(self, purpose: Purpose, address: Address, kind: ImageType) -> str:
        """Of the same kind as the address."""
        write = make_tagged if address.named else make
        named = address.named or address.recipient
        return self._public_url + write(
            self._keyring, purpose, address.block, named, address.message, kind
        )


def nothing() -> Reply:
    """An empty fragment."""
    return Reply(200, _MEDIA_TYPE, b"", (_policy("'none'"),))


def _policy(pictures: str) -> Header:
    """What a browser may do with a fragment, wherever it is framed: show its text and pictures of
    this server, and follow its links in a window of their own. It runs no script, sends no form,
    and is of no origin, so that it would find nothing of this server's even if it could."""
    rules = (
        "default-src 'none'",
        f"img-src {pictures}",
        "style-src 'unsafe-inline'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors *",
        "sandbox allow-popups allow-popups-to-escape-sandbox",
    )
    return b"content-security-policy", "; ".join(rules).encode()
