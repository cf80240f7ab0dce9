"""A socket for each process."""

import os
import select
import socket
import sys

import pytest

from dyncontent.processes.sockets import shared_out
from dyncontent.serving import PortError, listen
from dyncontent.settings import Settings

only_linux = pytest.mark.skipif(sys.platform != "linux", reason="one socket for all elsewhere")


@only_linux
def test_connections_are_shared_out() -> None:
    with listen(Settings(port=0)) as first, shared_out(first, 4) as sockets:
        address = first.getsockname()
        assert [one.getsockname() for one in sockets] == [address] * 4
        open_ones = [socket.create_connection(address) for _ in range(200)]
        for listening in sockets:
            assert select.select([listening], [], [], 0)[0]
        for one in open_ones:
            one.close()


@only_linux
def test_no_copy_of_one_makes_others_wait_for_a_connection() -> None:
    with listen(Settings(port=0)) as first, shared_out(first, 3) as sockets:
        for one in sockets:
            one.dup().close()
            assert not os.get_blocking(one.fileno())


@only_linux
def test_another_server_cannot_join_by_mistake() -> None:
    with (
        listen(Settings(port=0)) as first,
        shared_out(first, 2),
        pytest.raises(PortError, match="in use"),
    ):
        listen(Settings(port=first.getsockname()[1]))


def test_one_socket_where_the_kernel_does_not_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with listen(Settings(port=0)) as first, shared_out(first, 4) as sockets:
        assert sockets == [first]
