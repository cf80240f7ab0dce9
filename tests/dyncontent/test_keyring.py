"""Secrets: derived as RFC 5869 says, read strictly, kept once and for all."""

import base64
import hashlib
import hmac
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dyncontent.keyring import (
    SECRET_BYTES,
    Keyring,
    Secret,
    Secrets,
    load_or_make,
    new_secret,
    parse_secret,
)

OLD, NEW = Secret("old", b"o" * SECRET_BYTES), Secret("new", b"n" * SECRET_BYTES)
GOOD_KEY, GOOD_TOKEN = "k1:" + "QUJD" * 11, "a-token-long-enough"


def _by_hand(key: bytes, text: bytes) -> bytes:
    """HMAC-SHA256 as RFC 2104 defines it, from the hash alone."""
    block = (hashlib.sha256(key).digest() if len(key) > 64 else key).ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block) + text).digest()
    return hashlib.sha256(bytes(byte ^ 0x5C for byte in block) + inner).digest()


@given(st.binary(min_size=SECRET_BYTES, max_size=100), st.text())
def test_a_key_is_one_block_of_hkdf_expand(value: bytes, purpose: str) -> None:
    text = purpose.encode() + b"\x01"
    key = Secret("k", value).key(purpose)
    assert key == _by_hand(value, text) == hmac.new(value, text, hashlib.sha256).digest()


def test_a_key_is_as_in_rfc_5869_appendix_a3() -> None:
    secret = bytes.fromhex("19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04")
    output = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
    assert Secret("k", secret).key("").hex() == output


def test_each_purpose_and_each_secret_has_a_key_of_its_own() -> None:
    assert len({secret.key(purpose) for secret in (OLD, NEW) for purpose in ("i", "c", "")}) == 6


def test_the_first_secret_signs_and_all_verify() -> None:
    keyring = Keyring((NEW, OLD))
    assert keyring.signing_key("i") == ("new", NEW.key("i"))
    assert keyring.verifying_key("new", "i") == NEW.key("i")
    assert keyring.verifying_key("old", "i") == OLD.key("i")
    assert keyring.verifying_key("none", "i") is None


@given(st.from_regex(r"[A-Za-z0-9]{1,8}", fullmatch=True), st.binary(min_size=32, max_size=99))
def test_a_secret_is_read_from_base64url_with_padding_or_without(key_id: str, value: bytes) -> None:
    encoded = base64.urlsafe_b64encode(value).decode()
    for text in (encoded, encoded.rstrip("=")):
        assert parse_secret(f" {key_id}:{text}\n") == Secret(key_id, value)


def test_a_new_secret_is_read_again_and_is_never_the_same() -> None:
    made = [parse_secret(new_secret("k9")) for _ in range(20)]
    assert {(secret.id, len(secret.value)) for secret in made} == {("k9", SECRET_BYTES)}
    assert len({secret.value for secret in made}) == 20


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("", "id:secret"),
        ("hunter2", "id:secret"),
        (GOOD_KEY.partition(":")[2], "id:secret"),
        (":" + "hunter" * 10, "id:secret"),
        ("key-1:" + "hunter" * 10, "id:secret"),
        ("kлюч:" + "hunter" * 10, "id:secret"),
        ("ninechars:" + "hunter" * 10, "id:secret"),
        ("k1:", "32 bytes in base64url"),
        ("k1:hunter2", "32 bytes in base64url"),
        ("k1:" + "hunter2!" * 10, "32 bytes in base64url"),
        ("k1:" + "hünter2" * 10, "32 bytes in base64url"),
        ("k1:" + "A" * 41, "32 bytes in base64url"),
        ("k1:" + base64.urlsafe_b64encode(b"x" * 31).decode(), "32 bytes in base64url"),
    ],
)
def test_what_is_no_secret_is_refused_without_being_repeated(text: str, right: str) -> None:
    with pytest.raises(ValueError, match=right) as refusal:
        parse_secret(text)
    shown = str(refusal.value)
    assert "nter" not in shown
    assert len(text) < 10 or text.rpartition(":")[2] not in shown


@pytest.fixture
def generous_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("generous_umask")
def test_secrets_are_made_once_for_the_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "there"
    made = load_or_make(folder)
    [file] = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_bytes()
    assert load_or_make(folder) == made
    assert file.read_bytes() == before
    assert [parse_secret(text).id for text in made.url_keys] == ["k1"]
    assert len(made.api_token) >= SECRET_BYTES


def test_each_folder_has_secrets_of_its_own(tmp_path: Path) -> None:
    assert load_or_make(tmp_path / "a") != load_or_make(tmp_path / "b")


def test_threads_that_start_at_once_get_the_same_secrets(tmp_path: Path) -> None:
    together = threading.Barrier(16)

    def start(_: int) -> Secrets:
        together.wait(10)
        return load_or_make(tmp_path)

    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(start, range(16)))) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["secrets.json"]


def test_processes_that_start_at_once_get_the_same_secrets(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from dyncontent.keyring import load_or_make\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        f"print(load_or_make(Path({str(tmp_path)!r})))"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    printed = {process.communicate(timeout=30)[0] for process in processes}
    assert printed == {f"{load_or_make(tmp_path)}\n"}


def test_what_a_killed_process_left_behind_is_no_hindrance(tmp_path: Path) -> None:
    """In a container every process has the same number."""
    (tmp_path / f"secrets.{os.getpid()}.tmp").write_bytes(b"half")
    assert load_or_make(tmp_path) == load_or_make(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff",
        b"null",
        b"[]",
        b"{}",
        orjson.dumps({"url_keys": [GOOD_KEY]}),
        orjson.dumps({"url_keys": [], "api_token": GOOD_TOKEN}),
        orjson.dumps({"url_keys": None, "api_token": GOOD_TOKEN}),
        orjson.dumps({"url_keys": GOOD_KEY, "api_token": GOOD_TOKEN}),
        orjson.dumps({"url_keys": ["k1:hunter2"], "api_token": GOOD_TOKEN}),
        orjson.dumps({"url_keys": [7], "api_token": GOOD_TOKEN}),
        orjson.dumps({"url_keys": [GOOD_KEY], "api_token": None}),
        orjson.dumps({"url_keys": [GOOD_KEY], "api_token": ""}),
        orjson.dumps({"url_keys": [GOOD_KEY], "api_token": " "}),
    ],
)
def test_a_damaged_file_is_said_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "secrets.json"
    file.write_bytes(content)
    with pytest.raises(ValueError, match="holds no secrets: restore it, or remove it") as refusal:
        load_or_make(tmp_path)
    assert str(file) in str(refusal.value)
    assert "hunter2" not in str(refusal.value)
    assert file.read_bytes() == content


def test_a_folder_that_is_a_file_is_an_error_of_the_system(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")
    with pytest.raises(OSError, match="var"):
        load_or_make(tmp_path / "var")
