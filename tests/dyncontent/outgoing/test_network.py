"""Connections go to the very addresses that were checked."""

from collections.abc import Iterable, Sequence

import pytest
from httpcore import SOCKET_OPTION, AsyncMockStream, AsyncNetworkBackend, ConnectError

from dyncontent.outgoing.network import CheckedNetwork, look_up
from dyncontent.outgoing.reach import OutgoingError, Reach, RefusedError

pytestmark = pytest.mark.anyio

PUBLIC, OTHER = "93.184.215.14", "2606:2800:21f::1"


class Wires(AsyncNetworkBackend):
    """A network that notes what is connected to; `dead` addresses do not answer."""

    def __init__(self, dead: Sequence[str] = ()) -> None:
        self.connected: list[tuple[str, int]] = []
        self._dead = dead

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> AsyncMockStream:
        self.connected.append((host, port))
        if host in self._dead:
            raise ConnectError(f"{host} is dead")
        return AsyncMockStream([])


class Names:
    """A name server that gives one answer after the other, and then the last for ever."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.asked = 0

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked += 1
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


async def test_what_is_connected_to_is_the_address_that_was_checked() -> None:
    wires, names = Wires(), Names([PUBLIC], ["127.0.0.1"])
    network = CheckedNetwork(Reach(), names, wires)
    await network.connect_tcp("rebind.example", 443)
    assert wires.connected == [(PUBLIC, 443)]
    assert names.asked == 1
    with pytest.raises(RefusedError, match=r"rebind\.example leads to 127\.0\.0\.1, a loopback"):
        await network.connect_tcp("rebind.example", 443)
    assert wires.connected == [(PUBLIC, 443)]


@pytest.mark.parametrize("addresses", [["10.0.0.1", PUBLIC], [PUBLIC, OTHER, "::ffff:10.0.0.1"]])
async def test_one_closed_address_closes_the_host(addresses: list[str]) -> None:
    wires = Wires()
    with pytest.raises(RefusedError):
        await CheckedNetwork(Reach(), Names(addresses), wires).connect_tcp("both.example", 443)
    assert wires.connected == []


async def test_the_next_address_is_tried_where_one_is_dead() -> None:
    wires = Wires(dead=[OTHER])
    await CheckedNetwork(Reach(), Names([OTHER, PUBLIC]), wires).connect_tcp("two.example", 443)
    assert wires.connected == [(OTHER, 443), (PUBLIC, 443)]


async def test_a_host_without_a_living_address_is_told() -> None:
    with pytest.raises(ConnectError, match="is dead"):
        await CheckedNetwork(Reach(), Names([PUBLIC]), Wires([PUBLIC])).connect_tcp("a", 443)
    with pytest.raises(OutgoingError, match=r"a\.example has no address"):
        await CheckedNetwork(Reach(), Names([]), Wires()).connect_tcp("a.example", 443)


@pytest.mark.parametrize("error", [OSError("no such name"), UnicodeError("label too long")])
async def test_a_host_that_is_not_found_is_told(error: Exception) -> None:
    async def fail(host: str, port: int) -> Sequence[str]:
        raise error

    with pytest.raises(OutgoingError, match=r"there is no host nowhere\.example"):
        await CheckedNetwork(Reach(), fail, Wires()).connect_tcp("nowhere.example", 443)


@pytest.mark.parametrize(
    "host", ["127.1", "2130706433", "0x7f000001", "0x7f.1", "017700000001", "0177.0.0.1", "0"]
)
async def test_other_spellings_of_an_address_are_that_address(host: str) -> None:
    """The system reads them as C does."""
    wires = Wires()
    with pytest.raises(RefusedError, match=r"loopback|unspecified"):
        await CheckedNetwork(Reach(), look_up, wires).connect_tcp(host, 443)
    assert wires.connected == []


async def test_localhost_is_looked_up_and_refused() -> None:
    with pytest.raises(RefusedError, match=r"localhost leads to .*, a loopback address"):
        await CheckedNetwork(Reach(), look_up, Wires()).connect_tcp("localhost", 443)
