"""thumbor, a server that makes pictures of pictures as a URL says. It sets no words: those of each
person are drawn before, as a picture on nothing, which it puts on the one that all have in common.
"""

import base64
import hashlib
import hmac
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks import alike
from benchmarks.cards import Cards
from benchmarks.peers import MissingError
from benchmarks.peers.opens import Peer
from benchmarks.served import free_port, until_ready

NAME = "thumbor"
TITLE = "a cruise to an island is still waiting"
MOST_APART = 1.0
"""Of 255, as `alike.difference` tells it: words and picture are ours."""

_HERE = Path(__file__).parent / "thumbor"
_LOCK = _HERE / "requirements.lock"
_ENVIRONMENT = _HERE / ".venv"
_PYTHON = _ENVIRONMENT / "bin" / "python"

# Nothing of what it makes is kept, and what it makes it of comes from files.
_CONFIGURATION = """
LOADER = "thumbor.loaders.file_loader"
FILE_LOADER_ROOT_PATH = {folder!r}
STORAGE = "thumbor.storages.no_storage"
RESULT_STORAGE = None
ALLOW_UNSAFE_URL = False
HEALTHCHECK_ROUTE = "/health/ready"
"""


@dataclass(frozen=True, slots=True)
class Thumbor(Peer):
    """`paths` has an address for each person."""

    paths: Sequence[str]


@contextmanager
def composing(cards: Cards, names: Sequence[str]) -> Iterator[Thumbor]:
    """One process, for people of these last names. Raises MissingError."""
    _install()
    key, port = secrets.token_urlsafe(32), free_port()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = list(_written(folder / "pictures", cards, names, key))
        (folder / "key").write_text(key)
        configuration = folder / "thumbor.conf"
        configuration.write_text(_CONFIGURATION.format(folder=str(folder / "pictures")))
        server = subprocess.Popen(  # noqa: S603
            [
                *(str(_PYTHON), "-W", "ignore", "-m", "thumbor.server"),
                *("--ip", "127.0.0.1", "--port", str(port), "--log-level", "error"),
                *("--conf", str(configuration), "--keyfile", str(folder / "key")),
            ]
        )
        try:
            base_url = f"http://127.0.0.1:{port}"
            until_ready(server, base_url)
            _compare(httpx.get(base_url + paths[0], trust_env=False), cards, names[0])
            yield Thumbor(NAME, base_url, (server.pid,), paths)
        finally:
            server.terminate()
            server.wait()


def _written(folder: Path, cards: Cards, names: Sequence[str], key: str) -> Iterator[str]:
    """The address of each person's picture; what it is made of is written."""
    folder.mkdir()
    (folder / "base.png").write_bytes(cards.base())
    for number, name in enumerate(names):
        words, (left, top) = cards.words(name, TITLE)
        (folder / f"{number}.png").write_bytes(words)
        asked = f"filters:watermark({number}.png,{left},{top},0)/base.png"
        signature = hmac.digest(key.encode(), asked.encode(), hashlib.sha1)
        yield f"/{base64.urlsafe_b64encode(signature).decode()}/{asked}"


def _compare(answer: httpx.Response, cards: Cards, name: str) -> None:
    """It shows what ours shows, as far as an eye can tell."""
    ours, theirs = cards.of(name, TITLE), answer.raise_for_status().content
    apart = alike.difference(ours, theirs, cards.places(name, TITLE))
    if apart > MOST_APART:
        raise SystemExit(f"{NAME}: a picture is {apart:.1f} away from ours")


def _install() -> None:
    """Into an environment of its own, unless it is there: it wants an older Pillow than ours."""
    stamp, wanted = _ENVIRONMENT / "installed", sys.version + _LOCK.read_text()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    shutil.rmtree(_ENVIRONMENT, ignore_errors=True)
    _run(sys.executable, "-m", "venv", str(_ENVIRONMENT))
    _run(
        str(_PYTHON),
        *("-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
        *("--require-hashes", "-r", str(_LOCK)),
    )
    stamp.write_text(wanted)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise MissingError(f"thumbor cannot be installed: {said[-1] if said else 'no output'}")
