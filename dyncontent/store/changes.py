"""The change log: a stream of the catalogue keys that change, written with each change and
followed by every process."""

import asyncio
import logging
import time
from collections.abc import Callable

from dyncontent.store.command import Command
from dyncontent.store.connection import Client
from dyncontent.store.copies import Copies
from dyncontent.store.keys import Keys

log = logging.getLogger(__name__)

WAIT_MILLISECONDS = 250
REST_SECONDS = 0.1
MOST_ENTRIES = 100_000

Listener = Callable[[str | None], None]
"""Is called with each key that changes, and with None when changes may have been missed: at the
beginning, and after the store was not reached."""


class ChangeLog:
    def __init__(self, client: Client, keys: Keys, copies: Copies) -> None:
        self._client = client
        self._keys = keys
        self._copies = copies
        self._complaint = ""

    def entry(self, key: str) -> Command:
        """The command that tells every process that a key changes."""
        return ("XADD", self._keys.changes, "MAXLEN", "~", MOST_ENTRIES, "*", "key", key)

    async def follow(self, listener: Listener = lambda _: None) -> None:
        """Keep the copies fresh, for ever."""
        while True:
            _heed_cancellation()
            try:
                await self._follow(listener)
            except Exception as error:  # noqa: BLE001  whatever it is, following must go on
                if str(error) != self._complaint:
                    log.warning(
                        "the change log is not followed, copies are read through: %r", error
                    )
                self._complaint = str(error)
                await asyncio.sleep(REST_SECONDS)

    async def _follow(self, listener: Listener) -> None:
        position = await self._newest()
        self._copies.doubt()
        listener(None)
        while True:
            _heed_cancellation()
            asked = time.monotonic()
            if not self._copies.fresh:
                self._copies.doubt()
            reply = await self._client.execute_command(
                "XREAD", "BLOCK", WAIT_MILLISECONDS, "STREAMS", self._keys.changes, position
            )
            if not reply and await self._newest() != position:
                return  # the log was replaced, or grew just now: begin again
            for _, entries in reply or ():
                for entry, fields in entries:
                    changed = fields[b"key"].decode()
                    self._copies.forget(changed)
                    listener(changed)
                    position = entry
            self._copies.prove(asked)
            if self._complaint:
                log.warning("the change log is followed again")
                self._complaint = ""

    async def _newest(self) -> bytes:
        """The id of the log's last entry."""
        newest = await self._client.execute_command(
            "XREVRANGE", self._keys.changes, "+", "-", "COUNT", 1
        )
        return bytes(newest[0][0]) if newest else b"0-0"


def _heed_cancellation() -> None:
    """A cancellation that comes while redis-py connects is lost in there."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
