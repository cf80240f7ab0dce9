"""The names of everything in the store.

What is in the catalogue shares one hash slot, so that a change, its indexes and its line in the
change log are written as one, on a cluster too. What belongs to one person is spread over the
slots.
"""

import hashlib
import hmac
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Keys:
    """Key names under a prefix, by which several deployments share a store."""

    prefix: str

    def _catalogue(self, kind: str, name: str) -> str:
        return f"{{{self.prefix}}}:{kind}:{name}"

    @property
    def changes(self) -> str:
        """Stream: the names of changed catalogue keys, in order."""
        return f"{{{self.prefix}}}:changes"

    def draft(self, block: str) -> str:
        """JSON: the draft of a block, how many versions were published, whether it is archived."""
        return self._catalogue("draft", block)

    @property
    def drafts(self) -> str:
        """Sorted set, all of one score: the ids of all blocks, in the order of their letters."""
        return f"{{{self.prefix}}}:drafts"

    @property
    def blocks(self) -> str:
        """Set: the ids of the published blocks."""
        return f"{{{self.prefix}}}:blocks"

    def live(self, block: str) -> str:
        """JSON: the published version of a block with its number, and whether it is archived."""
        return self._catalogue("live", block)

    def live_block(self, key: str) -> str | None:
        """The block whose published version is under `key`, None if it is another key."""
        beginning = self.live("")
        return key.removeprefix(beginning) if key.startswith(beginning) else None

    def version(self, block: str, number: int) -> str:
        """JSON: one published version, which never changes."""
        return self._catalogue("version", f"{block}:{number}")

    def publications(self, block: str) -> str:
        """Hash: for each number of a version the JSON of when it was published, and its note."""
        return self._catalogue("publications", block)

    def product(self, product: str) -> str:
        """JSON."""
        return self._catalogue("product", product)

    @property
    def products(self) -> str:
        """Sorted set, all of one score: the ids of all products."""
        return f"{{{self.prefix}}}:products"

    @property
    def messages(self) -> str:
        """Sorted set, all of one score: the ids of all messages."""
        return f"{{{self.prefix}}}:messages"

    def orders(self, part: int) -> str:
        """Sorted set, all of one score: the ids of a part of the orders."""
        return f"{self.prefix}:orders:{part}"

    def recipients(self, part: int) -> str:
        """Sorted set, all of one score: the ids of a part of the recipients."""
        return f"{self.prefix}:recipients:{part}"

    @property
    def pictures(self) -> str:
        """Sorted set, all of one score: the ids of the uploaded pictures."""
        return f"{self.prefix}:pictures"

    def category(self, category: str, currency: str) -> str:
        """Sorted set: the products of a category by price."""
        return self._catalogue("category", f"{currency}:{category}")

    def message(self, message: str) -> str:
        """JSON."""
        return self._catalogue("message", message)

    @property
    def attributes(self) -> str:
        """JSON: the types of the attributes that the workspace declared."""
        return f"{{{self.prefix}}}:attributes"

    @property
    def provided(self) -> str:
        """Set: the names of the facts that some document had at some time."""
        return f"{{{self.prefix}}}:provided"

    def feed(self, feed: str) -> str:
        """JSON: the definition of a product feed."""
        return self._catalogue("feed", feed)

    @property
    def feeds(self) -> str:
        """Sorted set, all of one score: the ids of all feeds, in the order of their letters."""
        return f"{{{self.prefix}}}:feeds"

    def feed_state(self, feed: str) -> str:
        """JSON: what is known of a feed's last fetch."""
        return self._catalogue("feed-state", feed)

    def feed_products(self, feed: str) -> str:
        """Hash: each product that came from a feed, and `1`, or `0` since the feed retired it."""
        return self._catalogue("feed-products", feed)

    def feed_runs(self, feed: str) -> str:
        """List: JSON of a feed's last imports, newest first."""
        return self._catalogue("feed-runs", feed)

    def feed_lock(self, feed: str) -> str:
        """Who imports a feed at present. It expires if that process dies."""
        return self._catalogue("feed-lock", feed)

    @property
    def hosts(self) -> str:
        """JSON: the hosts that links may lead to, besides those of the settings."""
        return f"{{{self.prefix}}}:hosts"

    @property
    def tokens(self) -> str:
        """Hash: for each id of a token the JSON of what is kept of it; its text is not."""
        return f"{{{self.prefix}}}:tokens"

    @property
    def tokens_used(self) -> str:
        """Hash: for each id of a token when it was used last, in seconds since 1970."""
        return f"{{{self.prefix}}}:tokens-used"

    @property
    def users(self) -> str:
        """JSON: all users by their names, with roles and hashes of passwords."""
        return f"{{{self.prefix}}}:users"

    def quota(self, name: str) -> str:
        """Microseconds since 1970: when the quota under a name will be whole. It expires then."""
        return f"{self.prefix}:quota:{name}"

    def answer(self, caller: str, digest: str) -> str:
        """What a caller was answered under an Idempotency-Key of this hash, or who is at it. It
        expires after a day."""
        return f"{self.answers}{caller}:{digest}"

    @property
    def answers(self) -> str:
        """How the keys of all these answers begin."""
        return f"{self.prefix}:answer:"

    def source(self, source: str) -> str:
        """JSON: the definition of a data source with its secrets, and its revision."""
        return self._catalogue("source", source)

    @property
    def sources(self) -> str:
        """Sorted set, all of one score: the ids of all data sources, in the order of their
        letters."""
        return f"{{{self.prefix}}}:sources"

    def source_state(self, source: str) -> str:
        """JSON: the values of a data source with their ages, and how its last requests went."""
        return self._catalogue("source-state", source)

    def lease(self, task: str) -> str:
        """Which worker does a task at present. It expires if that one dies."""
        return self._catalogue("lease", task)

    @property
    def worker(self) -> str:
        """JSON: when a worker was seen last, and which."""
        return f"{{{self.prefix}}}:worker"

    @property
    def upkeep(self) -> str:
        """JSON: when the store was tidied last, and what of it was removed."""
        return f"{{{self.prefix}}}:upkeep"

    def order(self, order: str) -> str:
        """JSON."""
        return f"{self.prefix}:order:{order}"

    def recipient(self, recipient: str) -> str:
        """JSON: profile, consents and purchases; see catalog.stored_people."""
        return f"{self.prefix}:recipient:{recipient}"

    def of_person(self, recipient: str) -> str:
        """How all other keys begin that hold something of a person, in the hash slot of the
        profile. What begins like this is exported and erased with them."""
        return f"{{{self.recipient(recipient)}}}:"

    def consents(self, recipient: str) -> str:
        """List of JSON: what the person consented to and withdrew, in the order of the server's
        hearing of it, but for what a profile said once."""
        return f"{self.of_person(recipient)}consents"

    def receipts(self, recipient: str) -> str:
        """Stream: what the person's last opens were decided on. It expires."""
        return f"{self.of_person(recipient)}receipts"

    def ledger(self, recipient: str) -> str:
        """JSON: what events said of a person, and when."""
        return f"{self.of_person(recipient)}ledger"

    def order_ledger(self, order: str) -> str:
        """JSON: what events said of an order, and when. In the hash slot of the order."""
        return f"{{{self.order(order)}}}:ledger"

    def product_ledger(self, product: str) -> str:
        """JSON: what events said of a product, and when."""
        return self._catalogue("ledger:product", product)

    def message_ledger(self, message: str) -> str:
        """JSON: what events said of a message, and when."""
        return self._catalogue("ledger:message", message)

    def stock_part(self, part: str) -> str:
        """JSON: which product a variant belongs to in whose stock others count it, and how many are
        where. It expires while the product is not known."""
        return self._catalogue("stock-part", part)

    def arrived(self, event: str) -> str:
        """Milliseconds since the epoch: when an event arrived first that does not say when it
        happened. It expires."""
        return f"{self.prefix}:arrived:{event}"

    def shown(self, recipient: str, message: str) -> str:
        """Hash: for each block what this person was shown in this message."""
        return f"{self.of_person(recipient)}shown:{message}"

    def claimed(self, recipient: str, message: str) -> str:
        """Hash: for each product the block that alone may sell it to this person in this message,
        of the blocks that repeat none."""
        return f"{self.of_person(recipient)}claimed:{message}"

    def seen(self, recipient: str, block: str) -> str:
        """Sorted set: the showings of a block's capped variants to this person, by time. It expires
        with the longest period of a cap."""
        return f"{self.of_person(recipient)}seen:{block}"

    @property
    def pepper(self) -> str:
        """32 random bytes, by which the ids of the erased are made unreadable. It is never
        changed."""
        return f"{self.prefix}:pepper"

    def erased(self, pepper: bytes, recipient: str) -> str:
        """That a person was erased: the id of the receipt. Nothing in it tells whom to those who do
        not know the id."""
        pseudonym = hmac.digest(pepper, recipient.encode(), hashlib.sha256)
        return f"{self.prefix}:erased:{pseudonym.hex()}"

    def erasure(self, receipt: str) -> str:
        """JSON: the receipt of an erasure."""
        return f"{self.prefix}:erasure:{receipt}"

    def amiss(self, block: str) -> str:
        """Hash: what was amiss with URLs of a block, each with when it was seen last, in
        milliseconds since the epoch."""
        return f"{self.prefix}:amiss:{block}"

    def asset(self, asset: str) -> str:
        """Hash: an uploaded picture or font, which never changes: its `type`, what is known of it,
        and its `data`."""
        return f"{self.prefix}:asset:{asset}"

    @property
    def fonts(self) -> str:
        """Set: the ids of the uploaded fonts."""
        return f"{self.prefix}:fonts"

    def rendered(self, content: str) -> str:
        """Bytes: a drawn picture. A cache: it expires and may be evicted."""
        return f"{self.prefix}:rendered:{content}"

    @property
    def events(self) -> str:
        """Stream: opens and clicks."""
        return f"{self.prefix}:events"
