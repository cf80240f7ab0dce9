"""Settings that are unsafe, each named."""

import base64
from pathlib import Path
from typing import Any

import pytest

from dyncontent.doctor.configured import examine_settings
from dyncontent.doctor.finding import Finding
from dyncontent.keyring import load_or_make, new_secret
from dyncontent.settings import Settings

TOKEN = "Zk3vP0qLxT7uWb2e"
GOOD: dict[str, Any] = {
    "url_keys": (new_secret("k1"),),
    "api_tokens": (TOKEN,),
    "base_url": "https://img.example",
    "allowed_hosts": ("shop.example",),
}


def _found(tmp_path: Path, **changes: Any) -> dict[str, Finding]:
    settings = Settings(data_dir=tmp_path / "var", **(GOOD | changes))
    return {finding.check: finding for finding in examine_settings(settings)}


def _amiss(tmp_path: Path, **changes: Any) -> dict[str, str]:
    found = _found(tmp_path, **changes)
    for finding in found.values():
        assert bool(finding.advice) == (finding.severity != "ok")
    return {check: finding.severity for check, finding in found.items() if finding.severity != "ok"}


def test_good_settings_are_well(tmp_path: Path) -> None:
    assert not _amiss(tmp_path)


def test_secrets_that_are_not_set_are_said(tmp_path: Path) -> None:
    wanted = {"signing keys": "warning", "API tokens": "warning"}
    assert _amiss(tmp_path, url_keys=(), api_tokens=()) == wanted
    assert not (tmp_path / "var").exists(), "looking makes nothing"
    load_or_make(tmp_path / "var")
    assert _amiss(tmp_path, url_keys=(), api_tokens=()) == wanted
    assert _amiss(tmp_path, url_keys=()) == {"signing keys": "warning"}
    assert _amiss(tmp_path, api_tokens=()) == {"API tokens": "warning"}
    assert "strength of API tokens" in _found(tmp_path, api_tokens=())


def test_secrets_that_others_can_read_are_an_error(tmp_path: Path) -> None:
    load_or_make(tmp_path / "var")
    (tmp_path / "var" / "secrets.json").chmod(0o640)
    found = _found(tmp_path, url_keys=())["secrets file"]
    assert found.severity == "error"
    assert "mode 640" in found.found


def test_a_damaged_file_of_secrets_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "secrets.json").write_text("{}")
    assert _amiss(tmp_path, url_keys=())["secrets file"] == "error"


@pytest.mark.parametrize(
    "value", [bytes(32), bytes(range(32)), b"passwordpasswordpasswordpassword"]
)
def test_a_key_that_can_be_guessed_is_an_error(tmp_path: Path, value: bytes) -> None:
    weak = f"k0:{base64.urlsafe_b64encode(value).decode()}"
    found = _found(tmp_path, url_keys=(*GOOD["url_keys"], weak))["strength of signing keys"]
    assert (found.severity, found.found) == ("error", "can be guessed: k0")
    assert weak.partition(":")[2] not in found.found


def test_a_token_that_can_be_guessed_is_an_error(tmp_path: Path) -> None:
    found = _found(tmp_path, api_tokens=(TOKEN, "a" * 16))["strength of API tokens"]
    assert (found.severity, found.found) == ("error", "1 of 2 can be guessed")


@pytest.mark.parametrize(
    "url", ["http://img.example", "https://localhost", "https://127.0.0.1:8443", "https://[::1]"]
)
def test_an_unsafe_public_address_is_an_error_in_production_alone(tmp_path: Path, url: str) -> None:
    assert _amiss(tmp_path, base_url=url) == {"public address": "warning"}
    production = {"environment": "production", "landing_url": "https://shop.example/"}
    assert _amiss(tmp_path, base_url=url, **production) == {"public address": "error"}
