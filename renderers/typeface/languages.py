"""Which languages a font can write: for each the letters that a text in it needs.

After the main exemplar characters of Unicode CLDR, with the letters that names and loanwords need.
"""

from collections.abc import Collection

_LATIN = "abcdefghijklmnopqrstuvwxyz"
_CYRILLIC = "абвгдежзийклмнопрстуфхцчшщьюя"

LETTERS = {
    "ar": "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىي،؛؟",
    "da": _LATIN + "æøå",
    "de": _LATIN + "äöüß",
    "el": "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ",
    "en": _LATIN,
    "es": _LATIN + "áéíñóúü¿¡",
    "et": _LATIN + "õäöüšž",
    "fi": _LATIN + "åäöšž",
    "fr": _LATIN + "àâæçéèêëîïôœùûüÿ",
    "he": "אבגדהוזחטיכךלמםנןסעפףצץקרשת",
    "lt": _LATIN + "ąčęėįšųūž",
    "lv": _LATIN + "āčēģīķļņšūž",
    "nb": _LATIN + "æøå",
    "pl": _LATIN + "ąćęłńóśźż",
    "ru": _CYRILLIC + "ёъыэ",
    "sv": _LATIN + "åäöé",
    "uk": _CYRILLIC + "ґєії",
}
MOST_TOLD = 12


def alphabet(language: str) -> list[str]:
    """The letters in both cases, each one character."""
    letters = LETTERS[language]
    both = [case for letter in letters for case in (letter.upper(), letter)]
    return list(dict.fromkeys(letter for letter in both if len(letter) == 1))


def covered(characters: Collection[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The languages whose letters are all there; and for those of which at least half is there,
    what is lacking: `et: Š š Ž ž`."""
    whole, lacks = [], []
    for language in LETTERS:
        letters = alphabet(language)
        lacking = [letter for letter in letters if letter not in characters]
        if not lacking:
            whole.append(language)
        elif 2 * len(lacking) <= len(letters):
            more = ["…"] if len(lacking) > MOST_TOLD else []
            lacks.append(f"{language}: {' '.join(lacking[:MOST_TOLD] + more)}")
    return tuple(whole), tuple(lacks)
