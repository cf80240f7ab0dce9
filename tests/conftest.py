"""What tests share: a real Valkey for the session, and the server on it, in this process."""

import subprocess
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from dyncontent.settings import Settings
from dyncontent.store.connection import connect
from dyncontent.store.embedded import embedded_store
from dyncontent.store.keys import Keys
from dyncontent.store.store import Store
from tests.site import Site, running_site, site_settings


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def store_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with embedded_store(tmp_path_factory.mktemp("valkey")) as url:
        yield url


@pytest.fixture
def prefix() -> str:
    """Keys of its own for each test."""
    return f"t{uuid.uuid4().hex[:12]}"


@pytest.fixture
async def store(store_url: str, prefix: str) -> AsyncIterator[Store]:
    store = Store(connect(store_url), Keys(prefix))
    yield store
    await store.aclose()


@pytest.fixture
def settings(tmp_path: Path, prefix: str) -> Settings:
    return site_settings(tmp_path, prefix)


@pytest.fixture
async def site(settings: Settings, store_url: str) -> AsyncIterator[Site]:
    """The server with one published block and the facts for it: see tests.samples."""
    async with AsyncExitStack() as stack:
        site = await stack.enter_async_context(running_site(settings, store_url))
        await site.fill()
        yield site


@pytest.fixture
def identity(tmp_path: Path) -> tuple[str, str]:
    """A certificate of localhost that it has signed itself, and its key."""
    certificate, key = str(tmp_path / "certificate.pem"), str(tmp_path / "key.pem")
    made = f"req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -keyout {key}"
    names = ("-out", certificate, "-addext", "subjectAltName=DNS:localhost")
    subprocess.run(["openssl", *made.split(), *names], check=True, capture_output=True)
    return certificate, key
