"""Settings: one table, read from the environment, refused all at once."""

import os
import re
import traceback
from pathlib import Path
from typing import Any

import pytest

from dyncontent.keyring import load_or_make, new_secret
from dyncontent.settings import DOCUMENTATION, PREFIX, Settings, SettingsError, read_settings

FIELDS = Settings.model_fields
KEY, OLD_KEY = new_secret("k2"), new_secret("k1")
TOKEN = "a-token-of-the-environment"
GOOD: dict[str, tuple[str, Any]] = {
    "environment": ("production", "production"),
    "host": ("0.0.0.0", "0.0.0.0"),
    "port": ("0", 0),
    "base_url": ("https://img.example/", "https://img.example"),
    "data_dir": ("/data", Path("/data")),
    "store_url": ("rediss://store.example:6380/1", "rediss://store.example:6380/1"),
    "store_prefix": ("staging-2", "staging-2"),
    "url_keys": (f"{KEY}, {OLD_KEY},", (KEY, OLD_KEY)),
    "api_tokens": (TOKEN, (TOKEN,)),
    "allowed_hosts": ("shop.example , shop.example:8443", ("shop.example", "shop.example:8443")),
    "shopify_secrets": ("new-secret, old-secret", ("new-secret", "old-secret")),
    "woocommerce_secrets": ("secret", ("secret",)),
    "shop_product_id": ("sku", "sku"),
    "shop_currency": ("EUR", "EUR"),
    "shop_url": ("https://shop.example", "https://shop.example"),
    "landing_url": ("https://shop.example/ended", "https://shop.example/ended"),
    "tagged_ids": ("unguessable", "unguessable"),
    "receipt_hours": ("5", 5),
    "worker": ("true", True),
    "event_days": ("0", 0),
    "outgoing_allow": ("intranet:8080, 10.0.0.0/8", ("intranet:8080", "10.0.0.0/8")),
    "outgoing_http": ("true", True),
    "requests_per_minute": ("0", 0),
    "budget_ms": ("90", 90),
    "drawing_threads": ("8", 8),
    "server": ("granian", "granian"),
    "workers": ("4", 4),
    "picture_memory_mb": ("512", 512),
}
BAD: list[tuple[str, str, str]] = [
    ("environment", "staging", "'development' or 'production'"),
    ("host", "", "at least 1 character"),
    ("port", "http", "integer"),
    ("port", "65536", "65535"),
    ("port", "-1", "greater than or equal to 0"),
    ("base_url", "img.example", "web address"),
    ("base_url", "https://", "web address"),
    ("base_url", "https://[img.example", "IPv6"),
    ("landing_url", "ftp://shop.example", "web address"),
    ("shop_product_id", "handle", "'product', 'variant' or 'sku'"),
    ("shop_currency", "euro", "pattern"),
    ("shop_url", "shop.example", "web address"),
    ("store_url", "mysql://hunter2@store.example", "redis://, rediss://, unix://"),
    ("store_url", "redis+sentinel://user:hunter2", "names each sentinel as 10.0.0.1"),
    ("store_prefix", "a:b", "pattern"),
    ("store_prefix", "", "pattern"),
    ("url_keys", "k1:hunter2", "32 bytes"),
    ("url_keys", f"{KEY},{KEY}", "two keys have the same id"),
    ("api_tokens", f"{TOKEN},hunter2", "at least 16 characters"),
    ("tagged_ids", "random", "'guessable' or 'unguessable'"),
    ("worker", "perhaps", "boolean"),
    ("event_days", "-1", "greater than or equal to 0"),
    ("outgoing_allow", "intranet", "neither host:port"),
    ("outgoing_http", "perhaps", "boolean"),
    ("requests_per_minute", "-1", "greater than or equal to 0"),
    ("budget_ms", "9", "10"),
    ("budget_ms", "soon", "integer"),
    ("drawing_threads", "0", "1"),
    ("picture_memory_mb", "0", "1"),
]


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in os.environ:
        if name.upper().startswith(PREFIX):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def _variable(field: str) -> str:
    return f"{PREFIX}{field.upper()}"


def _refusal(**given: object) -> str:
    with pytest.raises(SettingsError) as refusal:
        read_settings(**given).secured()
    assert "hunter2" not in "".join(traceback.format_exception(refusal.value))
    return str(refusal.value)


@pytest.mark.parametrize("field", FIELDS)
def test_each_setting_is_read_from_its_variable(
    monkeypatch: pytest.MonkeyPatch, field: str
) -> None:
    for name, (text, _) in GOOD.items():
        monkeypatch.setenv(_variable(name), text)
    assert getattr(Settings(), field) == GOOD[field][1] != FIELDS[field].default


def test_what_is_given_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DYNCONTENT_PORT", "1")
    assert read_settings(port="2").port == 2


def test_unset_variables_leave_the_defaults() -> None:
    assert {name: getattr(Settings(), name) for name in FIELDS} == {
        name: field.default for name, field in FIELDS.items()
    }


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"host": "0.0.0.0", "port": 80}, "http://0.0.0.0:80"),
        ({"host": "::1"}, "http://[::1]:8000"),
        ({"base_url": "https://img.example/"}, "https://img.example"),
    ],
)
def test_the_public_url_is_the_base_url_or_where_is_listened(
    given: dict[str, Any], url: str
) -> None:
    assert Settings(**given).public_url == url


# Refusals


@pytest.mark.parametrize(("field", "text", "right"), BAD, ids=[field for field, _, _ in BAD])
def test_what_is_wrong_is_named_with_what_would_be_right(
    monkeypatch: pytest.MonkeyPatch, field: str, text: str, right: str
) -> None:
    monkeypatch.setenv(_variable(field), text)
    line, *rest = _refusal().splitlines()
    assert line.startswith(f"{_variable(field)}: ")
    assert right in line
    assert rest == [f"Every setting is described in {DOCUMENTATION}."]


def test_all_that_is_wrong_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for field, text, _ in BAD:
        monkeypatch.setenv(_variable(field), text)
    *lines, _ = _refusal().splitlines()
    assert sorted(line.partition(":")[0] for line in lines) == sorted(
        {_variable(field) for field, _, _ in BAD}
    )


def test_a_value_that_is_no_secret_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DYNCONTENT_BUDGET_MS", "soon")
    assert "(it is 'soon')" in _refusal()


# Production

NEEDED = ("url_keys", "api_tokens", "base_url", "landing_url", "allowed_hosts")


def test_production_makes_no_secrets_and_touches_no_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("environment", *NEEDED):
        monkeypatch.setenv(_variable(name), GOOD[name][0])
    assert read_settings().secured() == Settings()
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("absent", NEEDED)
def test_production_refuses_to_start_without(monkeypatch: pytest.MonkeyPatch, absent: str) -> None:
    for name in ("environment", *NEEDED):
        if name != absent:
            monkeypatch.setenv(_variable(name), GOOD[name][0])
    assert _refusal().startswith(f"production needs {_variable(absent)}\n")


def test_production_names_all_that_it_lacks(tmp_path: Path) -> None:
    line = _refusal(environment="production").splitlines()[0]
    assert line == f"production needs {', '.join(map(_variable, NEEDED))}"
    assert [*tmp_path.iterdir()] == []


def test_a_misspelt_setting_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DYNCONTENT_ENVIROMENT", "production")
    assert "DYNCONTENT_ENVIROMENT: there is no such setting" in _refusal()


def test_what_the_command_line_reads_is_no_misspelt_setting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DYNCONTENT_URL", "https://img.example")
    monkeypatch.setenv("DYNCONTENT_TOKEN", "a-token")
    assert read_settings().base_url == ""


def test_what_production_lacks_is_said_beside_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DYNCONTENT_ENVIRONMENT", "production")
    monkeypatch.setenv("DYNCONTENT_BUDGET_MS", "soon")
    refusal = _refusal()
    assert "DYNCONTENT_BUDGET_MS: " in refusal
    assert "production needs DYNCONTENT_URL_KEYS" in refusal


@pytest.mark.parametrize("name", ["URL_KEYS", "API_TOKENS", "ALLOWED_HOSTS"])
def test_an_empty_value_is_none_in_production(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    production = {
        "ENVIRONMENT": "production",
        "URL_KEYS": new_secret("k1"),
        "API_TOKENS": "a-token-of-production",
        "BASE_URL": "https://img.example",
        "LANDING_URL": "https://img.example/",
        "ALLOWED_HOSTS": "img.example",
    }
    for setting, value in production.items():
        monkeypatch.setenv(f"{PREFIX}{setting}", value)
    assert read_settings().environment == "production"
    monkeypatch.setenv(f"{PREFIX}{name}", "")
    assert f"production needs {PREFIX}{name}" in _refusal()
    monkeypatch.setenv("DYNCONTENT_BUDGET_MS", "soon")
    assert f"production needs {PREFIX}{name}" in _refusal()


@pytest.mark.parametrize("host", ["https://shop.example", "*.shop.example", "a b", "shop:port"])
def test_what_is_no_host_is_said(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("DYNCONTENT_ALLOWED_HOSTS", host)
    assert f"{host} is no host" in _refusal()


@pytest.mark.parametrize(
    "url", ["https://other.example/", "http://shop.example/", "https://shop.example/ä", "shop"]
)
def test_a_landing_page_is_on_an_allowed_host(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("DYNCONTENT_ALLOWED_HOSTS", "shop.example")
    monkeypatch.setenv("DYNCONTENT_LANDING_URL", url)
    assert "DYNCONTENT_LANDING_URL: " in _refusal()


# Secrets


def test_secrets_are_made_and_kept(tmp_path: Path) -> None:
    first = read_settings().secured()
    assert first == read_settings().secured()
    made = load_or_make(tmp_path / "var")
    assert (first.url_keys, first.api_tokens) == (made.url_keys, (made.api_token,))
    assert first.keyring.signing_key("i")[0] == "k1"


@pytest.mark.parametrize("field", ["url_keys", "api_tokens"])
def test_a_secret_that_is_given_stays_and_the_other_is_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, field: str
) -> None:
    monkeypatch.setenv(_variable(field), GOOD[field][0])
    made = load_or_make(tmp_path / "var")
    expected = {"url_keys": made.url_keys, "api_tokens": (made.api_token,), field: GOOD[field][1]}
    settings = read_settings().secured()
    assert {name: getattr(settings, name) for name in expected} == expected


def test_with_both_secrets_given_no_folder_is_touched(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("url_keys", "api_tokens"):
        monkeypatch.setenv(_variable(name), GOOD[name][0])
    assert read_settings().secured() == Settings()
    assert [*tmp_path.iterdir()] == []


def test_damaged_secrets_are_said_and_left_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "var" / "secrets.json"
    file.parent.mkdir()
    file.write_text("hunter2")
    assert "var/secrets.json holds no secrets" in _refusal()
    assert file.read_text() == "hunter2"


def test_a_folder_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")
    assert _refusal().startswith("no secrets in var: ")


# The documentation

ROW = re.compile(r"^\| *`(DYNCONTENT_\w+)` *\| *(?:`([^`]*)`)? *\| *(\S.*\S) *\|$", re.MULTILINE)


def _default(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value in ((), None) else str(value)


def test_every_setting_is_documented_with_its_default_and_nothing_else_is() -> None:
    text = (Path(__file__).parents[2] / DOCUMENTATION).read_text()
    documented = {variable: default for variable, default, _ in ROW.findall(text)}
    assert documented == {
        _variable(name): _default(field.default) for name, field in FIELDS.items()
    }
    assert set(re.findall(rf"{PREFIX}\w+", text)) == set(documented)


def test_every_setting_says_what_it_is_for() -> None:
    assert [name for name, field in FIELDS.items() if not field.description] == []


def test_the_port_of_a_platform_goes_before_for_all_commands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DYNCONTENT_PORT", "8001")
    monkeypatch.setenv("PORT", "8002")
    settings = read_settings()
    assert settings.public_url == "http://127.0.0.1:8002"
    settings.hosts.check("http://127.0.0.1:8002/")
    assert read_settings(port="8003").port == 8003
    monkeypatch.setenv("PORT", "")
    assert read_settings().port == 8001
