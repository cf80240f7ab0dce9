"""The lint of a file, by a server on a socket."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result

from dyncontent.cli import main
from dyncontent.errors import BadField, ProblemError
from dyncontent.templates import media_type

FINDING = {
    "line": 3,
    "column": 7,
    "severity": "error",
    "code": "alt-missing",
    "message": "the image has no alt",
}


class _Server:
    """Answers what it is told to, and keeps what it was asked."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.status = 200
        self.answer: Any = {"ok": True, "findings": []}
        self.asked: list[tuple[str, dict[str, str], bytes]] = []


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[_Server]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with _serving() as server:
        yield server


@contextmanager
def _serving() -> Iterator[_Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers["content-length"]))
            told.asked.append((self.path, headers, body))
            answer = told.answer
            self.send_response(told.status)
            self.end_headers()
            self.wfile.write(answer if isinstance(answer, bytes) else orjson.dumps(answer))

        def log_message(self, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as listening:
        told = _Server(f"http://127.0.0.1:{listening.server_port}")
        thread = Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield told
        finally:
            listening.shutdown()
            thread.join()


def _lint(server: _Server, *arguments: str, body: str = "<p>") -> Result:
    command = ["lint", "--url", f"{server.url}/", "--token", "tökén", *arguments, "-"]
    return CliRunner().invoke(main, command, input=body)


def test_a_clean_file_ends_with_0_and_says_nothing(server: _Server) -> None:
    result = _lint(server, "--class", "transactional", "--sender", "kit", body="<p>ä")
    assert (result.exit_code, result.output) == (0, "")
    [(path, headers, body)] = server.asked
    assert path == "/api/v1/lint?class=transactional&sender=kit"
    assert headers["content-type"] == "text/html"
    assert headers["authorization"].encode("latin-1").decode() == "Bearer tökén"
    assert body.decode() == "<p>ä"


def test_errors_end_with_1_and_a_line_for_each(server: _Server, tmp_path: Path) -> None:
    server.answer = {"ok": False, "findings": [FINDING]}
    file = tmp_path / "spring.html"
    file.write_text("<p>")
    environment = {"DYNCONTENT_URL": server.url, "DYNCONTENT_TOKEN": "t"}
    result = CliRunner().invoke(main, ["lint", str(file)], env=environment)
    assert result.exit_code == 1
    assert result.output == f"{file}:3:7: error alt-missing: the image has no alt\n"


def test_warnings_alone_end_with_0(server: _Server) -> None:
    server.answer = {"ok": True, "findings": [FINDING | {"severity": "warning"}]}
    result = _lint(server)
    assert result.exit_code == 0
    assert result.output == "-:3:7: warning alt-missing: the image has no alt\n"


def test_json_is_the_servers_answer(server: _Server) -> None:
    server.answer = {"ok": False, "findings": [FINDING]}
    result = _lint(server, "--json")
    assert (result.exit_code, orjson.loads(result.output)) == (1, server.answer)


@pytest.mark.parametrize(
    ("status", "answer", "said"),
    [
        (401, orjson.loads(ProblemError(401, "UNAUTHORIZED", "Send a token").body()), "--token"),
        (
            422,
            orjson.loads(
                ProblemError(422, "INVALID", "x", [BadField("class", "q", "one of a, b")]).body()
            ),
            "class q: give one of a, b",
        ),
        (200, b"<html>", "no dyncontent server"),
        (200, {"hello": 1}, "no dyncontent server"),
        (502, {"ok": True, "findings": []}, "status 502"),
    ],
)
def test_what_could_not_be_checked_ends_with_2(
    server: _Server, status: int, answer: Any, said: str
) -> None:
    server.status, server.answer = status, answer
    result = _lint(server)
    assert result.exit_code == 2
    assert said in result.output


def test_a_server_that_is_not_there_ends_with_2() -> None:
    with _serving() as gone:
        pass
    result = _lint(gone)
    assert result.exit_code == 2
    assert "does not answer" in result.output
    assert CliRunner().invoke(main, ["lint", "-"], input="x").exit_code == 2
    assert CliRunner().invoke(main, ["lint", "/no/such/file"]).exit_code == 2


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"<!doctype html>", "text/html"),
        (b"Hello: *|NAME|*", "message/rfc822"),
        (b"\nFrom: a@b.example\n", "message/rfc822"),
        (b"From a@b.example Mon", "message/rfc822"),
        (b"<p>Subject: x", "text/html"),
        (b"", "text/html"),
    ],
)
def test_a_message_is_told_by_its_header(raw: bytes, kind: str) -> None:
    assert media_type(raw) == kind
