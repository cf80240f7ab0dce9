"""The page about the API in a browser: it fits, is searched, and opens what is pointed to."""

from pathlib import Path

from tests.browser.chromium import opened
from tests.processes import running_demo

SEARCH = """(words => {
  const search = document.querySelector("#search")
  search.value = words
  search.dispatchEvent(new Event("input"))
  return [...document.querySelectorAll("main details.operation:not([hidden])")].map(one => one.id)
})"""


class _At:
    """An address, where a page is a file elsewhere."""

    def __init__(self, address: str) -> None:
        self._address = address

    def as_uri(self) -> str:
        return self._address


def test_the_page_about_the_api(tmp_path: Path) -> None:
    with running_demo(tmp_path) as demo:
        page = _At(f"{demo.base_url}/api/docs#patch_product")
        with opened(tmp_path / "profile", page) as tab:  # type: ignore[arg-type]
            assert tab.evaluate("document.querySelector('#patch_product').open")
            for width in (1280, 360):
                tab.call(
                    "Emulation.setDeviceMetricsOverride",
                    width=width,
                    height=800,
                    deviceScaleFactor=1,
                    mobile=width < 500,
                )
                tab.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
                assert tab.evaluate("document.documentElement.scrollWidth") == width
            found = tab.evaluate(f"{SEARCH}('stock change')")
            assert "post_product_stock" in found
            assert "get_fonts" not in found
            assert tab.evaluate(f"{SEARCH}('xylophone')") == []
            assert len(tab.evaluate(f"{SEARCH}('')")) > 50
            loaded = tab.evaluate("performance.getEntriesByType('resource').map(one => one.name)")
            assert all(address.startswith(f"{demo.base_url}/api/docs/") for address in loaded)
