"""nginx, as Debian has it: serving the picture's file, which is the limit, or doing the whole job
in Lua, as somebody would write it who wants nothing but speed."""

import os
import pwd
import shutil
import subprocess
import tempfile
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from benchmarks.peers import MissingError
from benchmarks.peers.opens import Given, Peer, Picture
from benchmarks.served import free_port, until_ready
from dyncontent.delivery.signing import key_name
from dyncontent.delivery.urls import Purpose

FILE = "nginx, the file"
LUA = "nginx with Lua"

_PACKAGES = "nginx-light libnginx-mod-http-lua lua-resty-core lua-resty-lrucache lua-cjson"
_HERE = Path(__file__).parent / "nginx"
_MODULES = Path("/usr/lib/nginx/modules")
_SHARED = Path("/usr/share/lua/5.1")


@contextmanager
def serving_the_file(given: Given) -> Iterator[Peer]:
    """The first variant's picture for whoever has the first of its names. Raises MissingError."""
    picture = next(iter(given.variants[0].pictures.values()))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "i").mkdir()
        (folder / "i" / f"{given.block}.png").write_bytes(picture.data)
        locations = _filled("file.conf", {"FOLDER": name, "ETAG": picture.etag})
        with _nginx(FILE, folder, {"MODULES": "", "SETTINGS": "", "LOCATIONS": locations}) as peer:
            yield peer


@contextmanager
def doing_it_in_lua(given: Given) -> Iterator[Peer]:
    """Raises MissingError."""
    libraries = _libraries()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        site = folder / "site.json"
        site.write_bytes(orjson.dumps(_site(folder, given)))
        modules = ("ndk_http_module", "ngx_http_lua_module")
        settings = (
            f'lua_package_path "{_HERE}/?.lua;{_SHARED}/?.lua;;";'
            f' lua_package_cpath "{libraries}/?.so;;";'
            f' init_by_lua_block {{ delivery = require "delivery"; delivery.load("{site}") }}'
        )
        parts = {
            "MODULES": "\n".join(f"load_module {_MODULES}/{module}.so;" for module in modules),
            "SETTINGS": settings,
            "LOCATIONS": _filled("lua.conf", {}),
        }
        with _nginx(LUA, folder, parts) as peer:
            yield peer


def _libraries() -> Path:
    """The folder of Lua's libraries in C."""
    wanted = [
        _MODULES / "ngx_http_lua_module.so",
        _SHARED / "resty" / "core.lua",
        _SHARED / "resty" / "lrucache.lua",
    ]
    found = sorted(Path("/usr/lib").glob("*/lua/5.1/cjson.so"))
    if not found or not all(path.exists() for path in wanted):
        raise MissingError(f"there is no Lua for nginx (on Debian: apt install {_PACKAGES})")
    return found[0].parent


def _site(folder: Path, given: Given) -> Mapping[str, Any]:
    """What the program in Lua reads at its start."""
    written = 0

    def described(pictures: Mapping[str, Picture]) -> dict[str, Any]:
        nonlocal written
        found = {}
        for name, picture in pictures.items():
            path = folder / f"{written}.png"
            path.write_bytes(picture.data)
            found[name] = {"file": str(path), "etag": picture.etag}
            written += 1
        return found

    keys = {
        purpose.value: b64encode(given.secret.key(key_name(purpose))).decode()
        for purpose in (Purpose.PICTURE, Purpose.CLICK)
    }
    return {
        "socket": urlsplit(given.store_url).path,
        "prefix": given.prefix,
        "key_id": given.secret.id,
        "keys": keys,
        "block": given.block,
        "version": given.version,
        "links": given.links,
        "variants": [
            {"id": one.id, "product": one.product, "pictures": described(one.pictures)}
            for one in given.variants
        ],
        "fallback": {"link": given.fallback_link, "pictures": described({"": given.fallback})},
    }


@contextmanager
def _nginx(name: str, folder: Path, parts: Mapping[str, str]) -> Iterator[Peer]:
    """Runs on what is in a folder of its own."""
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        raise MissingError(f"there is no nginx (on Debian: apt install {_PACKAGES})")
    port, me = free_port(), pwd.getpwuid(os.getuid()).pw_name
    own = {"USER": f"user {me};" if me == "root" else "", "FOLDER": str(folder), "PORT": str(port)}
    configuration = folder / "nginx.conf"
    configuration.write_text(_filled("nginx.conf", {**own, **parts}))
    server = subprocess.Popen([program, "-c", str(configuration), "-e", "stderr"])  # noqa: S603
    try:
        base_url = f"http://127.0.0.1:{port}"
        until_ready(server, base_url)
        yield Peer(name, base_url, (server.pid, *_children(server.pid)))
    finally:
        server.terminate()
        server.wait()


def _children(pid: int) -> Iterator[int]:
    yield from map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())


def _filled(name: str, parts: Mapping[str, str]) -> str:
    """A template of ours with `@NAME@` filled."""
    text = (_HERE / name).read_text()
    for part, value in parts.items():
        text = text.replace(f"@{part}@", value)
    return text
