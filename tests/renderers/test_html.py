from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from renderers.html import linked_picture
from tests.renderers.support import law

Attributes = list[tuple[str, str | None]]


class Elements(HTMLParser):
    """What a reader of HTML finds."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.opened: list[tuple[str, dict[str, str | None]]] = []
        self.closed: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        self.opened.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.closed.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@law
@given(st.text(), st.text(), st.text(), st.integers(1, 2000), st.integers(1, 2000))
def test_whatever_the_texts_they_stay_in_their_attributes(
    picture: str, link: str, alt: str, width: int, height: int
) -> None:
    found = Elements(linked_picture(picture, link, alt, width, height))
    (a, link_attributes), (img, picture_attributes) = found.opened
    assert (a, img, found.closed, found.text) == ("a", "img", ["a"], "")
    assert link_attributes == {"href": link, "target": "_blank"}
    assert picture_attributes == {
        "src": picture,
        "alt": alt,
        "width": str(width),
        "height": str(height),
        "border": "0",
        "style": "display:block;max-width:100%;height:auto;border:0",
    }
