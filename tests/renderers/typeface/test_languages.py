import pytest

from renderers.typeface.languages import LETTERS, MOST_TOLD, alphabet, covered


def test_the_languages_of_the_product_are_there() -> None:
    wanted = "en fi et sv lv lt de fr es pl ru uk el ar he"
    assert set(wanted.split()) <= set(LETTERS)
    assert list(LETTERS) == sorted(LETTERS)


@pytest.mark.parametrize("language", LETTERS)
def test_an_alphabet_has_each_letter_once_in_both_cases(language: str) -> None:
    letters = alphabet(language)
    assert len(set(letters)) == len(letters)
    assert all(len(letter) == 1 for letter in letters)
    assert {letter.lower() for letter in letters} == set(LETTERS[language])


def test_german_has_no_capital_of_sz() -> None:
    assert "SS" not in alphabet("de")
    assert "ß" in alphabet("de")


@pytest.mark.parametrize("language", LETTERS)
def test_a_language_is_covered_by_its_letters_and_no_fewer(language: str) -> None:
    letters = alphabet(language)
    whole, lacks = covered(letters)
    assert language in whole
    assert not any(lack.startswith(language) for lack in lacks)
    whole, lacks = covered(letters[:-1])
    assert language not in whole
    assert f"{language}: {letters[-1]}" in lacks


def test_what_lacks_is_named_where_the_script_is_there() -> None:
    whole, lacks = covered(alphabet("en") + list("ÅåÄäÖöÕõÜü"))
    assert whole == ("en",)
    assert "et: Š š Ž ž" in lacks
    assert "fi: Š š Ž ž" in lacks
    assert not any(lack.startswith(("ru", "el", "ar", "he")) for lack in lacks)


def test_of_much_that_lacks_the_first_are_named() -> None:
    [lack] = [lack for lack in covered(alphabet("en"))[1] if lack.startswith("lv")]
    assert lack.endswith(" …")
    assert len(lack.split()) == 1 + MOST_TOLD + 1


def test_nothing_covers_nothing() -> None:
    assert covered("") == ((), ())
