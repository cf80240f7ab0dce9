"""A server on a port, as commands ask it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socket import socket
from typing import Any

import httpx
import orjson
import pytest
import uvicorn

from dyncontent.app import build
from dyncontent.settings import Settings
from tests import samples
from tests.site import TOKEN


class Running:
    def __init__(self, url: str) -> None:
        self.url = url
        self.client = httpx.Client(base_url=url, trust_env=False, timeout=30)

    def do(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"authorization": f"Bearer {TOKEN}"}
        content = None if body is None else orjson.dumps(body)
        response = self.client.request(method, f"/api/v1/{path}", content=content, headers=headers)
        assert response.is_success, response.text
        return response.json()


@pytest.fixture
def running(
    settings: Settings, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Running]:
    """With the sample block, its facts, and the environment that commands find it by."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with _served(settings.model_copy(update={"base_url": url}), store_url, listening):
            monkeypatch.setenv("DYNCONTENT_URL", url)
            monkeypatch.setenv("DYNCONTENT_TOKEN", TOKEN)
            server = Running(url)
            with server.client:
                _fill(server)
                yield server


@contextmanager
def _served(settings: Settings, store_url: str, listening: socket) -> Iterator[None]:
    config = uvicorn.Config(build(settings, store_url), log_level="warning", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


def _fill(server: Running) -> None:
    for product, document in samples.PRODUCTS.items():
        server.do("PUT", f"products/{product}", document)
    person = {"first_name": "Aino", "consents": samples.CONSENTS}
    server.do("PUT", f"recipients/{samples.RECIPIENT}", person)
    server.do("PUT", f"messages/{samples.MESSAGE}", {"class": "marketing"})
    server.do("PUT", f"blocks/{samples.BLOCK}", samples.block())
    server.do("POST", f"blocks/{samples.BLOCK}/publish")
