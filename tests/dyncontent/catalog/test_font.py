from dyncontent.catalog.font import Font
from renderers.typeface import accept
from tests.renderers.typeface.support import blocky


def test_what_is_told_of_a_font_is_all_but_its_bytes() -> None:
    upload = accept(blocky())
    font = Font.of(upload)
    assert (font.id, font.family, font.bytes) == (upload.id, "Blocky", len(upload.data))
    assert Font.model_validate_json(font.encoded()) == font
