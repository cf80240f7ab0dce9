"""A server that is asked by commands."""

import httpx
import pytest

from dyncontent.commands.server import Server, ServerError, problem_line
from dyncontent.errors import BadField, ProblemError

PROBLEM = ProblemError(422, "INVALID", "1 field is wrong", [BadField("at", "soon", "an instant")])


def _server(response: httpx.Response) -> Server:
    transport = httpx.MockTransport(lambda _: response)
    return Server("https://a", httpx.Client(transport=transport, base_url="https://a"))


def test_an_answer_is_given_as_it_is() -> None:
    assert _server(httpx.Response(200, content=b"{}")).ask("links", b"{}") == b"{}"


@pytest.mark.parametrize("content", [b"<html>", b"[]", b'{"message": 7}'])
def test_what_is_no_server_of_ours_is_said(content: bytes) -> None:
    with pytest.raises(ServerError, match="is no dyncontent server: it answers with status 404"):
        _server(httpx.Response(404, content=content)).ask("links", b"{}")


def test_a_refusal_is_said_field_by_field() -> None:
    with pytest.raises(ServerError, match='1 field is wrong\n  at is "soon": give an instant'):
        _server(httpx.Response(422, content=PROBLEM.body())).ask("links", b"{}")


def test_a_refused_line_is_said_in_one() -> None:
    assert problem_line(PROBLEM.told()) == '1 field is wrong; at is "soon": give an instant'
