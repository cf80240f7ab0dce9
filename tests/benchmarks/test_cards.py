"""The parts of a card are the card."""

from io import BytesIO

from PIL import Image

from benchmarks import alike
from benchmarks.cards import Cards
from benchmarks.peers.opens.thumbor import MOST_APART, TITLE


def _put_together(base: bytes, words: bytes, at: tuple[int, int]) -> bytes:
    with Image.open(BytesIO(base)) as page, Image.open(BytesIO(words)) as letters:
        page.paste(letters, at, letters)
        output = BytesIO()
        page.save(output, "PNG")
    return output.getvalue()


def test_the_words_on_the_base_are_the_card_and_another_s_are_not() -> None:
    cards = Cards()
    own = cards.of("Aino", TITLE)
    places = cards.places("Aino", TITLE)
    for name, is_own in (("Aino", True), ("Väinö", False)):
        made = _put_together(cards.base(), *cards.words(name, TITLE))
        assert (alike.difference(own, made, places) <= MOST_APART) is is_own
