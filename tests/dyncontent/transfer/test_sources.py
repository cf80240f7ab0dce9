"""Data sources, out and in again."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from dyncontent.catalog.source import DataSource
from dyncontent.sources.stored import Sources
from dyncontent.transfer.importing import ImportRefusedError
from tests import samples
from tests.dyncontent.transfer.library import Library, files
from tests.samples import GREY, HOST

pytestmark = pytest.mark.anyio

WARM = {"op": "above", "fact": "source.weather.temperature", "value": 20}


def _source(**changes: Any) -> DataSource:
    given = {
        "url": "https://weather.example/now",
        "headers": {"X-Key": "hunter2"},
        "query": {"appid": "hunter3"},
        "values": {"temperature": {"pointer": "/t", "type": "number"}},
    }
    return DataSource.model_validate_json(orjson.dumps(given | changes))


async def _fill(library: Library) -> None:
    """A source, and a block that depends on it."""
    await Sources(library.store).put("weather", _source())
    warm = samples.variant("warm", GREY, f"https://{HOST}/", condition=WARM)
    await library.save("trip", samples.block(warm), publish=True)


async def _secrets(library: Library) -> dict[str, str | None]:
    stored = await Sources(library.store).get("weather")
    return {**stored.source.headers, **stored.source.query}


async def test_a_source_goes_out_and_in_without_its_secrets(
    library: Library, empty: Library, tmp_path: Path
) -> None:
    await _fill(library)
    done = await library.export(tmp_path / "a")
    assert done.sources == 1
    written = files(tmp_path / "a")
    assert "sources/weather.yaml" in written
    assert b"hunter" not in b"".join(written.values())
    taken = await empty.take_in(tmp_path / "a", publish=True)
    assert (taken.sources, taken.saved_sources) == (1, ("weather",))
    assert "trip" in taken.published
    assert await _secrets(empty) == {"X-Key": None, "appid": None}
    await empty.export(tmp_path / "b")
    assert files(tmp_path / "b") == written


async def test_secrets_that_are_there_stay(library: Library, tmp_path: Path) -> None:
    await _fill(library)
    await library.export(tmp_path)
    revision = (await Sources(library.store).get("weather")).revision
    assert (await library.take_in(tmp_path)).saved_sources == ()
    assert (await Sources(library.store).get("weather")).revision == revision
    path = tmp_path / "sources" / "weather.yaml"
    path.write_text(path.read_text().replace("/now", "/v2"))
    assert (await library.take_in(tmp_path)).saved_sources == ("weather",)
    assert await _secrets(library) == {"X-Key": "hunter2", "appid": "hunter3"}


async def test_secrets_do_not_follow_to_another_host(library: Library, tmp_path: Path) -> None:
    await _fill(library)
    await library.export(tmp_path)
    path = tmp_path / "sources" / "weather.yaml"
    path.write_text(path.read_text().replace("weather.example", "evil.example"))
    await library.take_in(tmp_path)
    assert await _secrets(library) == {"X-Key": None, "appid": None}


async def test_a_source_that_is_gone_leaves_the_folder(library: Library, tmp_path: Path) -> None:
    await _fill(library)
    await library.export(tmp_path)
    await Sources(library.store).delete("weather")
    assert (await library.export(tmp_path)).removed == 1
    assert not (tmp_path / "sources" / "weather.yaml").exists()


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("weather.yaml", "url: https://a.example/\nvalues: {}\n", "sources/weather.yaml: values"),
        ("New-York.yaml", "url: https://a.example/\n", "this is no file of an export"),
    ],
)
async def test_what_is_wrong_is_told_with_its_file(
    library: Library, tmp_path: Path, name: str, text: str, told: str
) -> None:
    await library.export(tmp_path)
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / name).write_text(text)
    with pytest.raises(ImportRefusedError, match=told):
        await library.take_in(tmp_path)


async def test_a_block_that_asks_of_a_source_that_is_not_there_is_refused(
    library: Library, empty: Library, tmp_path: Path
) -> None:
    await _fill(library)
    await library.export(tmp_path)
    (tmp_path / "sources" / "weather.yaml").unlink()
    with pytest.raises(ImportRefusedError, match="is not declared"):
        await empty.take_in(tmp_path)
