"""`dyncontent token`."""

import asyncio
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from dyncontent.access.scope import ALL
from dyncontent.cli import main
from tests.site import Site


@pytest.fixture(autouse=True)
def environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, store_url: str, prefix: str
) -> None:
    monkeypatch.setenv("DYNCONTENT_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("DYNCONTENT_STORE_URL", store_url)
    monkeypatch.setenv("DYNCONTENT_STORE_PREFIX", prefix)


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["token", *arguments])


def test_a_token_is_made_listed_and_revoked() -> None:
    assert _run("list").output == "There are no stored tokens.\n"
    made = orjson.loads(_run("create", "Shop", "--scope", "links", "--json").output)
    assert made["token"].startswith(f"dct_{made['id']}_")
    assert (made["name"], made["scopes"], made["expires"]) == ("Shop", ["links"], None)
    listed = _run("list")
    assert listed.output.startswith(f"{made['id']}  Shop: links; made ")
    assert "never used" in listed.output
    assert made["token"] not in listed.output
    told = orjson.loads(_run("list", "--json").output)
    assert told == {"tokens": [{name: made[name] for name in made if name != "token"}]}
    assert _run("revoke", made["id"]).output == f"{made['id']} is revoked\n"
    assert orjson.loads(_run("list", "--json").output) == {"tokens": []}


def test_the_token_alone_is_on_standard_output() -> None:
    made = _run("create", "Shop", "--scope", "all", "--days", "30")
    [text] = made.stdout.splitlines()
    assert text.startswith("dct_")
    assert "not shown again" in made.stderr
    assert "Shop: all scopes" in _run("list").output
    [told] = orjson.loads(_run("list", "--json").output)["tokens"]
    assert told["scopes"] == [*ALL]
    assert told["expires"] is not None


@pytest.mark.parametrize(
    "arguments",
    [
        ("create", "Shop"),
        ("create", "Shop", "--scope", "everything"),
        ("create", "Shop", "--scope", "links", "--days", "0"),
        ("create", "", "--scope", "links"),
        ("revoke",),
    ],
)
def test_wrong_usage_is_said(arguments: tuple[str, ...]) -> None:
    assert _run(*arguments).exit_code == 2


def test_what_is_not_there_is_said() -> None:
    refused = _run("revoke", "0" * 12)
    assert (refused.exit_code, "There is no token" in refused.stderr) == (1, True)


@pytest.mark.anyio
async def test_a_running_server_sees_it_at_once(site: Site) -> None:
    made = await asyncio.to_thread(_run, "create", "Shop", "--scope", "facts:read")
    authorization = f"Bearer {made.stdout.strip()}"
    seen = await site.api("GET", "products/rome", authorization=authorization)
    assert seen.status_code == 200
    await asyncio.to_thread(_run, "revoke", authorization.split("_")[1])
    seen = await site.api("GET", "products/rome", authorization=authorization)
    assert seen.status_code == 401
