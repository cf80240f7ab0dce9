import pytest

from renderers.typeface.errors import TypefaceError, reading


@pytest.mark.parametrize("error", [KeyError("a"), OSError(), RecursionError(), AssertionError("b")])
def test_whatever_goes_wrong_is_told_in_words(error: Exception) -> None:
    why = r"^the font is broken in its names; export it again$"
    with pytest.raises(TypefaceError, match=why) as told, reading("its names"):
        raise error
    assert told.value.__cause__ is error


def test_too_much_memory_is_told() -> None:
    why = "takes too much memory in its names; leave out scripts that you do not write"
    with pytest.raises(TypefaceError, match=why), reading("its names"):
        raise MemoryError


def test_what_was_said_already_is_left() -> None:
    said = TypefaceError("too large")
    said.args += ("LookupList",)
    with pytest.raises(TypefaceError) as told, reading("its names"):
        raise said
    assert told.value is said
    assert str(said) == "too large"


def test_what_goes_well_is_left() -> None:
    with reading("its names"):
        pass
